"""Rows to where they stand in the delivery: of each run of consecutive lines, the first is kept.

What stands at no line of its file has the line 0, and so has each row of its run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Self

import numpy as np
import numpy.typing as npt

from acceptance.tables import Batch, Origin


class Places:
    """File, line and lot of every row met so far."""

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[str, int] = {}
        self.firsts, self.files, self.lines, self.numbers = array("q"), array("q"), array("q"), array("q")
        """Of each run: its first row, its file, the line of that row, its lot."""

    def __len__(self) -> int:
        return self.count

    def add(self, batch: Batch) -> None:
        """Remembers the rows of a batch."""
        if "runs" not in batch.cache:
            batch.cache["runs"] = [*_runs(batch.origins)]
        for position, origin in batch.cache["runs"]:
            self._begin(self.count + position, origin)
        self.count += len(batch)

    def merge(self, later: Self) -> None:
        """Appends the places of the rows right after these."""
        for first in later.firsts:
            self._begin(self.count + first, later[first])
        self.count += later.count

    def _begin(self, first: int, origin: Origin) -> None:
        self.firsts.append(first)
        self.files.append(self.names.setdefault(origin.file, len(self.names)))
        self.lines.append(origin.line)
        self.numbers.append(origin.lot)

    def lots(self) -> Iterator[tuple[int, slice]]:
        """Each lot, in the order of delivery, and its rows."""
        begins = [at for at, lot in enumerate(self.numbers) if not at or lot != self.numbers[at - 1]]
        rows = [*(self.firsts[at] for at in begins), self.count]
        yield from zip((self.numbers[at] for at in begins), map(slice, rows, rows[1:]), strict=True)

    def shards(self) -> npt.NDArray[np.int64]:
        """The number of each row's file."""
        return self._each(self.files)

    def _each(self, of_runs: array[int]) -> npt.NDArray[np.int64]:
        return np.repeat(np.array(of_runs, dtype=np.int64), np.diff([*self.firsts, self.count]))

    def __getitem__(self, row: int) -> Origin:
        run = bisect_right(self.firsts, row) - 1
        name = list(self.names)[self.files[run]]
        line = self.lines[run] and self.lines[run] + row - self.firsts[run]
        return Origin(name, line, self.numbers[run])

    def named(self, row: int) -> str:
        """`part-01.jsonl:17`"""
        origin = self[row]
        return f"{origin.file}:{origin.line}"


def _runs(origins: list[Origin]) -> Iterator[tuple[int, Origin]]:
    """The rows, by position, that do not stand right below the one before."""
    file, line, lot = "", 0, 0
    for position, origin in enumerate(origins):
        line += line > 0
        if origin.line != line or origin.file != file or origin.lot != lot or not position:
            file, line, lot = origin.file, origin.line, origin.lot
            yield position, origin
