"""A clause over an evidence table (scores, reviews) to its ledger entry, by the statistics of `verdicts`."""

from __future__ import annotations

from acceptance import aggregation, entries, verdicts
from acceptance.entries import Desk
from acceptance.ledger import Entry, Statistics
from acceptance.measures.protocol import Aggregated
from acceptance.wording import quantity, unit_of
from spec_lang.contract import Call, Clause


def statistical_entry(clause: Clause, desk: Desk) -> Entry:
    """Decided by its confidence bounds where it has statistics, else by its value."""
    call = next(one for one in aggregation.aggregates(clause.expr) if aggregation.from_table(one))
    outcome = desk.produced.reduce(call)
    if outcome.value is None:
        return entries.undecided(clause, outcome.note, binding=entries.binding(clause, desk))
    stats = outcome.value if isinstance(outcome.value, Statistics) else None
    decide = verdicts.decide(clause, stats) if stats else verdicts.decide_value(clause, outcome.value)
    decision, reason = decide
    return entries.entry(
        clause,
        verdict=decision,
        binding=entries.binding(clause, desk),
        observed=observed(call, outcome),
        bound=entries.bound(clause),
        reason=reason or entries.forecast(clause, desk),
        statistics=stats,
    )


def observed(call: Call, outcome: Aggregated) -> str:
    """The measured value; a gain in points."""
    value = outcome.value
    if isinstance(value, Statistics):
        words = verdicts.points(verdicts.Decimal(value.delta))
    else:
        words = quantity(value, unit_of(call))
    return f"{words} ({outcome.note})" if outcome.note else words
