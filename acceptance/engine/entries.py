"""One clause and the judged tables to its entry in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acceptance.engine import aggregation
from acceptance.engine.aggregation import Found
from acceptance.engine.evidence import Produced
from acceptance.engine.findings import first, located, unexplained
from acceptance.engine.functions import Workshop
from acceptance.engine.judging import Interval, Measured, judge
from acceptance.engine.observations import binding, bound, entry, forecast, observed, off
from acceptance.engine.reasons import ABOUT_FILES, home, nothing, told, unjudged
from acceptance.engine.strata import Strata, refuted
from acceptance.ledger import Entry, Finding, Verdict
from acceptance.tables import Detail
from acceptance.values.exact import Mask
from spec_lang.contract import Call, Clause, Contract, Expr, Op, Stage
from spec_lang.types import BOOL

PENDING: dict[Stage, str] = {
    "delivery": "decided on the delivery",
    "review": "decided at the buyer's intake",
    "trial": "decided by the trial",
}


__all__ = ["Desk", "aggregate_entry", "bound", "entry", "row_entry", "undecided"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every entry is written from."""

    contract: Contract
    workshop: Workshop
    strata: Mapping[str, Strata]
    produced: Produced
    show_values: bool
    lots_delivered: int

    def binding(self, clause: Clause) -> bool:
        """Whether its verdict binds after the lots that are here."""
        return binding(self.contract, clause, self.lots_delivered)

    def forecast(self, clause: Clause) -> str:
        """That its verdict is a forecast, where it is one."""
        return forecast(self.contract, clause, self.lots_delivered)


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
    """A row clause: over the rows that come into its stage if it drops, else over those that the stage accepted.

    What a row is by itself is judged in every row that was delivered: no clause drops a row that is not as declared out
    of sight.
    """
    strata = desk.strata[home(clause)]
    column = strata.columns.column(mark)
    drops, accepted = clause.otherwise == "drop record", strata.accepted[clause.stage]
    if isinstance(mark, Call) and mark.measure == "well_formed":
        accepted = strata.everything()
    scope = strata.before(clause.stage) if drops else accepted
    marked = refuted(column) & scope
    unknown = ~column.known & accepted
    open_rows = int(unknown.sum())
    reason = ""
    truth = Interval.at(True)
    count = int(marked.sum())
    if count and not drops:
        truth = Interval.at(False)
    elif open_rows:
        why = told([column], unknown)
        truth, reason = Interval(False, True), unjudged(clause, mark, open_rows, why, desk.contract)
    elif not accepted.any() and desk.contract.volume_low != 0:
        truth, reason = Interval(False, True), nothing(clause, desk.contract)
    return entry(
        clause,
        verdict=verdict(clause, truth),
        observed=_counted(clause, marked, scope, strata, column.note),
        bound=bound(clause),
        reason=reason,
        marked=count,
        dropped=count if drops else 0,
        unjudged=open_rows,
        findings=located(clause, first(marked), strata.places, column.details, unexplained(mark), desk.show_values),
    )


def _counted(clause: Clause, marked: Mask, whole: Mask, strata: Strata, note: str) -> str:
    """How many rows or lines; of the table `files`, in which a file with two faults has two rows, how many files."""
    noun = home(clause) if home(clause) in ABOUT_FILES else "rows"
    if noun == "files":
        counts = [len(np.unique(strata.places.shards()[rows])) for rows in (marked, whole)]
    else:
        counts = [int(rows.sum()) for rows in (marked, whole)]
    fate = "dropped" if clause.otherwise == "drop record" else "fail"
    return f"{counts[0]:,} of {counts[1]:,} {noun} {fate}" + (f" ({note})" if note else "")


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
    if decision == "breached" and clause.origin == "mixture":
        reason = off(clause, found)
    against = _against(clause, found) if decision == "breached" else {}
    return entry(
        clause,
        verdict="undecided" if decision == "reported" and reason else decision,
        binding=desk.binding(clause),
        observed=observed(clause, found, f"lot {lot}: " if lot and len(parts) > 1 else ""),
        bound=bound(clause),
        reason="; ".join(filter(None, (reason, desk.forecast(clause)))),
        marked=int(np.logical_or.reduce(list(against.values())).sum()) if against else 0,
        unjudged=max((one.unjudged for one in found.values()), default=0),
        findings=_located(clause, against, found, desk),
    )


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
            return unjudged(clause, call, one.unjudged, one.why, desk.contract)
    if any(one.empty for one in found.values()):
        return nothing(clause, desk.contract)
    return "the measure has no value on these rows"


def _against(clause: Clause, found: Mapping[Call, Found]) -> dict[Expr, Mask]:
    """For each statement that breaches the clause by a single aggregate, the rows that count against it.

    Those of its condition under a ceiling, the others under a floor.
    """
    if clause.origin in ("mixture", "volume"):
        return {}
    measured = {call: one.value for call, one in found.items()}
    against: dict[Expr, Mask] = {}
    for statement in _refuted(clause.expr, measured):
        calls = aggregation.aggregates(statement)
        if len(calls) == 1:
            floor = isinstance(statement, Op) and statement.name in (">", ">=")
            rows = found[calls[0]].others if floor else found[calls[0]].rows
            against |= {statement: rows} if rows is not None else {}
    return against


def _refuted(expr: Expr, measured: Measured) -> Iterator[Expr]:
    """The statements that make a joined one false: those under `and` that are, those under `or` all."""
    if isinstance(expr, Op) and expr.name in ("and", "or"):
        for arg in expr.args:
            truth = judge(arg, measured)
            if truth is not None and truth.certain and not truth.low:
                yield from _refuted(arg, measured)
    else:
        yield expr


def _located(
    clause: Clause, against: Mapping[Expr, Mask], found: Mapping[Call, Found], desk: Desk
) -> tuple[Finding, ...]:
    """The first rows that count against a statement, explained by its measure, else by the statement."""
    details: dict[int, Detail] = {}
    for statement, rows in reversed(list(against.items())):  # the first statement speaks first
        (call,) = aggregation.aggregates(statement)
        said = unexplained(statement)
        otherwise = Detail(said.path, said.expected, "", f"counts against `{said.expected}`")
        details |= {row: found[call].details.get(row, otherwise) for row in first(rows)}
    places = desk.strata[clause.table].places
    return located(clause, details, places, details, unexplained(clause.expr), desk.show_values)
