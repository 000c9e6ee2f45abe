"""The share of trained tokens that lies in rows with a property, in percent and exact.

Columns: the condition, then the recipe's `trained_tokens` of each row, which the engine adds for the parameter `by`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from acceptance.measures._conditions import percent
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column


def reduce(columns: Sequence[Column], chosen: npt.NDArray[np.bool_], use: Use) -> Aggregated:
    condition, trained = columns
    judged = chosen & condition.known & trained.known
    total = int(trained.values[judged].sum())
    marked = judged & condition.values.astype(np.bool_)
    if total == 0:
        return Aggregated(None, note="no row has a trained token")
    skipped = int((chosen & ~judged).sum())
    note = f"{skipped} rows could not be rendered or judged and are left out" if skipped else ""
    return Aggregated(percent(int(trained.values[marked].sum()), total), marked, note)


MEASURE = Aggregate(reduce)
