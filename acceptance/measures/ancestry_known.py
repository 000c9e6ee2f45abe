"""Rows to a mark: every parent of the row was delivered, and the row is not its own ancestor nor descends from one."""

from __future__ import annotations

import numpy as np

from acceptance.measures.lineage_depth import BAD, LineageDepth
from acceptance.measures.protocol import RowMark
from acceptance.tables import Column


class AncestryKnown(LineageDepth):
    """The state of `lineage_depth`; rows whose parents are malformed are unknown."""

    def finish(self) -> Column:
        reasons = self.reasons()
        values = np.ones(len(self.counts), dtype=np.bool_)
        values[list(reasons)] = False
        return Column(values, np.array(self.counts, dtype=np.int64) != BAD, self.details(reasons))


MEASURE = RowMark(AncestryKnown)
