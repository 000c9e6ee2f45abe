"""The share of the most frequent value, in percent and exact, among the chosen rows that give one.

Rows without a value are left out of the whole too, so that leaving values out cannot lower the share.
"""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures._conditions import percent
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, counted


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    (column,) = columns
    found, counts = counted(column, chosen)
    if not len(found):
        return Aggregated(None)
    most, whole = int(counts.max()), int(counts.sum())
    rows = (column.values == found[counts.argmax()]) & chosen & column.known
    return Aggregated(percent(most, whole), rows, f"{most:,} of {whole:,}, among {len(found):,} values")


MEASURE = Aggregate(reduce)
