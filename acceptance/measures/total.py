"""The sum of a value over the chosen rows that give it, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, tally


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    counts = tally(columns[0], chosen)
    return Aggregated(sum((Fraction(value) * count for value, count in counts.items()), Fraction(0)))


MEASURE = Aggregate(reduce)
