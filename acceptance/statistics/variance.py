"""Scores of two arms in, the gain and where its variance comes from out: items, seeds, and what both count.

Notation of docs/statistics.md: arms V (vendor) and R (other), seeds s = 1..S, items i = 1..n in clusters c = 1..C.
Sums are exactly rounded (`fsum`), so that every machine finds the same figures.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul

Rows = Sequence[Sequence[float]]
"""One row for each seed: (S, n)."""


class SampleError(Exception):
    """Scores that no gain can be computed from; str() says what is wrong."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Scores between 0 and 1, a diverged run scoring 0.

    vendor: (S, n). other: (S, n), or (1, n) for a base model, which has no seeds. clusters: (n,), numbered from 0.
    """

    vendor: Rows
    other: Rows
    clusters: Sequence[int]

    def __post_init__(self) -> None:
        seeds, items = self.shape
        lengths = {len(row) for arm in (self.vendor, self.other) for row in arm}
        if len(self.other) not in (seeds, 1) or lengths != {items} or not items:
            raise SampleError("the two arms have different seeds or items")
        if not all(0 <= score <= 1 for arm in (self.vendor, self.other) for row in arm for score in row):  # nor NaN
            raise SampleError("a score lies outside 0..1")

    @property
    def shape(self) -> tuple[int, int]:
        """(S, n)."""
        return len(self.vendor), len(self.clusters)


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the variance comes from. Fractions, not points."""

    delta: float
    clusters: int
    effective: float
    """How many clusters of equal size they are worth."""
    items: float
    """V_I, over clusters of items."""
    seeds: float
    """V_S, over training seeds."""
    both: float
    """V_E, counted in each of them."""
    freedom: int
    """Degrees of freedom of V_S."""
    cubes: float
    """Third central moment of Delta, over clusters of items, made unbiased."""
    moved: float
    """Covariance over seeds of Delta with its variance over items, as a share of that variance."""

    @property
    def unknown(self) -> bool:
        """One seed or one cluster: there is nothing to estimate a variance from."""
        return math.isnan(self.items) or math.isnan(self.seeds)

    @property
    def item_freedom(self) -> float:
        """Degrees of freedom of V_I: C - 1 for clusters of one size. At least 1: worth so few, they decide nothing."""
        return max(self.effective - 1, 1.0)

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
    """Delta, V_I, V_S and V_E: docs/statistics.md.

    V_I is the jackknife's over clusters. Where they are of one size that is Miller (2024), appendix A, with the CR1
    correction; where one outweighs the rest, CR1 sees little of what that one brings.
    """
    seeds, items = sample.shape
    gains = differences(sample)
    delta = math.fsum(gains) / items
    moves = pulls([gain - delta for gain in gains], sample.clusters)
    clusters = len(moves)
    between = clusters / (clusters - 1) * math.fsum(one * one for one in moves) if clusters > 1 else math.nan
    arms = [arm for arm in (sample.vendor, sample.other) if len(arm) > 1]
    noise = math.fsum(seed_variance(arm) for arm in arms) / seeds if arms else math.nan
    both = math.fsum(overlap_of(arm) for arm in arms)
    cubes = unbiased(clusters) * math.fsum(one * one * one for one in moves)
    moved = drift(sample.vendor, sample.other) - (drift(sample.other, sample.vendor) if len(sample.other) > 1 else 0.0)
    alike = effective(sample.clusters)
    return Parts(delta, clusters, alike, between, noise, both, len(arms) * (seeds - 1), cubes, moved)


def pulls(residuals: Sequence[float], clusters: Sequence[int]) -> list[float]:
    """What each cluster, (C,), brings into Delta: how far Delta moves without it, times (C - 1) / C.

    Of clusters of one size that is the sum of its residuals / n. Tukey (1958); Bell and McCaffrey (2002), CR3.
    """
    sums, sizes = by_cluster(residuals, clusters), by_cluster([1.0] * len(clusters), clusters)
    count, items = len(sums), len(clusters)
    return [one * (count - 1) / (count * (items - size)) if count > 1 else 0.0
            for one, size in zip(sums, sizes, strict=True)]  # fmt: skip


def effective(clusters: Iterable[int | str]) -> float:
    """How many clusters of one size they are worth: their own number where they are, near 1 where one outweighs all.

    (sum of n_c^2)^2 / sum of n_c^4: Satterthwaite (1946) for contributions to Delta that vary as n_c does, as those of
    clusters do that go wrong as a whole. Kish's (sum of n_c)^2 / sum of n_c^2 is larger, and holds where they do not.
    """
    squares = [size * size for size in Counter(clusters).values()]
    return sum(squares) ** 2 / sum(square * square for square in squares)


def unbiased(clusters: int) -> float:
    """C^2 / ((C - 1)(C - 2)): residuals show less skewness than the clusters have. Fisher (1930), third k-statistic."""
    return clusters**2 / ((clusters - 1) * (clusters - 2)) if clusters > 2 else 1.0


def differences(sample: Sample) -> list[float]:
    """D_i, (n,)."""
    return [ours - theirs for ours, theirs in zip(item_means(sample.vendor), item_means(sample.other), strict=True)]


def by_cluster(values: Iterable[float], clusters: Sequence[int]) -> list[float]:
    """Sums within clusters, (C,), in the order of their numbers; only clusters that occur."""
    members: dict[int, list[float]] = defaultdict(list)
    for cluster, value in zip(clusters, values, strict=True):
        members[cluster].append(value)
    return [math.fsum(members[cluster]) for cluster in sorted(members)]


def item_means(arm: Rows) -> list[float]:
    return [whole / len(arm) for whole in map(math.fsum, zip(*arm, strict=True))]


def seed_means(arm: Rows) -> list[float]:
    return [math.fsum(row) / len(row) for row in arm]


def seed_variance(arm: Rows) -> float:
    """s2(m): the variance of an arm's mean over seeds."""
    off = centred(seed_means(arm))
    return math.fsum(map(mul, off, off)) / (len(off) - 1)


def centred(values: Sequence[float]) -> list[float]:
    """Values less their mean."""
    middle = math.fsum(values) / len(values)
    return [value - middle for value in values]


def overlap_of(arm: Rows) -> float:
    """An arm's share of V_E: what is left of a score after its item's and its seed's mean."""
    seeds, items = len(arm), len(arm[0])
    if items < 2:
        return 0.0
    left = residuals(arm)
    return product(left, left) / ((seeds - 1) * (items - 1) * items * seeds)


def residuals(values: Rows) -> list[list[float]]:
    """What is left of (S, n) values after their items' and their seeds' means."""
    items, seeds = item_means(values), seed_means(values)
    grand = math.fsum(seeds) / len(seeds)
    return [
        [value - item - seed + grand for value, item in zip(row, items, strict=True)]
        for row, seed in zip(values, seeds, strict=True)
    ]


def product(first: Rows, second: Rows) -> float:
    """The sum of the products of (S, n) values."""
    return math.fsum(map(mul, chain.from_iterable(first), chain.from_iterable(second)))


def drift(arm: Rows, other: Rows) -> float:
    """How an arm's gain and its variance move together from seed to seed, as a share of that variance.

    With d = x[s,i] less the other arm's mean of item i, m[s] = mean of d and q[s] = mean of d^2: the covariance of m
    and q over seeds, divided by S, less what items bring into it that only one seed changes (as V_E is taken off V_S);
    over the mean of q.
    """
    theirs = item_means(other)
    gains = [[score - mean for score, mean in zip(row, theirs, strict=True)] for row in arm]
    squares = [list(map(mul, row, row)) for row in gains]
    seeds, items = len(arm), len(theirs)
    size = product(gains, gains) / (seeds * items)
    if seeds < 2 or items < 2 or not size:
        return 0.0
    together = math.fsum(map(mul, centred(seed_means(gains)), centred(seed_means(squares))))
    own = product(residuals(gains), residuals(squares)) / ((items - 1) * items)
    return (together - own) / ((seeds - 1) * seeds) / size
