"""A column's chosen rows to its p-th percentile, by nearest rank.

Definition (Hyndman and Fan 1996, type 1): of n values in order, the p-th percentile is the value at rank
ceil(p / 100 * n), counted from 1. It is always a value that occurs, so no rounding can move it over an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acceptance.measures.protocol import Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, rows_with, tally

Reduce = Callable[[Sequence[Column], Mask, Use], Aggregated]


def percentile(p: int) -> Reduce:
    """The reduction of a `p<n>` measure; absent values are left out."""

    def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
        counts = tally(columns[0], chosen)
        total = sum(counts.values())
        if not total:
            return Aggregated(None)
        rank = -(-p * total // 100)  # ceil in whole numbers
        for value in sorted(counts):
            rank -= counts[value]
            if rank <= 0:
                break
        return Aggregated(value, rows_with(columns[0], chosen, value))

    return reduce
