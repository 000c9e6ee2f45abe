"""The share of the chosen rows for which a condition holds, in percent and exact. No rows have no share."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures._conditions import percent, satisfied
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    rows, whole = satisfied(columns[0], chosen), int(chosen.sum())
    if not whole:
        return Aggregated(None)
    part = int(rows.sum())
    return Aggregated(percent(part, whole), rows, f"{part:,} of {whole:,}")


MEASURE = Aggregate(reduce)
