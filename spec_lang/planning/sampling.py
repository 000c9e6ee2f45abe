"""Both parties' risks in, a sampling plan out. Exact binomial, no tables.

A single delivery is no stream of lots, so the plan protects by LTPD, not by AQL (acceptance.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST = 1_000_000
"""Records. A plan that needs more is refused."""
NEARBY = 8


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
    """P(X <= k) for X binomial (n, p): the smaller tail is summed, from its edge until terms no longer count."""
    if p <= 0 or k >= n:
        return 1.0
    if p >= 1 or k < 0:
        return 0.0
    if k < n * p:
        return min(1.0, _tail(k, n, p))
    return max(0.0, 1.0 - _tail(n - k - 1, n, 1 - p))


def _tail(k: int, n: int, p: float) -> float:
    """Terms k, k-1, ..., 0, each from the one before."""
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(choose + k * math.log(p) + (n - k) * math.log1p(-p))
    total = term
    for i in range(k, 0, -1):
        term *= i * (1 - p) / ((n - i + 1) * p)
        total += term
        if term < 1e-18 * total:
            break
    return total


def plan(limit: float, consumer: float, good: float, producer: float) -> SamplingPlan:
    """The smallest plan that accepts `limit` defective at most with `consumer`, `good` at least with `producer`.

    `defective(...) <= 2% at 95% confidence accepting 0.5% at 90%` is plan(0.02, 0.05, 0.005, 0.90).
    Raises PlanError.
    """
    if not 0 <= good < limit <= 1:
        raise PlanError(f"{good:.2%} cannot be accepted where {limit:.2%} must not be; accept a smaller share")
    most = 1
    while not _meets(most, limit, consumer, good, producer):
        most *= 2
    fewest = most // 2
    while most - fewest > 1:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if _meets(middle, limit, consumer, good, producer) else (middle, most)
    tried = range(max(0, most - NEARBY), most + 1)  # counts are whole numbers, so the search is not quite monotone
    accept = next(one for one in tried if _meets(one, limit, consumer, good, producer))
    return SamplingPlan(_least(accept, limit, consumer), accept)


def _meets(accept: int, limit: float, consumer: float, good: float, producer: float) -> bool:
    """Whether the smallest sample that protects the consumer protects the producer too; "at 90%" includes it."""
    return accepted(SamplingPlan(_least(accept, limit, consumer), accept), good) >= producer


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
