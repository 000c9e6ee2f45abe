"""Scores of two arms in, the gain with its one-sided bounds out: two-way variance, Satterthwaite, Student's t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from acceptance.ledger import Statistics
from acceptance.statistics.sign_flip import sign_flip
from acceptance.statistics.variance import (
    Parts,
    Sample,
    SampleError,
    by_cluster,
    differences,
    effective,
    seed_means,
    variance,
)
from spec_lang.planning.power import MIN_CLUSTERS, MIN_SEEDS
from spec_lang.planning.student import narrowed, quantile, sf, widened
from spec_lang.types import plain

__all__ = ["Gain", "Sample", "SampleError", "digits", "enough", "gain", "holm", "variance"]

DIGITS = 10
"""Significant digits of every figure that leaves this module."""
LEAST_P = 1e-10
"""A smaller p is given as this."""
MIN_EFFECTIVE = 5
"""Of clusters of one size: with fewer, what one of them brings is a matter of luck that no variance shows."""
NO_VARIANCE = 1e-20
"""Variances up to here are rounding: every item changed by the same amount in every run."""
ROUNDING = 1e-12
UNKNOWN = (math.nan, math.nan, -1.0, 1.0, 1.0)
"""(se, df, lower, upper, p) where nothing is known but that a gain lies between -1 and 1."""


@dataclass(frozen=True, slots=True)
class Gain:
    """The gain of the vendor's arm, its one-sided bounds at error `alpha`, and p of gain <= bound."""

    delta: float
    se: float
    df: float
    lower: float
    upper: float
    p: float
    alpha: Decimal
    items: int
    clusters: int
    effective: float
    seeds: int
    flip_clusters: float
    flip_seeds: float

    def sheet(self, of: str) -> Statistics:
        """As the ledger states it; `of` is the gain in the contract's words."""
        return Statistics(
            of=of,
            delta=digits(self.delta),
            se=digits(self.se),
            df=digits(self.df),
            lower=digits(self.lower),
            upper=digits(self.upper),
            p=digits(max(self.p, LEAST_P)),
            confidence=digits(float(1 - self.alpha)),
            items=self.items,
            clusters=self.clusters,
            effective=digits(self.effective),
            seeds=self.seeds,
            sign_flip_clusters=digits(self.flip_clusters),
            sign_flip_seeds=digits(self.flip_seeds),
        )


def gain(sample: Sample, bound: float = 0.0, alpha: Decimal = Decimal("0.05")) -> Gain:
    """The gain and its bounds. With one seed or one cluster nothing is known: the bounds are -1 and 1."""
    parts = variance(sample)
    seeds, items = sample.shape
    return Gain(
        parts.delta,
        *interval(parts, sample, bound, float(alpha)),
        alpha,
        items,
        parts.clusters,
        parts.effective,
        seeds,
        *_flips(sample, bound),
    )


def interval(parts: Parts, sample: Sample, bound: float, alpha: float) -> tuple[float, float, float, float, float]:
    """(se, df, lower, upper, p): one-sided bounds, each at error `alpha`, and p of a gain no greater than `bound`."""
    if parts.unknown:
        return UNKNOWN
    if max(parts.items, parts.seeds) <= NO_VARIANCE:
        return _alike(parts.delta, sample, bound, alpha)
    if parts.variance <= ROUNDING * (parts.seeds + parts.both):  # runs vary, but all of it cancels: df would be 0
        return UNKNOWN
    se = math.sqrt(parts.variance)
    df = parts.variance**2 / (parts.items**2 / parts.item_freedom + parts.seeds**2 / parts.freedom)
    t, below, above = quantile(1 - alpha, df), max(0.0, -parts.skew / 6), max(0.0, parts.skew / 6)
    lower, upper = parts.delta - widened(t, below) * se, parts.delta + widened(t, above) * se
    p = sf(narrowed((parts.delta - bound) / se, below), df)
    return se, df, max(-1.0, lower), min(1.0, upper), p  # a gain lies between -1 and 1


def _alike(delta: float, sample: Sample, bound: float, alpha: float) -> tuple[float, float, float, float, float]:
    """Bounds where no two items differ, so that no variance can be estimated: the rule of three.

    If C independent clusters show no exception, exceptions are rarer than q = 1 - alpha^(1/C); at worst each of them
    scores -1 (or +1). C is what they are worth where they differ in size.
    """
    independent = effective(sample.clusters)
    rare = 1 - alpha ** (1 / independent)
    asked = max(bound, -1.0)  # so that delta > asked keeps 1 + delta positive
    share = (delta - asked) / (1 + delta) if delta > asked else 0.0
    p = (1 - min(share, 1.0)) ** independent
    return 0.0, len(set(sample.clusters)) - 1.0, delta - rare * (1 + delta), delta + rare * (1 - delta), p


def _flips(sample: Sample, bound: float) -> tuple[float, float]:
    """Sign flips of clusters and of seeds, of what exceeds the bound."""
    beyond = by_cluster((gain - bound for gain in differences(sample)), sample.clusters)
    ours, theirs = seed_means(sample.vendor), seed_means(sample.other)
    over = theirs * (len(ours) // len(theirs))  # a base has one mean for all seeds
    return sign_flip(beyond), sign_flip([one - two - bound for one, two in zip(ours, over, strict=True)])


def enough(stats: Statistics) -> str:
    """Why these figures cannot decide, or an empty text."""
    if stats.seeds < MIN_SEEDS:
        return f"{stats.seeds} training seeds; deciding needs at least {MIN_SEEDS}"
    if stats.clusters < MIN_CLUSTERS:
        return f"{stats.clusters} clusters of items; deciding needs at least {MIN_CLUSTERS}"
    if stats.effective and Decimal(stats.effective) < MIN_EFFECTIVE:
        return outweighed(stats.clusters, float(stats.effective))
    return ""


def outweighed(clusters: int, alike: float) -> str:
    """That a few clusters hold most of the items."""
    size = f"the {clusters} clusters are so unequal that they are worth {alike:.1f} of one size"
    return f"{size}; deciding needs at least {MIN_EFFECTIVE}"


def holm(ps: Sequence[float], alpha: float) -> list[bool]:
    """Which hypotheses fall when any may: the k-th smallest p is held against alpha / (K - k + 1). Holm (1979)."""
    order = sorted(range(len(ps)), key=lambda index: ps[index])
    fallen = [False] * len(ps)
    for rank, index in enumerate(order):
        if ps[index] > alpha / (len(ps) - rank):
            break
        fallen[index] = True
    return fallen


def digits(value: float) -> str:
    """Ten significant digits as a plain decimal; empty for what is not known."""
    return plain(Decimal(f"{value:.{DIGITS - 1}e}")) if math.isfinite(value) else ""
