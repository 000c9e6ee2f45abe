"""Operators over whole columns, for expressions that hold a mark: Kleene's logic, exact comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from acceptance.engine.expressions import within
from acceptance.tables import ABSENT, Column, Detail
from acceptance.values import scalar
from acceptance.values.exact import Mask, boxed, coded, exacts, objects, truth
from spec_lang.contract import Expr, Op, Range, SetExpr

LOGIC = ("and", "or", "not", "implies")


def apply(op: Op, columns: Sequence[Column]) -> Column:
    """The operator over its arguments' columns, all of one length. For `in` only the left side is a column."""
    match op.name:
        case "not":
            result = negation(columns[0])
        case "and":
            result = conjunction(columns)
        case "or":
            result = negation(conjunction([negation(column) for column in columns]))
        case "implies":
            result = negation(conjunction([columns[0], negation(columns[1])]))
        case "in":
            result = membership(columns[0], op.args[1])
        case "+" | "-" | "*" | "/":
            result = _arithmetic(op.name, columns)
        case _:
            result = comparison(op.name, columns[0], columns[1])
    if op.name not in LOGIC:
        result.details = _details(columns)
    result.note = "; ".join(dict.fromkeys(column.note for column in columns if column.note))
    return result


def negation(column: Column) -> Column:
    """What explains a truth explains its contrary."""
    return Column(~truth(column), column.known, column.details)


def conjunction(columns: Sequence[Column]) -> Column:
    """False where one is known to be False, else unknown where one is, else True; explained by what makes it so."""
    truths = [truth(column) for column in columns]
    refuted = np.logical_or.reduce([column.known & ~held for column, held in zip(columns, truths, strict=True)])
    known = np.logical_and.reduce([column.known for column in columns])
    result = Column(known & ~refuted, known | refuted)
    for column, held in reversed(list(zip(columns, truths, strict=True))):  # the first argument speaks first
        alike = (column.known == result.known) & ((held == result.values) | ~result.known)
        result.details |= {row: detail for row, detail in column.details.items() if alike[row]}
    return result


def comparison(name: str, left: Column, right: Column) -> Column:
    """`== != < <= > >=`, row by row; unknown where a side is."""
    known = left.known & right.known
    if _plain(left) and _plain(right):
        operate: dict[str, Callable[[Any, Any], Any]] = {
            "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
            ">": np.greater, ">=": np.greater_equal,
        }  # fmt: skip
        return Column(operate[name](left.values, right.values) & known, known)
    pairs = zip(objects(left), objects(right), known.tolist(), strict=True)
    held = [sure and scalar.compare(name, one, other) for one, other, sure in pairs]
    return Column(np.array(held, dtype=np.bool_), known)


def membership(column: Column, right: Expr) -> Column:
    """`in` a range or a set, decided once per different value."""
    if isinstance(right, Range):
        holds = within(right)
    elif isinstance(right, SetExpr):
        members = [scalar.literal(item.value, item.type) for item in right.items]

        def holds(value: Any) -> bool:
            return value is not ABSENT and any(scalar.same(value, member) for member in members)
    else:
        raise TypeError("a mark can be compared with a range or a set, not with a list of the row")
    found = np.unique(column.values)
    hits = np.array([holds(value) for value in exacts(column, found)], dtype=np.bool_)
    return Column(hits[np.searchsorted(found, column.values)], column.known)


def constant(value: Any, rows: int) -> Column:
    """The same value in every row."""
    if isinstance(value, (bool, int)) and abs(value) < 2**62:
        return Column.of(np.full(rows, value))
    return Column(np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_), codes=[value])


def _plain(column: Column) -> bool:
    return column.codes is None and column.values.dtype.kind in "bi"


def _arithmetic(name: str, columns: Sequence[Column]) -> Column:
    known: Mask = np.logical_and.reduce([column.known for column in columns])
    sides = [objects(column) for column in columns]
    if len(sides) == 1:
        sides = [boxed([0] * len(known)), *sides]
    return coded((scalar.arithmetic(name, one, other) for one, other in zip(*sides, strict=True)), known)


def _details(columns: Sequence[Column]) -> dict[int, Detail]:
    """What explains the arguments explains the result; the first argument speaks first."""
    merged: dict[int, Detail] = {}
    for column in reversed(columns):
        merged.update(column.details)
    return merged
