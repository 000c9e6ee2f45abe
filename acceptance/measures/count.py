"""The number of chosen rows for which a condition holds."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures._conditions import satisfied
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    rows = satisfied(columns[0], chosen)
    return Aggregated(int(rows.sum()), rows)


MEASURE = Aggregate(reduce)
