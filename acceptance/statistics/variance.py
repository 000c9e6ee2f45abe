"""Scores of two arms in, the gain and where its variance comes from out: items, seeds, and what both count.

Notation of docs/statistics.md: arms V (vendor) and R (other), seeds s = 1..S, items i = 1..n in clusters c = 1..C.
Sums are exactly rounded (`fsum`), so that every machine finds the same figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class SampleError(Exception):
    """Scores that no gain can be computed from; str() says what is wrong."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Scores between 0 and 1, a diverged run scoring 0.

    vendor: (S, n). other: (S, n), or (1, n) for a base model, which has no seeds. clusters: (n,), numbered from 0.
    """

    vendor: Floats
    other: Floats
    clusters: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        seeds, items = self.vendor.shape
        if self.other.shape not in ((seeds, items), (1, items)) or self.clusters.shape != (items,) or not items:
            raise SampleError("the two arms have different seeds or items")
        for scores in (self.vendor, self.other):
            if not bool(np.all((scores >= 0) & (scores <= 1))):  # also catches NaN
                raise SampleError("a score lies outside 0..1")


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the variance comes from. Fractions, not points."""

    delta: float
    clusters: int
    items: float
    """V_I, over clusters of items."""
    seeds: float
    """V_S, over training seeds."""
    both: float
    """V_E, counted in each of them."""
    freedom: int
    """Degrees of freedom of V_S."""
    cubes: float
    """Third central moment of Delta, over clusters of items: sum of e_c^3 / n^3, made unbiased."""
    moved: float
    """Covariance over seeds of Delta with its variance over items, as a share of that variance."""

    @property
    def unknown(self) -> bool:
        """One seed or one cluster: there is nothing to estimate a variance from."""
        return math.isnan(self.items) or math.isnan(self.seeds)

    @property
    def variance(self) -> float:
        return self.items + max(0.0, self.seeds - self.both)

    @property
    def skew(self) -> float:
        """Skewness of Delta. Items that a model no longer solves make it negative: rare, and all on one side.

        By the law of total cumulance (Brillinger 1969), over cumulants of Delta given the seeds: the mean of the third,
        and three times the covariance of the first two: a seed that loses more has a lower mean and a larger variance.
        """
        return (self.cubes + 3 * self.items * self.moved) / float(self.variance**1.5)


def variance(sample: Sample) -> Parts:
    """Delta, V_I, V_S and V_E: docs/statistics.md, after Miller (2024), appendix A, with the CR1 correction."""
    seeds, items = sample.vendor.shape
    gains = differences(sample)
    delta = math.fsum(gains) / items
    sums = by_cluster(gains - delta, sample.clusters)
    clusters = len(sums)
    between = clusters / (clusters - 1) * math.fsum(sums**2) / items**2 if clusters > 1 else math.nan
    arms = [arm for arm in (sample.vendor, sample.other) if len(arm) > 1]
    noise = math.fsum(seed_variance(arm) for arm in arms) / seeds if arms else math.nan
    both = math.fsum(overlap_of(arm) for arm in arms)
    cubes = unbiased(clusters) * math.fsum(sums**3) / items**3
    moved = drift(sample.vendor, sample.other) - (drift(sample.other, sample.vendor) if len(sample.other) > 1 else 0.0)
    return Parts(delta, clusters, between, noise, both, len(arms) * (seeds - 1), cubes, moved)


def unbiased(clusters: int) -> float:
    """C^2 / ((C - 1)(C - 2)): residuals show less skewness than the clusters have. Fisher (1930), third k-statistic."""
    return clusters**2 / ((clusters - 1) * (clusters - 2)) if clusters > 2 else 1.0


def differences(sample: Sample) -> Floats:
    """D_i, shape (n,)."""
    result: Floats = sample.vendor.sum(axis=0) / len(sample.vendor) - sample.other.sum(axis=0) / len(sample.other)
    return result


def by_cluster(values: Floats, clusters: npt.NDArray[np.int64]) -> Floats:
    """Sums within clusters, shape (C,); only clusters that occur."""
    _, index = np.unique(clusters, return_inverse=True)
    result: Floats = np.bincount(index, weights=values).astype(np.float64)
    return result


def seed_means(arm: Floats) -> Floats:
    return np.array([math.fsum(row) / len(row) for row in arm])


def seed_variance(arm: Floats) -> float:
    """s2(m): the variance of an arm's mean over seeds."""
    means = seed_means(arm)
    middle = math.fsum(means) / len(means)
    return float(math.fsum((means - middle) ** 2) / (len(means) - 1))


def overlap_of(arm: Floats) -> float:
    """An arm's share of V_E: what is left of a score after its item's and its seed's mean."""
    seeds, items = arm.shape
    if items < 2:
        return 0.0
    return float(math.fsum((residuals(arm) ** 2).ravel()) / ((seeds - 1) * (items - 1) * items * seeds))


def residuals(values: Floats) -> Floats:
    """What is left of (S, n) values after their items' and their seeds' means."""
    seeds, means = len(values), seed_means(values)
    result: Floats = values - values.sum(axis=0) / seeds - means[:, None] + math.fsum(means) / seeds
    return result


def drift(arm: Floats, other: Floats) -> float:
    """How an arm's gain and its variance move together from seed to seed, as a share of that variance.

    With d = x[s,i] less the other arm's mean of item i, m[s] = mean of d and q[s] = mean of d^2: the covariance of m
    and q over seeds, divided by S, less what items bring into it that only one seed changes (as V_E is taken off V_S);
    over the mean of q.
    """
    gains = arm - other.sum(axis=0) / len(other)
    squares = gains**2
    seeds, items = gains.shape
    size = math.fsum(squares.ravel()) / squares.size
    if seeds < 2 or items < 2 or not size:
        return 0.0
    means, sizes = seed_means(gains), seed_means(squares)
    together = math.fsum((means - math.fsum(means) / seeds) * (sizes - math.fsum(sizes) / seeds))
    own = math.fsum((residuals(gains) * residuals(squares)).ravel()) / ((items - 1) * items)
    return float((together - own) / ((seeds - 1) * seeds) / size)
