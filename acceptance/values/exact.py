"""Columns to exact values and back: what aggregates count, and what operators above a mark compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.tables import ABSENT, Column

Mask = npt.NDArray[np.bool_]
NONE = -1
"""In a column of FIRSTS, the value of a row that has none."""


class Firsts(Sequence[Any]):
    """Stands where a column has codes, if each value is told by the first row that has it and is not held itself."""

    def __getitem__(self, at: Any) -> Any:
        return ABSENT if at == NONE else at

    def __len__(self) -> int:
        return 0


FIRSTS = Firsts()


def coded(values: Iterable[Any], known: Mask | None = None) -> Column:
    """A column of any exact values: each different one once in `codes`, in the order they first appear."""
    found = list(values)
    mixed = bool in set(map(type, found))  # `true` and `1` are equal to Python, not to us
    marks: list[Any] = [(type(one) is bool, one) for one in found] if mixed else found
    positions = {mark: at for at, mark in enumerate(dict.fromkeys(marks))}
    array = np.fromiter(map(positions.__getitem__, marks), dtype=np.int64, count=len(marks))
    codes = [mark[1] for mark in positions] if mixed else list(positions)
    return Column(array, np.ones(len(array), dtype=np.bool_) if known is None else known, codes=codes)


def tally(column: Column, chosen: Mask) -> dict[Any, int]:
    """How often each exact value stands in the chosen rows. Absent and unknown values are left out."""
    found, counts = _counts(column, chosen)
    totals: dict[Any, int] = {}
    for value, count in zip(exacts(column, found), counts.tolist(), strict=True):
        if value is not ABSENT:
            totals[value] = totals.get(value, 0) + count
    return totals


def counted(column: Column, chosen: Mask) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The different values of the chosen rows, as the column has them, and how often each stands there.

    Absent and unknown values are left out.
    """
    found, counts = _counts(column, chosen)
    kept = given(column, found)
    return found[kept], counts[kept]


def _counts(column: Column, chosen: Mask) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The different values of the chosen rows, rising, and how often each stands there; `np.unique` copies more."""
    values = column.values[chosen & column.known]
    values.sort()
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], len(values) > 0))
    return values[ends], np.diff(ends, prepend=-1)


def given(column: Column, values: npt.NDArray[Any]) -> Mask:
    """Which of some of a column's values are not absent."""
    if column.codes is None or column.codes is FIRSTS:
        present: Mask = np.ones(len(values), dtype=np.bool_) if column.codes is None else values != NONE
        return present
    return np.array([one is not ABSENT for one in exacts(column, values)], dtype=np.bool_)


def exacts(column: Column, values: npt.NDArray[Any]) -> list[Any]:
    """Some of a column's values as exact ones: decoded, and a float as the decimal of its shortest text."""
    if column.codes is not None:
        return [column.codes[code] for code in values.tolist()]
    if values.dtype.kind == "f":
        return [Decimal(repr(value)) for value in values.tolist()]
    return list(values.tolist())


def rows_with(column: Column, chosen: Mask, value: Any) -> Mask:
    """The chosen rows that hold exactly this value."""
    found, _ = counted(column, chosen)
    held = np.zeros(len(chosen), dtype=np.bool_)
    for one, exact in zip(found, exacts(column, found), strict=True):
        if exact == value:
            held |= column.values == one
    return held & chosen & column.known


def objects(column: Column) -> npt.NDArray[Any]:
    """All values as exact Python objects."""
    return boxed(exacts(column, column.values))


def boxed(values: Sequence[Any]) -> npt.NDArray[Any]:
    """An array of objects; also where the values are themselves sequences."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def truth(column: Column) -> Mask:
    """The values as booleans; an absent one holds not."""
    if column.codes is None:
        return column.values.astype(np.bool_, copy=False)
    holds = np.array([bool(code) for code in column.codes], dtype=np.bool_)
    return holds[column.values] if len(holds) else np.zeros(len(column.values), dtype=np.bool_)
