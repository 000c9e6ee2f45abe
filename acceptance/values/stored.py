"""Columns to disk and back: what a clause needs of each row stands in a file that all columns share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.tables import ABSENT, Absent, Column
from acceptance.values.dealt import NOTHING, SIZE, Digests
from acceptance.values.exact import FIRSTS, NONE, Mask, coded
from acceptance.values.spill import Numbers

MOST = 1 << 13
"""Different texts of a column that are held."""


class Stored:
    """A finished column: its values and which are known on disk, the rest in memory."""

    def __init__(self, column: Column) -> None:
        self.rest = replace(column, values=column.values[:0].copy(), known=column.known[:0].copy())
        self.values, self.known = Numbers(narrow(column.values), share=True), Numbers(np.bool_, share=True)
        self.values.append(column.values)
        self.known.append(column.known)

    def column(self) -> Column:
        return replace(self.rest, values=self.values.whole(), known=self.known.whole())


class Exact:
    """Exact values as they come: truths and whole numbers as such, all others as codes from the first that is neither.

    Codes are given in the order in which values first appear. Of many texts only the digests are kept.
    """

    def __init__(self, logical: bool) -> None:
        self.logical = logical
        self.values = Numbers(np.bool_ if logical else np.int64, share=True)
        self.kind: type[np.generic] = np.bool_ if logical else np.int32
        """Of the values in memory."""
        self.known = Numbers(np.bool_, share=True)
        self.codes: dict[Any, int] | None = None
        """Value -> its code; a truth stands in a tuple, since `true` and `1` are equal to Python, not to us."""
        self.textual = True
        self.digests: Digests | None = None

    def append(self, found: list[Any], known: Mask) -> None:
        self.known.append(known)
        if self.logical:
            self.values.append(np.array(found, dtype=np.bool_))  # an absent truth does not hold
        elif self.digests is not None:
            part = coded(found)
            self.digests.append(_digests(part.codes or ())[part.values].tobytes())
        elif self.codes is None and set(map(type, found)) <= {int} and all(-(2**62) < one < 2**62 for one in found):
            values = np.array(found, dtype=np.int64)
            self.kind = np.int64 if narrow(values) is np.int64 else self.kind
            self.values.append(values)
        else:
            values = self._coded(found)  # which may begin the values anew
            self.values.append(values)
            if self.textual and len(self.codes or ()) > MOST:
                self._tell_apart()

    def extend(self, later: Exact) -> None:
        """Appends the values of the rows right after these."""
        if later.digests is not None:
            self._tell_apart().extend(later.digests)
            self.known.extend(later.known)
            return
        codes = later.column().codes
        for values, known in zip(later.values.pieces(), later.known.pieces(), strict=True):
            found = values.tolist()
            self.append(found if codes is None else [codes[one] for one in found], known)

    def column(self) -> Column:
        """The values. A text that only a digest is kept of is told by the first row that has it."""
        if self.digests is None:
            codes = None if self.codes is None else [_value(mark) for mark in self.codes]
            return Column(self.values.whole(self.kind), self.known.whole(), codes=codes)
        if not len(self.values):
            firsts = self.digests.firsts()
            firsts[self.digests.rows_with(NOTHING)] = NONE
            self.values.append(firsts)
        return Column(self.values.whole(), self.known.whole(), codes=FIRSTS)

    def _coded(self, found: list[Any]) -> npt.NDArray[np.int64]:
        if self.codes is None:  # from here on whole numbers have codes, too
            numbers, self.values, self.codes = self.values, Numbers(np.int64, share=True), {}
            for piece in numbers.pieces():
                self.values.append(self._coded(piece.tolist()))  # `codes` is there now
        part, codes = coded(found), self.codes
        self.textual = self.textual and all(isinstance(one, str | bytes | Absent) for one in part.codes or ())
        marks = ((one,) if type(one) is bool else one for one in part.codes or ())
        places = np.array([codes.setdefault(one, len(codes)) for one in marks], dtype=np.int64)
        mapped: npt.NDArray[np.int64] = places[part.values]
        return mapped

    def _tell_apart(self) -> Digests:
        """From here on digests are kept, and no values."""
        if self.digests is None:
            self.digests, table = Digests(), _digests([_value(mark) for mark in self.codes or ()])
            for piece in self.values.pieces():
                found = _digests(piece.tolist()) if self.codes is None else table[piece]
                self.digests.append(found.tobytes())
            self.codes, self.values = None, Numbers(np.int32, share=True)
        return self.digests


def narrow(values: npt.NDArray[Any]) -> type[np.generic]:
    """The kind of the values, 32 bits wide where they are whole numbers that fit."""
    fits = values.dtype == np.int64 and values.min(initial=0) >= -(2**31) and values.max(initial=0) < 2**31
    return np.int32 if fits else values.dtype.type


def _value(mark: Any) -> Any:
    return mark[0] if type(mark) is tuple else mark


def _digests(values: Sequence[Any]) -> npt.NDArray[np.uint64]:
    """Shape (values, 2)."""
    return np.frombuffer(b"".join(map(_digest, values)), dtype=np.uint64).reshape(-1, 2)


def _digest(value: Any) -> bytes:
    return NOTHING if value is ABSENT else blake2b(repr(value).encode(), digest_size=SIZE).digest()
