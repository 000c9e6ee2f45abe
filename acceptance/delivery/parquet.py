"""An open Parquet file to its rows as JSON Lines, by a process of its own that is bounded in memory and time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import BinaryIO

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem
from acceptance.delivery.streams import Broken, Budget
from acceptance.errors import Refused, extra

MAGIC = b"PAR1"
MISSING = f"Parquet needs pyarrow; {extra('parquet')}"

CORRUPT = Problem(
    "corrupt", "the Parquet file is damaged, or asks for too much memory or time", "write and send it again"
)
PROBLEMS = {
    b"X": CORRUPT,
    b"C": Problem("column", "a column of the Parquet file has a type that has no JSON form", "send text or numbers"),
    b"T": Problem("duplicate_key", "the Parquet file has two columns of one name", "keep one"),
}


def is_missing() -> bool:
    """Whether the library that reads Parquet is not installed."""
    return find_spec("pyarrow") is None


def rows(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Chunks of lines, a JSON object each. Raises Broken."""
    reader = _reader()
    try:
        for kind, payload in reader.ask(file, b"R"):
            if kind == b"D":
                budget.spend(len(payload))
                yield payload
    finally:
        reader.leave()


def count(file: BinaryIO) -> int:
    """The rows that the file says it has. Raises Broken."""
    reader = _reader()
    try:
        return sum(int.from_bytes(payload, "little") for _, payload in reader.ask(file, b"N"))
    finally:
        reader.leave()


class Reader:
    """The process: one file at a time, any number of files."""

    def __init__(self) -> None:
        self.peer, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "acceptance.delivery.columnar"]
        quiet = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with theirs:
            self.process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | quiet,
            )
        self.peer.settimeout(limits.MAX_SILENCE)
        self.busy = False
        try:
            self._frame()
        except Broken:
            raise Refused("the process that reads Parquet did not start; is pyarrow installed whole?") from None

    def ask(self, file: BinaryIO, what: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(kind, payload) of each frame of the answer but the last. Raises Broken."""
        self.busy = True
        file.seek(0)
        try:
            socket.send_fds(self.peer, [what], [file.fileno()])
        except OSError:
            raise Broken(CORRUPT) from None
        while True:
            kind, payload = self._frame()
            if kind == b"E" or kind in PROBLEMS:
                self.busy = False
            if kind == b"E":
                return
            if kind in PROBLEMS:
                raise Broken(PROBLEMS[kind])
            yield kind, payload

    def leave(self) -> None:
        """Ends the process where it did not finish what it was asked."""
        if self.busy:
            self.process.kill()
            self.process.wait()
            self.peer.close()
            _readers.remove(self)

    def _frame(self) -> tuple[bytes, bytes]:
        header = self._exactly(5)
        return header[:1], self._exactly(int.from_bytes(header[1:], "little"))

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            try:
                piece = self.peer.recv(min(size - len(found), limits.CHUNK))
            except TimeoutError:
                raise Refused("the process that reads Parquet does not answer") from None
            except OSError:
                raise Broken(CORRUPT) from None
            if not piece:
                raise Broken(CORRUPT)
            found += piece
        return bytes(found)


_readers: list[Reader] = []
"""Processes that were started and still answer; all but one are in use."""


def _reader() -> Reader:
    idle = next((reader for reader in _readers if not reader.busy), None)
    if idle is None:
        idle = Reader()
        _readers.append(idle)
    return idle
