"""Rows to a mark: a near copy of an earlier row that belongs to another split.

Copies as `near_duplicate` finds them. Of a cluster the split of the earliest row counts, and those of all rows of
earlier lots, which are judged; rows in any other split are marked. Rows that give no split cross nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._marks import values
from acceptance.measures.near_duplicate import NearDuplicate
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail
from acceptance.values.exact import Mask, coded
from acceptance.values.spill import Ints


class Crosses(NearDuplicate):
    """The state of `near_duplicate`, and each row's split."""

    def __init__(self, use: Use) -> None:
        super().__init__(use)
        self.split = use.getters["split"]
        self.splits: list[Any] = []

    def add(self, batch: Batch) -> None:
        super().add(batch)
        for row in batch.rows:
            found = values(self.split, row)
            self.splits.append(ABSENT if found is None else found[0])

    def merge(self, later: NearDuplicate) -> None:
        super().merge(later)
        if isinstance(later, Crosses):
            self.splits += later.splits

    def finish(self) -> Column:
        clusters = self.clusters()
        column = coded(self.splits)
        given = np.array([value is not ABSENT for value in column.codes or []], dtype=np.bool_)
        placed = given[column.values] if len(given) else np.zeros(0, dtype=np.bool_)
        others = np.full(len(placed), -1)
        earlier = np.zeros(len(placed), dtype=np.bool_)
        for here, roots in clusters.rounds():
            counting = placed & (earlier | (here & (roots == np.arange(len(roots)))))
            others[here] = _other(column.values, roots, counting)[here]
            earlier |= here
        marked = placed & (others >= 0)
        first = np.flatnonzero(marked)[:MAX_DETAILS].tolist()
        known = np.array(self.known, dtype=np.bool_) & (marked | ~clusters.unjudged)
        return Column(marked, known, {row: self._crossing(int(others[row])) for row in first})

    def _crossing(self, other: int) -> Detail:
        message = f"nearly repeats {self.places.named(other)}, which is of another split"
        return Detail(self.path, "rows of one split that no other split repeats", self.places.named(other), message,
                      "keep each of the copies in one split")  # fmt: skip


def _other(splits: Ints, roots: Ints, counting: Mask) -> Ints:
    """For each row the first row that counts in its cluster and is of another split; -1 where there is none."""
    none = len(roots)
    first = np.full(none, none)
    rows = np.flatnonzero(counting)
    np.minimum.at(first, roots[rows], rows)
    first = np.append(first, none)
    differs = rows[splits[rows] != np.append(splits, -1)[first[roots[rows]]]]
    second = np.full(none + 1, none)
    np.minimum.at(second, roots[differs], differs)  # the first that is of another split than the first
    one, two = first[roots], second[roots]
    found = np.where((one < none) & (np.append(splits, -1)[one] != splits), one, two)
    return np.where(found < none, found, -1)


MEASURE = RowMark(Crosses)
