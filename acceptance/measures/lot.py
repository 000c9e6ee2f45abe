"""Rows to a number: the lot in which each was delivered, as the manifest numbers it."""

from __future__ import annotations

from array import array

import numpy as np

from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Column


class Lot:
    """A number per row, (rows,) of int64."""

    def __init__(self, use: Use) -> None:
        self.numbers = array("q")

    def add(self, batch: Batch) -> None:
        self.numbers.extend(origin.lot for origin in batch.origins)

    def merge(self, later: Lot) -> None:
        self.numbers.extend(later.numbers)

    def finish(self) -> Column:
        return Column.of(np.array(self.numbers, dtype=np.int64))


MEASURE = RowMark(Lot)
