"""One clause and the judged tables to its entry in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance import aggregation
from acceptance.aggregation import Found
from acceptance.evidence import Produced
from acceptance.exact import Mask
from acceptance.findings import located, unexplained
from acceptance.functions import Workshop
from acceptance.judging import Interval, judge
from acceptance.ledger import Entry, Verdict
from acceptance.measures import evidence_of
from acceptance.strata import Strata, refuted
from acceptance.tables import Detail
from acceptance.wording import describe, digits_for, quantity, row_paths, unit_of, walk
from spec_lang.contract import Call, Clause, Const, Contract, Expr, Op, Stage
from spec_lang.types import BOOL

PENDING: dict[Stage, str] = {
    "delivery": "decided on the delivery",
    "review": "decided at the buyer's intake",
    "trial": "decided by the trial",
}
ABOUT_FILES = ("lines", "files")
"""Evidence tables of what reading met: a row is a line or file, not a record."""
NOTHING = "there are no accepted rows to judge"


@dataclass(frozen=True, slots=True)
class Desk:
    """What every entry is written from."""

    contract: Contract
    workshop: Workshop
    strata: Mapping[str, Strata]
    produced: Produced
    show_values: bool
    lots_delivered: int


def entry(clause: Clause, **more: Any) -> Entry:
    """The entry of a clause with its fixed parts filled in."""
    return Entry(
        clause=clause.name, role=clause.role, stage=clause.stage, basis=clause.basis, text=clause.text, **more
    )


def undecided(clause: Clause, reason: str, **more: Any) -> Entry:
    return entry(clause, verdict="undecided", reason=reason, bound=bound(clause), **more)


def verdict(clause: Clause, truth: Interval | None) -> Verdict:
    """Met or breached where the truth is certain."""
    if clause.role == "report":
        return "reported"
    if truth is None or not truth.certain:
        return "undecided"
    return "met" if truth.low else "breached"


# ------------------------------------------------------------------------------------------------ row clauses


def row_entry(clause: Clause, mark: Expr, desk: Desk) -> Entry:
    """A row clause: over all rows that come into its stage if it drops, else over those that the stage accepted."""
    strata = desk.strata[home(clause)]
    column = strata.columns.column(mark)
    drops, accepted = clause.otherwise == "drop record", strata.accepted[clause.stage]
    scope = strata.before(clause.stage) if drops else accepted
    marked = np.flatnonzero(refuted(column) & scope)
    unjudged = int((~column.known & accepted).sum())
    reason = ""
    truth = Interval.at(True)
    if len(marked) and not drops:
        truth = Interval.at(False)
    elif unjudged:
        truth, reason = Interval(False, True), malformed(clause, mark, unjudged, desk)
    elif not accepted.any() and desk.contract.volume_low != 0:
        truth, reason = Interval(False, True), nothing(clause, desk)
    return entry(
        clause,
        verdict=verdict(clause, truth),
        observed=f"{len(marked):,} of {int(scope.sum()):,} rows {'dropped' if drops else 'fail'}",
        bound=bound(clause),
        reason=reason,
        marked=len(marked),
        dropped=len(marked) if drops else 0,
        unjudged=unjudged,
        findings=located(
            clause, marked.tolist(), strata.origins, column.details, unexplained(mark, clause), desk.show_values
        ),
    )


def home(clause: Clause) -> str:
    """The table whose rows a clause marks: `lines` or `files` where its measure speaks of those."""
    calls = (node for node in walk(clause.mark or clause.expr) if isinstance(node, Call))
    return next((source for call in calls if (source := evidence_of(call.measure)) in ABOUT_FILES), clause.table)


def nothing(clause: Clause, desk: Desk) -> str:
    """Why nothing can be said of no rows."""
    if home(clause) in ABOUT_FILES:
        return "nothing was delivered"
    return NOTHING if clause.table == desk.contract.record else f"no rows of {clause.table} were delivered"


def malformed(clause: Clause, expr: Expr, rows: int, desk: Desk) -> str:
    """Why rows could not be judged, naming the type clauses to look at."""
    names = type_clauses(clause, expr, desk.contract)
    see = f"; see {', '.join(names)}" if names else ""
    subject = "1 row has" if rows == 1 else f"{rows:,} rows have"
    return f"{subject} a value that is not of its declared type and could not be judged{see}"


def type_clauses(clause: Clause, expr: Expr, contract: Contract) -> list[str]:
    """The clauses that state the types of the fields an expression reads; at most three."""
    read = {f"{clause.table}.{'.'.join(path.steps)}" for path in row_paths(expr)}
    named = [
        one.name
        for one in contract.clauses
        if one.origin == "field" and any(name == one.name or name.startswith(f"{one.name}.") for name in read)
    ]
    return [name for name in named if name != clause.table][:3] or named[:3]


# ------------------------------------------------------------------------------------------------ aggregates


def aggregate_entry(clause: Clause, desk: Desk) -> Entry:
    """A clause over aggregates of its table; per lot where it says so, else over everything delivered so far."""
    strata = desk.strata[clause.table]
    every = [(0, strata.everything())]
    lots = list(strata.lots(strata.everything())) if clause.each_lot else every
    parts = [(lot, _measured(clause, strata, rows, desk)) for lot, rows in lots or every]
    judged = [(lot, found, _truth(clause, found)) for lot, found in parts]
    lot, found, truth = max(judged, key=lambda part: _severity(clause, part[2]))  # the first of the worst
    decision = verdict(clause, truth)
    reason = _open_reason(clause, found, desk) if decision == "undecided" or truth is None else ""
    counted = _against(clause, found, decision)
    return entry(
        clause,
        verdict="undecided" if decision == "reported" and reason else decision,
        binding=binding(clause, desk),
        observed=observed(clause, found, f"lot {lot}: " if lot and len(parts) > 1 else ""),
        bound=bound(clause),
        reason=reason or forecast(clause, desk),
        marked=len(counted),
        unjudged=max((one.unjudged for one in found.values()), default=0),
        findings=located(
            clause, counted.tolist(), strata.origins, _details(found), _unexplained(clause), desk.show_values
        ),
    )


def binding(clause: Clause, desk: Desk) -> bool:
    """Row clauses bind always, others at the last lot or where they hold for each lot."""
    return clause.mark is not None or clause.each_lot or desk.lots_delivered >= desk.contract.lots


def forecast(clause: Clause, desk: Desk) -> str:
    if binding(clause, desk):
        return ""
    return f"a forecast after lot {desk.lots_delivered} of {desk.contract.lots}; binding at the last lot"


def _measured(clause: Clause, strata: Strata, rows: Mask, desk: Desk) -> dict[Call, Found]:
    calls = aggregation.aggregates(clause.expr)
    return {call: aggregation.measure(call, strata, clause, rows, desk.workshop) for call in calls}


def _truth(clause: Clause, found: Mapping[Call, Found]) -> Interval | None:
    vacuous = all(one.empty for one in found.values()) and clause.expr.type == BOOL
    truth = judge(clause.expr, {call: one.value for call, one in found.items()})
    if vacuous and truth is not None and truth.low is True and _only_conditions(clause.expr):
        return Interval(False, True)
    return truth


def _only_conditions(expr: Expr) -> bool:
    """Whether the truth comes from `every` and `no` alone, which hold of nothing at all."""
    return all(call.measure in ("every", "no") for call in aggregation.aggregates(expr))


def _severity(clause: Clause, truth: Interval | None) -> int:
    return {"breached": 2, "undecided": 1}.get(verdict(clause, truth), 0)


def _open_reason(clause: Clause, found: Mapping[Call, Found], desk: Desk) -> str:
    for call, one in found.items():
        if one.unjudged:
            return malformed(clause, call, one.unjudged, desk)
    if any(one.empty for one in found.values()):
        return nothing(clause, desk)
    return "; ".join(one.note for one in found.values() if one.note) or "the measure has no value on these rows"


def _against(clause: Clause, found: Mapping[Call, Found], decision: Verdict) -> npt.NDArray[np.int64]:
    """The rows that count against one aggregate: those of its condition under a ceiling, the others under a floor."""
    none = np.zeros(0, dtype=np.int64)
    if decision != "breached" or len(found) != 1 or clause.origin in ("mixture", "volume"):
        return none
    (one,) = found.values()
    floor = isinstance(clause.expr, Op) and clause.expr.name in (">", ">=")
    rows = one.others if floor else one.rows
    return none if rows is None else rows


def _details(found: Mapping[Call, Found]) -> dict[int, Detail]:
    return {row: detail for one in reversed(list(found.values())) for row, detail in one.details.items()}


def _unexplained(clause: Clause) -> Detail:
    detail = unexplained(clause.expr, clause)
    return Detail(detail.path, detail.expected, "", f"counts against `{describe(clause.expr)}`", clause.text)


# ------------------------------------------------------------------------------------------------ words


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


def observed(clause: Clause, found: Mapping[Call, Found], prefix: str = "") -> str:
    """The measured value with its note; several values each with its name."""
    limits = _limits(clause.expr)
    words = [(call, _value(call, one, limits)) for call, one in found.items()]
    if len(words) == 1:
        return prefix + words[0][1]
    return prefix + "; ".join(f"{describe(call)} = {value}" for call, value in words)


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

