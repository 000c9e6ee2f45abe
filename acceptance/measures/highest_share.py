"""Over each group of rows with one value, the highest share that satisfies a condition, in percent and exact.

Groups of fewer than `least` rows are left out, and so are rows that give no value.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, given, truth


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    condition, group = columns
    rows = np.flatnonzero(chosen & condition.known & group.known)
    found, inverse = np.unique(group.values[rows], return_inverse=True)
    holds = truth(condition)[rows]
    sizes = np.bincount(inverse, minlength=len(found))
    hits = np.bincount(inverse, weights=holds, minlength=len(found)).astype(np.int64)
    counted = np.flatnonzero(given(group, found) & (sizes >= int(use.word("least"))))
    if not len(counted):
        return Aggregated(None)
    worst = max(counted.tolist(), key=lambda at: Fraction(int(hits[at]), int(sizes[at])))
    note = f"{hits[worst]:,} of {sizes[worst]:,} in one of {len(counted):,} groups"
    value = Fraction(100 * int(hits[worst]), int(sizes[worst]))
    against = np.zeros(len(chosen), dtype=np.bool_)
    against[rows[(inverse == worst) & holds]] = True
    return Aggregated(value, against, note)


MEASURE = Aggregate(reduce)
