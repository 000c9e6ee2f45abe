"""A clause over an evidence table (scores, reviews) to its ledger entry, by the statistics of that table."""

from __future__ import annotations

from acceptance.engine import aggregation, entries, trial_ledger
from acceptance.engine.entries import Desk
from acceptance.engine.wording import quantity, unit_of
from acceptance.ledger import Entry, Verdict
from acceptance.measures.defective import decide_review
from acceptance.measures.protocol import Aggregated, Unavailable
from acceptance.statistics import verdicts
from acceptance.statistics.cells import ScoresError
from spec_lang.contract import Call, Clause


def statistical_entry(clause: Clause, desk: Desk) -> Entry:
    """Decided by its confidence bounds or sampling plan where it has one, else by its value."""
    call = next(one for one in aggregation.aggregates(clause.expr) if aggregation.from_table(one))
    more = {"binding": entries.binding(clause, desk)}
    try:
        if trial_ledger.decided_here(clause):
            tables = desk.produced.tables
            found = trial_ledger.trial_entry(desk.contract, clause, tables["scores"], tables.get("runs", ()))
            return found.model_copy(update={**more, "reason": found.reason or entries.forecast(clause, desk)})
        outcome = desk.produced.reduce(call)
        decision, reason = _decision(clause, call, outcome, desk)
    except (Unavailable, ScoresError) as missing:
        return entries.undecided(clause, str(missing), **more)
    return entries.entry(
        clause,
        verdict=decision,
        observed=observed(call, outcome),
        bound=entries.bound(clause),
        reason=reason or entries.forecast(clause, desk),
        **more,
    )


def _decision(clause: Clause, call: Call, outcome: Aggregated, desk: Desk) -> tuple[Verdict, str]:
    if call.measure == "defective" and clause.statistic is not None:
        if clause.each_lot and desk.contract.lots > 1:
            raise Unavailable("a sample is drawn from all lots together, and this is asked of each")
        reviews = desk.produced.tables["reviews"]
        return decide_review(clause, reviews, call.word("rubric"), desk.contract.attempts)
    return verdicts.decide_value(clause, outcome.value)


def observed(call: Call, outcome: Aggregated) -> str:
    """The measured value with its note."""
    words = "no value" if outcome.value is None else quantity(outcome.value, unit_of(call))
    return f"{words} ({outcome.note})" if outcome.note else words
