"""What is too large to hold: texts and numbers written to a temporary file as they pass, and read again in pieces."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from acceptance.tables import Column
from acceptance.values.exact import Mask

HELD = 4 << 20
"""Bytes of numbers held before they go to disk."""
NEAR = 1 << 12
"""Numbers between two wanted ones that are read along: one long read is quicker than two short ones."""
PIECE = 1 << 17
"""Numbers read at once at most, apart from a range that is longer."""

Ints = npt.NDArray[np.int64]


class Temporary:
    """A file without a name in the folder for temporary files: gone with its owner, however the process ends.

    Raises OSError that names the folder where it cannot be written.
    """

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile(prefix="sftspec-")  # noqa: SIM115 (lives as long as its owner)

    def write(self, data: bytes | memoryview) -> int:
        try:
            return self.file.write(data)
        except OSError as error:
            raise _full(error) from error

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
    """A long array of one kind of numbers: appended in pieces, in memory while they are few and on disk beyond."""

    def __init__(self, kind: type[np.generic]) -> None:
        self.kind = np.dtype(kind)
        self.blocks: list[npt.NDArray[Any]] = []
        self.file: Temporary | None = None
        self.written = self.count = 0

    def __len__(self) -> int:
        return self.count

    def append(self, numbers: npt.NDArray[Any]) -> None:
        self.blocks.append(np.ascontiguousarray(numbers, dtype=self.kind))
        self.count += len(numbers)
        if (self.count - self.written) * self.kind.itemsize > HELD:
            self._write()

    def read(self, first: int, last: int) -> npt.NDArray[Any]:
        """The numbers from `first` to before `last`; not to be changed."""
        if self.file is None:
            if len(self.blocks) != 1:
                self.blocks = [np.concatenate([np.zeros(0, dtype=self.kind), *self.blocks])]
            return self.blocks[0][first:last]
        if self.blocks:
            self._write()
        size = self.kind.itemsize
        return np.frombuffer(self.file.read((last - first) * size, first * size), dtype=self.kind)

    def pieces(self) -> Iterator[npt.NDArray[Any]]:
        """All numbers in order."""
        for first in range(0, self.count, PIECE):
            yield self.read(first, min(first + PIECE, self.count))

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

    def _write(self) -> None:
        self.file = self.file or Temporary()
        for block in self.blocks:
            self.file.write(block.data.cast("B"))
        self.file.flush()
        self.blocks, self.written = [], self.count


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
        for length, wanted in zip(self.values.tolist(), (rows & self.known).tolist(), strict=True):
            if wanted and length >= 0:
                yield self.file.read(length, place)
            place += max(length, 0)


class Spill:
    """Takes texts one by one; `finish` gives the column."""

    def __init__(self) -> None:
        self.file = Temporary()
        self.lengths: list[int] = []

    def add(self, text: str | None) -> None:
        """Writes one text; None for one that is absent or malformed."""
        data = None if text is None else text.encode("utf-8", "surrogatepass")
        self.lengths.append(-1 if data is None else self.file.write(data))

    def finish(self, known: Mask) -> Texts:
        return Texts(np.array(self.lengths, dtype=np.int64), known, file=self.file)
