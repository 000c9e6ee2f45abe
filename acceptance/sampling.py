"""Both parties' risks in, a sampling plan out; reviewed counts in, a verdict out. Exact binomial, no tables.

A single delivery is no stream of lots, so the plan protects by LTPD, not by AQL (acceptance.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from acceptance.ledger import Verdict

MOST = 1_000_000
"""Records. A plan that needs more is refused."""


class PlanError(Exception):
    """Risks that no sample can meet; str() says what to change."""


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """Review `size` records drawn at random; accept with at most `accept` defective ones."""

    size: int
    accept: int


def accepted(plan: SamplingPlan, share: float) -> float:
    """The operating characteristic: chance of acceptance when this share of records is defective."""
    return binomial(plan.accept, plan.size, share)


def binomial(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial (n, p). The sum of logs: no term underflows alone."""
    if p <= 0 or k >= n:
        return 1.0
    if p >= 1:
        return 0.0
    return min(1.0, math.fsum(math.exp(_log_term(i, n, p)) for i in range(k + 1)))


def _log_term(i: int, n: int, p: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
    return choose + i * math.log(p) + (n - i) * math.log1p(-p)


def plan(limit: float, consumer: float, good: float, producer: float) -> SamplingPlan:
    """The smallest plan that accepts `limit` defective at most with `consumer`, `good` at least with `producer`.

    `defective(...) <= 2% at 95% confidence accepting 0.5% at 90%` is plan(0.02, 0.05, 0.005, 0.90).
    Raises PlanError.
    """
    if not 0 <= good < limit <= 1:
        raise PlanError(f"a share of {good} cannot be accepted when {limit} must not be; accept a smaller share")
    accept = 0
    while True:
        found = SamplingPlan(_least(accept, limit, consumer), accept)
        if accepted(found, good) >= producer:  # "at 90%" includes it
            return found
        accept += 1


def _least(accept: int, limit: float, consumer: float) -> int:
    """The least n with P(X <= accept) <= consumer at the limit; it falls with n."""
    low, high = accept, max(1, 2 * (accept + 1))
    while binomial(accept, high, limit) > consumer:
        low, high = high, high * 2
        if high > MOST:
            raise PlanError(f"no sample of up to {MOST:,} records meets both risks; move the two shares apart")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial(accept, middle, limit) <= consumer else (middle, high)
    return high


def decide_sample(agreed: SamplingPlan, reviewed: int, defective: int) -> tuple[Verdict, str]:
    """The verdict of a review. Breached as soon as the defects exceed the plan's number, met only at its full size."""
    counts = f"{defective} of {reviewed} reviewed records are defective"
    terms = f"the plan accepts {agreed.accept} of {agreed.size}"
    if reviewed > agreed.size:
        return "undecided", f"{counts}, but {terms}: a sample is fixed before the review; draw {agreed.size} anew"
    if defective > agreed.accept:
        return "breached", f"{counts}; {terms}"
    if reviewed < agreed.size:
        return "undecided", f"{counts}; {terms}: review {agreed.size - reviewed} more"
    return "met", f"{counts}; {terms}"
