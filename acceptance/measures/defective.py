"""Reviews of sampled rows to the share found defective, in percent."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from acceptance.ledger import Verdict
from acceptance.measures.protocol import Aggregated, FromTable, Unavailable, Use
from acceptance.statistics.reviews import Reviewed, decide_sample
from spec_lang.contract import Clause
from spec_lang.planning.power import error
from spec_lang.trialplans import sampling_plan

Reviews = Mapping[str, Reviewed]
"""The evidence table: each rubric's sheet."""


def _reduce(evidence: Any, use: Use) -> Aggregated:
    judged, defective = sheet(evidence, use.word("rubric")).counts()
    share = Fraction(100 * defective, judged) if judged else None
    return Aggregated(value=share, note=f"{defective} of {judged} reviewed rows")


def sheet(reviews: Reviews, rubric: str) -> Reviewed:
    """The sheet of a rubric. Raises Unavailable."""
    if rubric not in reviews:
        raise Unavailable(f"no sheet of reviews under `{rubric}` was given")
    return reviews[rubric]


def decide_review(clause: Clause, reviews: Reviews, rubric: str, attempts: int = 1) -> tuple[Verdict, str]:
    """The verdict of a review clause by its plan for as many rows as there were to draw from. Raises Unavailable."""
    assert clause.statistic is not None
    found = sheet(reviews, rubric)
    plan = sampling_plan(clause, attempts, found.rows)
    return decide_sample(plan, found, Fraction(error(clause.statistic.confidence, attempts)))


MEASURE = FromTable("reviews", _reduce)
