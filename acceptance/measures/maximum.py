"""The greatest value among the chosen rows that give it."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, rows_with, tally


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    counts = tally(columns[0], chosen)
    if not counts:
        return Aggregated(None)
    value = max(counts)
    return Aggregated(value, rows_with(columns[0], chosen, value))


MEASURE = Aggregate(reduce)
