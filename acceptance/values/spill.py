"""What is too large to hold: texts and numbers written to a temporary file as they pass, and read again in pieces."""

from __future__ import annotations

import os
import tempfile
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any, ClassVar

import numpy as np
import numpy.typing as npt

from acceptance.tables import Column
from acceptance.values.exact import Mask

HELD = 1 << 20
"""Bytes of numbers held before they go to a file of their own."""
LITTLE = 1 << 15
"""The same for one of many columns, which share a file."""
NEAR = 1 << 12
"""Numbers between two wanted ones that are read along: one long read is quicker than two short ones."""
PIECE = 1 << 17
"""Numbers read at once at most, apart from a range that is longer."""
ROWS = 1 << 14
"""Rows of which several numbers are looked at together."""

Ints = npt.NDArray[np.signedinteger[Any]]


class Temporary:
    """A file without a name in the folder for temporary files: gone with its owner, however the process ends.

    Raises OSError that names the folder where it cannot be written.
    """

    current: ClassVar[weakref.ref[Temporary] | None] = None

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile(prefix="sftspec-")  # noqa: SIM115 (lives as long as its owner)
        self.end = 0

    @classmethod
    def shared(cls) -> Temporary:
        """The file of all who share one, for as long as any of them is there."""
        file = cls.current() if cls.current else None
        if file is None:
            file = cls()
            cls.current = weakref.ref(file)
        return file

    def write(self, data: bytes | memoryview) -> int:
        try:
            written = self.file.write(data)
        except OSError as error:
            raise _full(error) from error
        self.end += written
        return written

    def flush(self) -> None:
        try:
            self.file.flush()
        except OSError as error:
            raise _full(error) from error

    def read(self, size: int, start: int) -> bytes:
        """Bytes that were written before the last `flush`."""
        return os.pread(self.file.fileno(), size, start)


def _full(error: OSError) -> OSError:
    told = f"cannot take a temporary file ({error.strerror}); make room there, or name another folder in TMPDIR"
    return OSError(error.errno, told, tempfile.gettempdir())


class Numbers:
    """A long array of one kind of numbers: appended in pieces, in memory while they are few and on disk beyond.

    Those of many columns share one file, whose room is free again when the last of them is gone.
    """

    def __init__(self, kind: type[np.generic], share: bool = False) -> None:
        self.kind = np.dtype(kind)
        self.blocks: list[npt.NDArray[Any]] = []
        self.share = share
        self.file: Temporary | None = None
        self.firsts, self.starts = [0], list[int]()
        """Of each stretch of the file its first number and the byte where it begins; at last how many are written."""
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def append(self, numbers: npt.NDArray[Any]) -> None:
        self.blocks.append(np.ascontiguousarray(numbers, dtype=self.kind))
        self.count += len(numbers)
        if (self.count - self.firsts[-1]) * self.kind.itemsize >= (LITTLE if self.share else HELD):
            self._write()

    def extend(self, later: Numbers) -> None:
        """Appends the numbers of another one."""
        for piece in later.pieces():
            self.append(piece)

    def read(self, first: int, last: int) -> npt.NDArray[Any]:
        """The numbers from `first` to before `last`; not to be changed."""
        if not self.starts:
            if len(self.blocks) != 1:
                self.blocks = [np.concatenate([np.zeros(0, dtype=self.kind), *self.blocks])]
            return self.blocks[0][first:last]
        self._write()
        found = [self._stretch(at, first, last) for at in self._stretches(first, last)]
        return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, dtype=self.kind), *found])

    def whole(self, kind: type[np.generic] | None = None) -> npt.NDArray[Any]:
        """All numbers at once, of another kind if that is given, in an array of its own."""
        found, first = np.empty(self.count, dtype=kind or self.kind), 0
        for piece in self.pieces():
            found[first : first + len(piece)] = piece
            first += len(piece)
        return found

    def pieces(self) -> Iterator[npt.NDArray[Any]]:
        """All numbers in order."""
        for first in range(0, self.count, PIECE):
            yield self.read(first, min(first + PIECE, self.count))

    def at(self, places: Ints) -> npt.NDArray[Any]:
        """The numbers at some places, which rise."""
        return self.ranges(places, np.ones(len(places), dtype=np.int64))

    def ranges(self, starts: Ints, lengths: Ints) -> npt.NDArray[Any]:
        """The numbers of many ranges, one after the other; `starts` rise and ranges do not overlap."""
        found = [np.zeros(0, dtype=self.kind)]
        ends = starts + lengths
        apart = (starts[1:] - ends[:-1] > NEAR) | (starts[1:] // PIECE != starts[:-1] // PIECE)
        for low, high in pairwise((0, *(np.flatnonzero(apart) + 1).tolist(), len(starts))):
            if low < high:
                data = self.read(int(starts[low]), int(ends[high - 1]))
                found.append(_picked(data, starts[low:high] - starts[low], lengths[low:high]))
        return np.concatenate(found)

    def _stretches(self, first: int, last: int) -> range:
        return range(bisect_right(self.firsts, first) - 1, bisect_left(self.firsts, last)) if first < last else range(0)

    def _stretch(self, at: int, first: int, last: int) -> npt.NDArray[Any]:
        """What a stretch holds of some numbers."""
        begin, size = self.firsts[at], self.kind.itemsize
        first, last = max(first, begin), min(last, self.firsts[at + 1])
        data = self.file.read((last - first) * size, self.starts[at] + (first - begin) * size) if self.file else b""
        return np.frombuffer(data, dtype=self.kind)

    def _write(self) -> None:
        if self.count == self.firsts[-1]:
            return
        self.file = self.file or (Temporary.shared() if self.share else Temporary())
        start = self.file.end
        for block in self.blocks:
            self.file.write(block.data.cast("B"))
        self.file.flush()
        if self.starts and self.starts[-1] + (self.firsts[-1] - self.firsts[-2]) * self.kind.itemsize == start:
            self.firsts[-1] = self.count
        else:
            self.firsts.append(self.count)
            self.starts.append(start)
        self.blocks = []


def _picked(data: npt.NDArray[Any], starts: Ints, lengths: Ints) -> npt.NDArray[Any]:
    """The numbers of ranges that rise and do not overlap."""
    if lengths.sum() == len(data):
        return data
    steps = np.zeros(len(data) + 1, dtype=np.int8)
    np.add.at(steps, starts, np.int8(1))
    np.add.at(steps, starts + lengths, np.int8(-1))
    return data[np.cumsum(steps[:-1], dtype=np.int8).view(np.bool_)]


@dataclass(slots=True)
class Texts(Column):
    """A column of texts on disk. `values` holds each text's bytes of UTF-8, -1 where it is absent."""

    file: Temporary = field(default_factory=Temporary)

    def chosen(self, rows: Mask) -> Iterator[bytes]:
        """The texts of some rows, one after the other."""
        self.file.flush()
        place = 0
        for first in range(0, len(self.values), PIECE):
            here = slice(first, first + PIECE)
            wanted = (rows[here] & self.known[here]).tolist()
            for length, asked in zip(self.values[here].tolist(), wanted, strict=True):
                if asked and length >= 0:
                    yield self.file.read(length, place)
                place += max(length, 0)


class Spill:
    """Takes texts in batches; `finish` gives the column."""

    def __init__(self) -> None:
        self.file = Temporary()
        self.lengths, self.known = Numbers(np.int64, share=True), Numbers(np.bool_, share=True)

    def add(self, texts: Sequence[str | None], known: Sequence[bool]) -> None:
        """Writes texts; None for one that is absent or malformed."""
        encoded = (None if text is None else text.encode("utf-8", "surrogatepass") for text in texts)
        written = [-1 if data is None else self.file.write(data) for data in encoded]
        self.lengths.append(np.array(written, dtype=np.int64))
        self.known.append(np.array(known, dtype=np.bool_))

    def finish(self) -> Texts:
        return Texts(self.lengths.whole(), self.known.whole(), file=self.file)
