"""The number of different values among the chosen rows that give one."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, counted


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    return Aggregated(len(counted(columns[0], chosen)[0]))


MEASURE = Aggregate(reduce)
