"""What a clause asks for and what was measured, in the words of the ledger: `<= 30%` beside `29.9 % (541 of 1,805)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from acceptance.engine.wording import describe, digits_for, quantity, unit_of
from acceptance.ledger import Entry
from acceptance.values.parts import walk
from spec_lang.claims import Bound, bounded
from spec_lang.contract import Call, Clause, Const, Contract, Expr, Op
from spec_lang.signatures import is_plugin

if TYPE_CHECKING:
    from acceptance.engine.aggregation import Found


def entry(clause: Clause, **more: Any) -> Entry:
    """The entry of a clause with its fixed parts filled in."""
    return Entry(
        clause=clause.name, role=clause.role, stage=clause.stage, basis=clause.basis, text=clause.text,
        plugins=plugins(clause), **more,
    )  # fmt: skip


def plugins(clause: Clause) -> tuple[str, ...]:
    """Name and version of each plug-in whose measures the clause uses."""
    calls = (node for node in walk(clause.expr) if isinstance(node, Call) and is_plugin(node.measure))
    return tuple(dict.fromkeys(call.word("plugin").rpartition(" ")[0] for call in calls))


def bound(clause: Clause) -> str:
    """What the clause asks for, beside what was observed."""
    if clause.role == "report":
        return ""
    if clause.mark is not None:
        return describe(clause.expr)
    op = clause.expr
    if isinstance(op, Op) and len(op.args) == 2 and isinstance(op.args[0], Call) and not isinstance(op.args[1], Call):
        return f"{op.name} {describe(op.args[1])}"
    return describe(op)


def binding(contract: Contract, clause: Clause, lots: int) -> bool:
    """Row clauses bind always, others at the last lot or where they hold for each lot."""
    return clause.mark is not None or clause.each_lot or lots >= contract.lots


def forecast(contract: Contract, clause: Clause, lots: int) -> str:
    """That a clause's verdict is a forecast, where it binds at the last lot and that has not come."""
    if binding(contract, clause, lots):
        return ""
    due = contract.due_on(contract.lots)
    last = f"binding at the last lot{f', due {due}' if due else ''}"
    return f"a forecast after {lots} of {contract.lots} lots; {last}"


def observed(clause: Clause, found: Mapping[Call, Found], prefix: str = "") -> str:
    """The measured value with its note; several values each with its name."""
    limits = _limits(clause.expr)
    words = [(call, _value(call, one, limits)) for call, one in found.items()]
    if len(words) == 1:
        return prefix + words[0][1]
    return prefix + "; ".join(f"{describe(call)} = {value}" for call, value in words)


def off(clause: Clause, found: Mapping[Call, Found]) -> str:
    """By how many rows a measured share lies outside of its bounds, among as many rows as there are."""
    measured = bounded(clause)
    if measured is None or measured[0].measure != "share":
        return ""
    rows, others = found[measured[0]].rows, found[measured[0]].others
    if rows is None or others is None:
        return ""
    part, (_, low, high) = int(rows.sum()), measured
    whole = part + int(others.sum())
    least = 0 if low is None else _edge(low, whole, ceil)
    most = whole if high is None else _edge(high, whole, floor)
    if part < least:
        return f"{least - part:,} too few among {whole:,} rows"
    return f"{part - most:,} too many among {whole:,} rows" if part > most else ""


def _edge(end: Bound, whole: int, inward: Callable[[Fraction], int]) -> int:
    """The last number of rows within an end that is given in percent."""
    exact = end.value * whole / 100
    step = 1 if inward is ceil else -1
    return int(exact) + step if end.strict and exact.denominator == 1 else inward(exact)


def _limits(expr: Expr) -> list[Const]:
    """The numbers a value is held against, outside of measures."""
    if isinstance(expr, Op):
        return [one for arg in expr.args for one in _limits(arg)]
    if expr.op == "range":
        return [end for end in (expr.low, expr.high) if end]
    return [expr] if isinstance(expr, Const) else []


def _value(call: Call, found: Found, limits: list[Const]) -> str:
    if found.value is None:
        return found.note or "no value"
    ends = [found.value.low] if found.value.certain else [found.value.low, found.value.high]
    digits = max(digits_for(end, limits) for end in ends)
    words = " to ".join(quantity(end, unit_of(call), digits) for end in ends)
    return f"{words} ({found.note})" if found.note else words
