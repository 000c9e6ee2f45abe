"""Both parties' risks in, a sampling plan out, no tables: binomial before there is a delivery, hypergeometric for one.

A single delivery is no stream of lots, so the plan protects by LTPD, not by AQL.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

MOST = 20_000
"""Records. A plan that needs more is refused: nobody reads them."""
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

    For any number of rows; for a number that is known, `plan_of` asks for fewer.

    `defective(...) <= 2% at 95% confidence accepting 0.5% at 90%` is plan(0.02, 0.05, 0.005, 0.90).
    Raises PlanError.
    """
    _apart(good, limit)
    return _smallest(
        lambda size, accept: binomial(accept, size, limit) <= consumer,
        lambda size, accept: binomial(accept, size, good) >= producer,
        MOST,
        MOST,
    )


def plan_of(rows: int, limit: Fraction, consumer: Fraction, good: Fraction, producer: Fraction) -> SamplingPlan:
    """The smallest plan for a delivery of so many rows. There is one: to look at all of them.

    More than `limit` of the rows defective is accepted at most with `consumer`; up to `good` at least with `producer`.
    """
    _apart(float(good), float(limit))
    bad, fair = math.floor(rows * limit) + 1, math.floor(rows * good)
    if bad > rows:
        return SamplingPlan(0, 0)  # no rows, or a limit that none can pass
    about = _smallest(
        lambda size, accept: _about(accept, size, bad, rows) <= consumer,
        lambda size, accept: _about(accept, size, fair, rows) >= producer,
        rows,
        bad - 1,
    )
    size, accept = about.size, max(0, about.accept - 1)  # floats find the place, integers the plan
    while True:
        while hypergeometric(accept, size, bad, rows) > consumer:
            size += 1
        while size > accept and hypergeometric(accept, size - 1, bad, rows) <= consumer:
            size -= 1
        if hypergeometric(accept, size, fair, rows) >= producer:
            return SamplingPlan(size, accept)
        accept += 1


def _apart(good: float, limit: float) -> None:
    if not 0 <= good < limit <= 1:
        raise PlanError(f"{good:.2%} cannot be accepted where {limit:.2%} must not be; accept a smaller share")


def hypergeometric(k: int, size: int, bad: int, rows: int) -> Fraction:
    """P(X <= k), exact, where X of `size` rows are defective, drawn of `rows` of which `bad` are."""
    least = max(0, size - (rows - bad))
    if k < least:
        return Fraction(0)
    ways = total = math.comb(bad, least) * math.comb(rows - bad, size - least)
    for x in range(least, min(k, bad, size)):
        ways = ways * (bad - x) * (size - x) // ((x + 1) * (rows - bad - size + x + 1))
        total += ways
    return Fraction(total, math.comb(rows, size))


def _about(k: int, size: int, bad: int, rows: int) -> float:
    """`hypergeometric` to nine digits, and quickly: the smaller tail, from its edge until terms no longer count."""
    least, most = max(0, size - (rows - bad)), min(bad, size)
    if k < least or k >= most:
        return float(k >= most)
    below = k * rows < size * bad
    x, total = (k if below else k + 1), 0.0
    term = math.exp(_log_comb(bad, x) + _log_comb(rows - bad, size - x) - _log_comb(rows, size))
    while least <= x <= most and term > 1e-18 * total:
        total += term
        if below:
            term *= x * (rows - bad - size + x) / ((bad - x + 1) * (size - x + 1))
        else:
            term *= (bad - x) * (size - x) / ((x + 1) * (rows - bad - size + x + 1))
        x += -1 if below else 1
    return total if below else 1 - total


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


Risk = Callable[[int, int], bool]
"""Whether a sample of `size` with up to `accept` defective rows protects one of the parties."""


def _smallest(consumer: Risk, producer: Risk, rows: int, cap: int) -> SamplingPlan:
    """By doubling and halving the acceptance number, which is `cap` at most. Raises PlanError."""

    def meets(accept: int) -> bool:  # the smallest sample that protects the consumer protects the producer too
        return producer(_least(accept, consumer, rows), accept)

    most = min(1, cap)
    while not meets(most):
        most = min(cap, most * 2)
    fewest = most // 2
    while most - fewest > 1:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if meets(middle) else (middle, most)
    tried = range(max(0, most - NEARBY), most + 1)  # counts are whole numbers, so the search is not quite monotone
    accept = next(one for one in tried if meets(one))
    return SamplingPlan(_least(accept, consumer, rows), accept)


def _least(accept: int, protected: Risk, rows: int) -> int:
    """The least sample that protects the consumer; a larger one does, too."""
    low, high = min(accept, rows - 1), min(rows, max(1, 2 * (accept + 1)))
    while not protected(high, accept):
        if high == rows:
            raise PlanError(f"no sample of up to {rows:,} records meets both risks; move the two shares apart")
        low, high = high, min(rows, high * 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if protected(middle, accept) else (middle, high)
    return high
