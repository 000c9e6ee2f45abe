"""One digest per row to a mark: rows whose digest an earlier row has; the earliest is not marked."""

from __future__ import annotations

from typing import Self

import numpy as np

from acceptance.measures._dealt import Dealt, Repeats, sizes_of
from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from acceptance.values import spill
from acceptance.values.places import Places
from acceptance.values.spill import Numbers

SIZE = 16
NOTHING, UNKNOWN, LAST = bytes(SIZE), b"\xff" * SIZE, np.uint64(2**64 - 1)
"""In place of a digest: there is nothing to compare; the value is malformed."""


class Copies:
    """Sixteen bytes for each row, on disk, and the places.

    A subclass says what is compared (`digest`) and how to explain it (`path`).
    """

    path = "$"
    expected = "values that no earlier row has"
    message = "repeats {0}"
    help = "remove the copy"

    def __init__(self) -> None:
        self.places = Places()
        self.digests = Numbers(np.uint64, share=True)

    def digest(self, row: dict[str, object]) -> bytes:
        """What is compared, as SIZE bytes."""
        raise NotImplementedError

    def add(self, batch: Batch) -> None:
        self.places.add(batch)
        self.digests.append(np.frombuffer(b"".join(map(self.digest, batch.rows)), dtype=np.uint64))

    def merge(self, later: Self) -> None:
        """Joins the state for the rows right after these."""
        self.places.merge(later.places)
        self.digests.extend(later.digests)

    def finish(self) -> Column:
        rows = len(self.digests) // 2
        dealt, known = Dealt(rows, np.uint64, np.uint64, np.int32), np.ones(rows, dtype=np.bool_)
        for start in range(0, rows, spill.PIECE):
            one, other = self.digests.read(2 * start, 2 * min(start + spill.PIECE, rows)).reshape(-1, 2).T
            known[start : start + len(one)] = (one != LAST) | (other != LAST)
            compared = np.flatnonzero(((one != 0) | (other != 0)) & known[start : start + len(one)])
            dealt.append(one[compared], other[compared], compared + start)
        repeats = Repeats(dealt)
        marked = np.zeros(rows, dtype=np.bool_)
        marked[repeats.rows] = True
        first = zip(repeats.rows[:MAX_DETAILS].tolist(), repeats.firsts[:MAX_DETAILS].tolist(), strict=True)
        details = {row: self._detail(self.places.named(earliest)) for row, earliest in first}
        return Column(marked, known, details, clusters=sizes_of(repeats.firsts))

    def _detail(self, where: str) -> Detail:
        return Detail(self.path, self.expected, where, self.message.format(where), self.help)
