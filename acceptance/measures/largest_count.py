"""The number of rows that share the most frequent value, or combination of values; rows that lack one are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask, given


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    codes = []
    for column in columns:
        found, inverse = np.unique(column.values, return_inverse=True)
        chosen = chosen & column.known & given(column, found)[inverse]
        codes.append(inverse)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return Aggregated(None)
    _, inverse, counts = np.unique(np.stack(codes)[:, rows], axis=1, return_inverse=True, return_counts=True)
    most = int(counts.argmax())
    note = f"the most of {len(counts):,} combinations" if len(columns) > 1 else f"the most of {len(counts):,} values"
    chosen[rows] = inverse.reshape(-1) == most
    return Aggregated(int(counts[most]), chosen, note)


MEASURE = Aggregate(reduce)
