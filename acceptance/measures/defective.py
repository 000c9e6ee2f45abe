"""Reviews of sampled rows to the share found defective, in percent."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Protocol

from acceptance.ledger import Verdict
from acceptance.measures.protocol import Aggregated, FromTable, Use
from acceptance.statistics.reviews import decide_sample
from spec_lang.contract import Clause
from spec_lang.trialplans import sampling_plan


class Review(Protocol):
    """One row of the reviews table: a sampled row judged under a rubric."""

    @property
    def rubric(self) -> str: ...
    @property
    def defective(self) -> bool: ...


def _reduce(evidence: Any, use: Use) -> Aggregated:
    reviewed, defective = counts(evidence, use.word("rubric"))
    share = Fraction(100 * defective, reviewed) if reviewed else None
    return Aggregated(value=share, note=f"{defective} of {reviewed} reviewed rows")


def counts(reviews: Iterable[Review], rubric: str) -> tuple[int, int]:
    """Rows reviewed under a rubric, and the defective ones."""
    found = [bool(review.defective) for review in reviews if review.rubric == rubric]
    return len(found), sum(found)


def decide_review(clause: Clause, reviews: Iterable[Review], rubric: str, attempts: int = 1) -> tuple[Verdict, str]:
    """The verdict of a review clause by its plan."""
    return decide_sample(sampling_plan(clause, attempts), *counts(reviews, rubric))


MEASURE = FromTable("reviews", _reduce)
