"""A clause over an evidence table (scores, reviews) to its ledger entry, by the statistics of that table."""

from __future__ import annotations

from acceptance.engine import aggregation, entries, review_ledger, trial_ledger
from acceptance.engine.entries import Desk
from acceptance.engine.wording import quantity, unit_of
from acceptance.ledger import Entry
from acceptance.measures.protocol import Aggregated, Unavailable
from acceptance.statistics import verdicts
from acceptance.statistics.cells import ScoresError
from spec_lang.contract import Call, Clause


def statistical_entry(clause: Clause, desk: Desk) -> Entry:
    """Decided by its confidence bounds or sampling plan where it has one, else by its value."""
    tables, lots = desk.produced.tables, desk.lots_delivered
    if review_ledger.rubric(clause):
        return review_ledger.review_entry(desk.contract, clause, tables["reviews"], lots)
    more = {"binding": desk.binding(clause)}
    try:
        if trial_ledger.decided_here(clause):
            return trial_ledger.trial_entry(desk.contract, clause, desk.produced.scored, tables.get("runs", ()), lots)
        call = next(one for one in aggregation.aggregates(clause.expr) if aggregation.from_table(one))
        outcome = desk.produced.reduce(call)
    except (Unavailable, ScoresError) as missing:
        return entries.undecided(clause, str(missing), **more)
    decision, reason = verdicts.decide_value(clause, outcome.value)
    return entries.entry(
        clause,
        verdict=decision,
        observed=observed(call, outcome),
        bound=entries.bound(clause),
        reason=reason or desk.forecast(clause),
        **more,
    )


def observed(call: Call, outcome: Aggregated) -> str:
    """The measured value with its note."""
    words = "no value" if outcome.value is None else quantity(outcome.value, unit_of(call))
    return f"{words} ({outcome.note})" if outcome.note else words
