"""The mean of a value over the chosen rows that give it, as an exact fraction."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, tally


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    counts = tally(columns[0], chosen)
    rows = sum(counts.values())
    if not rows:
        return Aggregated(None)
    return Aggregated(sum((Fraction(value) * count for value, count in counts.items()), Fraction(0)) / rows)


MEASURE = Aggregate(reduce)
