"""Plug-ins that a command line allows, held against what a contract pins, to functions that answer for rows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance.deal import Deal
from acceptance.measures.protocol import Unavailable
from acceptance.plugins import installed
from acceptance.plugins.installed import Installed, Unusable
from acceptance.plugins.worker import Answer, receive, send
from acceptance.tables import ABSENT
from spec_lang.contract import Call, Const, SetExpr

START, PER_ROW, AT_LEAST = 120.0, 0.5, 20.0
"""Seconds: to start and load models; for each row asked about; for any question."""
MOST_ROWS, MOST_BYTES = 256, 4 << 20
"""Of one question."""
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PYTHONHASHSEED": "0"}

Scan = Callable[[Sequence[Sequence[Any]]], list[Answer]]
"""The values of rows -> an answer for each. Raises Unavailable."""


@contextmanager
def allowed(deal: Deal, names: Sequence[str]) -> Iterator[Callable[[Call], Scan]]:
    """Call of a plug-in's measure -> the function that answers; every process that was started ends with the block."""
    desk = Desk(deal, frozenset(names))
    try:
        yield desk.open
    finally:
        for process in desk.processes:
            process.end()


@dataclass(slots=True)
class Desk:
    """What the command line allows, and the processes at work."""

    deal: Deal
    names: frozenset[str]
    processes: list[Process] = field(default_factory=list)

    def open(self, call: Call) -> Scan:
        """Raises Unavailable where the plug-in may not run, is not here or is not the one that the contract pins."""
        name, version, digest = call.word("plugin").split(" ")
        if name not in self.names:
            raise Unavailable(f"plug-in {name} {version} runs only where you allow it: --plugin {name}")
        try:
            found = installed.find(name)
        except Unusable as error:
            raise Unavailable(str(error)) from error
        self._is_the_one(found, version, digest)
        process = Process(found, call)
        self.processes.append(process)
        return process.ask

    def _is_the_one(self, found: Installed, version: str, digest: str) -> None:
        if found.version != version:
            raise Unavailable(f"plug-in {found.name}: {found.version} is installed, the contract pins {version}")
        if found.sha256 != digest:
            message = f"its files have sha256 {found.sha256[:12]}, the contract pins {digest[:12]}"
            raise Unavailable(f"plug-in {found.name} {version}: {message}; install what was agreed on")
        reading = self.deal.compiled.reading
        texts = [file.span.source.text for file in reading.files] if reading else []
        if found.signatures not in texts:
            message = f"{found.name}.sftspec is not the file of signatures that it brings"
            raise Unavailable(f"plug-in {found.name} {version}: {message}; `sftspec plugin {found.name}` writes it")


class Process:
    """One measure of one plug-in, with the options of one use."""

    def __init__(self, plugin: Installed, call: Call) -> None:
        self.plugin = plugin
        self.peer, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "acceptance.plugins.worker"],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=os.environ | OFFLINE | {"PYTHONPATH": str(Path(__file__).parents[2])},
            )  # fmt: skip
        try:
            order = {
                "root": str(plugin.root), "path": sys.path, "module": plugin.module, "attribute": plugin.attribute,
                "file": str(plugin.file), "measure": call.measure.partition(".")[2], "options": options(call),
            }  # fmt: skip
            self._exchange(order, START)
        except BaseException:
            self.end()
            raise

    def ask(self, rows: Sequence[Sequence[Any]]) -> list[Answer]:
        """An answer for each row. Raises Unavailable; then the process has ended."""
        answers: list[Answer] = []
        try:
            for part in _parts([[_plain(value) for value in row] for row in rows]):
                found = self._exchange({"rows": part}, max(AT_LEAST, PER_ROW * len(part)))["answers"]
                if len(found) != len(part):
                    raise self._failure("does not answer for each row")
                answers += found
        except BaseException:
            self.end()
            raise
        return answers

    def end(self) -> None:
        """Kills the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.peer.close()

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.peer.settimeout(seconds)
        try:
            with suppress(BrokenPipeError):  # then there is an answer that says why, or none
                send(self.peer, message)
            found = receive(self.peer)
        except TimeoutError:
            raise self._failure(f"has not answered for {seconds:.0f} s") from None
        except (OSError, ValueError):
            found = None
        if found is None:
            raise self._failure("ended without an answer")
        if "failed" in found:
            raise self._failure(str(found["failed"]))
        return found

    def _failure(self, what: str) -> Unavailable:
        return Unavailable(
            f"plug-in {self.plugin.name} {self.plugin.version} failed, which is no fault of the data: {what}"
        )


def options(call: Call) -> dict[str, Any]:
    """What is written in the call: a text each, a list for several."""
    found: dict[str, Any] = {}
    for argument in call.args:
        if argument.name == "plugin" or not isinstance(argument.value, Const | SetExpr):
            continue
        value = (
            argument.value.value if isinstance(argument.value, Const) else [one.value for one in argument.value.items]
        )
        before = found.get(argument.name)
        found[argument.name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def _plain(value: Any) -> Any:
    """A delivered value as JSON has it; an absent one is null."""
    if value is ABSENT or value is None or isinstance(value, bool | str | int | float):
        return None if value is ABSENT else value
    return json.loads(json.dumps(value, default=str))


def _parts(rows: list[list[Any]]) -> Iterator[list[list[Any]]]:
    """Questions of bounded length."""
    part: list[list[Any]] = []
    size = 0
    for row in rows:
        weight = len(json.dumps(row))
        if part and (len(part) == MOST_ROWS or size + weight > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += weight
    if part:
        yield part
