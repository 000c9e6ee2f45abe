"""Rows to a mark: a near copy of an earlier row that belongs to another split.

Copies as `near_duplicate` finds them. Of a cluster the earliest row's split counts; rows of it in any other are marked.
Rows that give no split cross nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._marks import values
from acceptance.measures.near_duplicate import NearDuplicate
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail
from acceptance.values.exact import coded


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
        roots = clusters.roots
        marked = placed & placed[roots] & (column.values != column.values[roots])
        first = np.flatnonzero(marked)[:MAX_DETAILS].tolist()
        known = np.array(self.known, dtype=np.bool_) & (marked | ~clusters.unjudged)
        return Column(marked, known, {row: self._crossing(int(roots[row])) for row in first})

    def _crossing(self, root: int) -> Detail:
        message = f"nearly repeats {self.places[root]}, which is of another split"
        return Detail(self.path, "rows of one split that no other split repeats", self.places[root], message,
                      "keep each of the copies in one split")  # fmt: skip


MEASURE = RowMark(Crosses)
