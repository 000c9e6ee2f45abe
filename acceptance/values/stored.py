"""Columns to disk and back: what a clause needs of each row stands in a file that all columns share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.tables import Column
from acceptance.values.exact import Mask, coded
from acceptance.values.spill import Numbers


class Stored:
    """A finished column: its values and which are known on disk, the rest in memory."""

    def __init__(self, column: Column) -> None:
        self.rest = replace(column, values=column.values[:0].copy(), known=column.known[:0].copy())
        self.values, self.known = Numbers(column.values.dtype.type, share=True), Numbers(np.bool_, share=True)
        self.values.append(column.values)
        self.known.append(column.known)

    def column(self) -> Column:
        return replace(self.rest, values=self.values.whole(), known=self.known.whole())


class Exact:
    """Exact values as they come: truths and whole numbers as such, all others as codes from the first that is neither.

    Codes are given in the order in which values first appear.
    """

    def __init__(self, logical: bool) -> None:
        self.logical = logical
        self.values = Numbers(np.bool_ if logical else np.int64, share=True)
        self.known = Numbers(np.bool_, share=True)
        self.codes: dict[Any, int] | None = None
        """Value -> its code; a truth stands in a tuple, since `true` and `1` are equal to Python, not to us."""

    def append(self, found: list[Any], known: Mask) -> None:
        self.known.append(known)
        if self.logical:
            self.values.append(np.array(found, dtype=np.bool_))  # an absent truth does not hold
        elif self.codes is None and set(map(type, found)) <= {int} and all(-(2**62) < one < 2**62 for one in found):
            self.values.append(np.array(found, dtype=np.int64))
        else:
            self._begin()
            self.values.append(self._coded(found))

    def extend(self, later: Exact) -> None:
        """Appends the values of the rows right after these."""
        codes = later.column().codes
        for values, known in zip(later.values.pieces(), later.known.pieces(), strict=True):
            found = values.tolist()
            self.append(found if codes is None else [codes[one] for one in found], known)

    def column(self) -> Column:
        codes = None if self.codes is None else [one[0] if type(one) is tuple else one for one in self.codes]
        return Column(self.values.whole(), self.known.whole(), codes=codes)

    def _begin(self) -> None:
        """From here on there are codes, for whole numbers too."""
        if self.codes is None:
            numbers, self.values, self.codes = self.values, Numbers(np.int64, share=True), {}
            for piece in numbers.pieces():
                self.values.append(self._coded(piece.tolist()))

    def _coded(self, found: list[Any]) -> npt.NDArray[np.int64]:
        part, codes = coded(found), self.codes if self.codes is not None else {}
        marks = ((one,) if type(one) is bool else one for one in part.codes or ())
        places = np.array([codes.setdefault(one, len(codes)) for one in marks], dtype=np.int64)
        mapped: npt.NDArray[np.int64] = places[part.values]
        return mapped
