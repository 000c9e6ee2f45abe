"""The share of the most frequent value, in percent and exact, among the chosen rows that give one.

Rows without a value are left out of the whole too, so that leaving values out cannot lower the share.
"""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.measures._conditions import percent
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, rows_with, tally


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    counts = tally(columns[0], chosen)
    if not counts:
        return Aggregated(None)
    value = max(counts, key=lambda one: counts[one])
    whole = sum(counts.values())
    note = f"{counts[value]:,} of {whole:,}, among {len(counts):,} values"
    return Aggregated(percent(counts[value], whole), rows_with(columns[0], chosen, value), note)


MEASURE = Aggregate(reduce)
