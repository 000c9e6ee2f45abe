"""Measured aggregates to a truth: an expression over intervals, which rows that could not be judged leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.engine.expressions import within
from acceptance.tables import ABSENT
from acceptance.values import scalar
from spec_lang.contract import Call, Const, Expr, Op, Range, SetExpr


@dataclass(frozen=True, slots=True)
class Interval:
    """All that a value may be: `low..high`, both included. For a truth, False is below True."""

    low: Any
    high: Any

    @classmethod
    def at(cls, value: Any) -> Interval:
        return cls(value, value)

    @property
    def certain(self) -> bool:
        return scalar.same(self.low, self.high)


MAYBE = Interval(False, True)

Measured = Mapping[Call, Interval | None]
"""None for an aggregate without a value, such as the mean of no rows."""


def judge(expr: Expr, measured: Measured) -> Interval | None:
    """The value of an expression over aggregates; None where nothing is known of a number, MAYBE of a truth."""
    match expr:
        case Const(value=value, type=type_):
            return Interval.at(scalar.literal(value, type_))
        case Call():
            return measured[expr]
        case Op():
            return _operator(expr, measured)
        case _:
            raise TypeError(f"`{expr.op}` cannot stand over aggregates")


def _operator(op: Op, measured: Measured) -> Interval | None:
    sides = [judge(arg, measured) for arg in op.args[: 1 if op.name == "in" else None]]
    truths = [side or MAYBE for side in sides]
    match op.name:
        case "not":
            return _not(truths[0])
        case "and":
            return Interval(all(side.low for side in truths), all(side.high for side in truths))
        case "or":
            return Interval(any(side.low for side in truths), any(side.high for side in truths))
        case "implies":
            return Interval(not truths[0].high or truths[1].low, not truths[0].low or truths[1].high)
    known = [side for side in sides if side is not None]
    if op.name in ("+", "-", "*", "/"):
        return _arithmetic(op.name, known) if len(known) == len(sides) else None
    if len(known) < len(sides):
        return MAYBE
    return _within(known[0], op.args[1]) if op.name == "in" else _compared(op.name, known[0], known[1])


def _not(side: Interval) -> Interval:
    return Interval(not side.high, not side.low)


def _compared(name: str, left: Interval, right: Interval) -> Interval:
    """Certain where every pair of values answers alike."""
    if name in (">", ">="):
        return _compared("<" if name == ">" else "<=", right, left)
    if name in ("<", "<="):
        return Interval(scalar.compare(name, left.high, right.low), scalar.compare(name, left.low, right.high))
    if left.certain and right.certain:
        return Interval.at(scalar.compare(name, left.low, right.low))
    disjoint = scalar.compare("<", left.high, right.low) or scalar.compare("<", right.high, left.low)
    return Interval.at(name == "!=") if disjoint else MAYBE


def _within(value: Interval, right: Expr) -> Interval:
    if isinstance(right, Range):
        holds = within(right)
        if holds(value.low) and holds(value.high):
            return Interval.at(True)
        below = right.low is not None and _compared("<", value, _literal(right.low)).low
        above = right.high is not None and _compared(">", value, _literal(right.high)).low
        return Interval.at(False) if below or above else MAYBE
    if isinstance(right, SetExpr) and value.certain:
        return Interval.at(any(scalar.same(value.low, scalar.literal(one.value, one.type)) for one in right.items))
    return MAYBE


def _literal(const: Const) -> Interval:
    return Interval.at(scalar.literal(const.value, const.type))


def _arithmetic(name: str, sides: list[Interval]) -> Interval | None:
    left, right = sides if len(sides) == 2 else (Interval.at(0), sides[0])
    if name == "/" and right.low <= 0 <= right.high:
        return None
    corners = [scalar.arithmetic(name, one, two) for one in (left.low, left.high) for two in (right.low, right.high)]
    return None if ABSENT in corners else Interval(min(corners), max(corners))
