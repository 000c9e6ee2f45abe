"""Chunks of bytes to exact reads from them, and the count of what one file unpacks to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem

BOMB = Problem("bomb", "the file unpacks to far more than it holds; reading stopped", "send it less compressed")


class Broken(Exception):
    """The rest of a file or member cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """A file from where it stands: a little first, since most of many files are small."""
    size = limits.CHUNK >> 4
    while chunk := file.read(size):
        yield chunk
        size = limits.CHUNK


class Stream:
    """Reads from chunks that never come back. A source that broke stays broken: each read raises the same Broken."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self._at = 0
        self._broken: Broken | None = None

    def some(self, most: int = limits.CHUNK) -> bytes:
        """Between one byte and `most`; empty at the end."""
        if self._at == len(self._rest):
            self._rest, self._at = self._next(), 0
        piece = self._rest[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self._rest) - self._at < size and (chunk := self._next()):
            self._rest, self._at = self._rest[self._at :] + chunk, 0
        return self._rest[self._at : self._at + size]

    def start(self, size: int) -> bytes:
        """What `peek` shows, also where the stream breaks within it; who reads on meets the break."""
        try:
            return self.peek(size)
        except Broken:
            return self._rest[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        piece = self.peek(size)
        self._at += len(piece)
        return piece

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, piece by piece; fewer at the end."""
        while size and (piece := self.some(min(size, limits.CHUNK))):
            size -= len(piece)
            yield piece

    def chunks(self) -> Iterator[bytes]:
        """All that is left."""
        while piece := self.some():
            yield piece

    def put_back(self, data: bytes) -> None:
        """Undoes the reading of bytes."""
        self._rest, self._at = data + self._rest[self._at :], 0

    def only_zeros(self) -> bool:
        """Whether nothing but NUL is left; reads it."""
        return all(not piece.strip(b"\0") for piece in self.chunks())

    def _next(self) -> bytes:
        if self._broken:
            raise self._broken
        try:
            return next(self._chunks, b"")
        except Broken as broken:
            self._broken = broken
            raise


class Budget:
    """What one file may unpack to, on all levels together, by what was read of it so far."""

    def __init__(self) -> None:
        self._packed = 0
        self._made = 0
        self._bomb = Broken(BOMB)

    def take(self, packed: int) -> None:
        """Bytes were read from the file."""
        self._packed += packed

    def spend(self, made: int) -> None:
        """Bytes were made of them. Raises Broken, the same each time, beyond the bounds."""
        self._made += made
        if self._made > limits.RATIO_FROM and self._made > limits.MAX_RATIO * self._packed:
            raise self._bomb
        if self._made > limits.MAX_FILE:
            raise self._bomb
