"""Rows to a number: the lot in which each was delivered, as the manifest numbers it."""

from __future__ import annotations

import numpy as np

from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Column
from acceptance.values.spill import Numbers


class Lot:
    """A number per row, (rows,) of int64."""

    def __init__(self, use: Use) -> None:
        self.numbers = Numbers(np.int64, share=True)

    def add(self, batch: Batch) -> None:
        self.numbers.append(np.array([origin.lot for origin in batch.origins], dtype=np.int64))

    def merge(self, later: Lot) -> None:
        self.numbers.extend(later.numbers)

    def finish(self) -> Column:
        return Column.of(self.numbers.whole())


MEASURE = RowMark(Lot)
