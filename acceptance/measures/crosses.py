"""Rows to a mark: a near copy of an earlier row that belongs to another split.

Copies as `near_duplicate` finds them. Of a cluster the split of the earliest row counts, and those of all rows of
earlier lots, which are judged; rows in any other split are marked. Rows that give no split cross nothing.
"""

from __future__ import annotations

import numpy as np

from acceptance.measures._marks import values
from acceptance.measures.near_duplicate import NearDuplicate
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail
from acceptance.values.dealt import Firsts, repeating
from acceptance.values.exact import Mask, given
from acceptance.values.spill import Ints
from acceptance.values.stored import Exact


class Crosses(NearDuplicate):
    """The state of `near_duplicate`, and each row's split."""

    def __init__(self, use: Use) -> None:
        super().__init__(use)
        self.split = use.getters["split"]
        self.splits = Exact(logical=False)

    def add(self, batch: Batch) -> None:
        super().add(batch)
        found = [values(self.split, row) for row in batch.rows]
        self.splits.append([ABSENT if one is None else one[0] for one in found], np.ones(len(found), dtype=np.bool_))

    def merge(self, later: NearDuplicate) -> None:
        super().merge(later)
        if isinstance(later, Crosses):
            self.splits.extend(later.splits)

    def finish(self) -> Column:
        clusters, column, details = self.clusters(), self.splits.column(), dict[int, Detail]()
        marked = np.zeros(len(self.known), dtype=np.bool_)
        for lot, roots in clusters.rounds():
            rows = _joined(roots)
            splits, heads = column.values[rows], np.searchsorted(rows, roots[rows])
            placed = given(column, splits)
            others = _other(splits, heads, placed & ((rows < lot.start) | (roots[rows] == rows)))
            crossing = np.flatnonzero(placed & (others >= 0) & (rows >= lot.start))
            marked[rows[crossing]] = True
            for at in crossing[: MAX_DETAILS - len(details)].tolist():
                details[int(rows[at])] = self._crossing(int(rows[others[at]]))
        column = self.column(clusters, marked)
        column.details = details
        return column

    def _crossing(self, other: int) -> Detail:
        message = f"nearly repeats {self.places.named(other)}, which is of another split"
        return Detail(self.path, "rows of one split that no other split repeats", self.places.named(other), message,
                      "keep each of the copies in one split")  # fmt: skip


def _joined(roots: Firsts) -> Ints:
    """The rows of clusters of two and more, rising."""
    joined = repeating(roots)
    joined[roots[joined]] = True
    return np.flatnonzero(joined)


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
