"""Contract and filled sheets in, what people decide out: `certify` writes it, `verify` writes it again."""

from __future__ import annotations

from collections.abc import Mapping

from acceptance.engine.observations import binding, bound, entry, forecast
from acceptance.engine.wording import quantity
from acceptance.ledger import Entry
from acceptance.statistics.reviews import Reviewed, decide_review
from acceptance.statistics.verdicts import decide_value
from spec_lang.basis import calls
from spec_lang.contract import Clause, Contract

Reviews = Mapping[str, Reviewed]
"""Each rubric's sheet."""


def rubric(clause: Clause) -> str:
    """The rubric by which people decide a clause; empty where they do not."""
    return next((call.word("rubric") for call in calls(clause.expr) if call.measure == "defective"), "")


def review_entry(contract: Contract, clause: Clause, reviews: Reviews, lots: int) -> Entry:
    """The entry of a clause that has a rubric, after so many lots."""
    binds = binding(contract, clause, lots)
    missing = _missing(contract, clause, reviews)
    if missing:
        return entry(clause, verdict="undecided", reason=missing, bound=bound(clause), binding=binds)
    found = reviews[rubric(clause)]
    if clause.statistic is not None:
        verdict, reason = decide_review(clause, found, contract.attempts)
    else:
        verdict, reason = decide_value(clause, found.share)
    judged, defective = found.counts()
    share = "no value" if found.share is None else quantity(found.share, "%")
    observed = f"{share} ({defective} of {judged} reviewed rows)"
    reason = reason or forecast(contract, clause, lots)
    return entry(clause, verdict=verdict, observed=observed, bound=bound(clause), reason=reason, binding=binds)


def _missing(contract: Contract, clause: Clause, reviews: Reviews) -> str:
    if clause.statistic is not None and clause.each_lot and contract.lots > 1:
        return "a sample is drawn from all lots together, and this is asked of each"
    return "" if rubric(clause) in reviews else f"no sheet of reviews under `{rubric(clause)}` was given"
