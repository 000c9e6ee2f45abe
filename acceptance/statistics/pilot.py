"""Scores of a pilot in, the spread that power is planned with out: item variance, ICC, seed noise.

A pilot is a score file of the base model and of one arm that was trained with several seeds, such as the reference
data that the buyer has today, on the held-out sets of the contract or on their twins under the same names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from acceptance.scores import BASE, ScoresError
from acceptance.statistics.cells import Cells, Score, cells
from acceptance.statistics.gains import digits
from acceptance.statistics.variance import Sample, differences, variance
from spec_lang.lock import Spread

NONE_SEEN = 3.0
"""Rule of three: where no item changed, up to 3 in n may, each by 1. The item variance is never taken for less."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What `Plan` takes instead of its defaults. Variances and ICC have no bias, so by chance they may lie below 0."""

    item_variance: float
    icc: float
    seed_variance: float
    """Of an arm's mean, without what is a residual's."""
    residual_variance: float
    items: float
    """V_I."""
    cubes: float
    """Third central moment of the gain over clusters."""
    clusters: int
    drift: float
    """Covariance over seeds of the gain with its variance over items, as a share of that variance."""
    changed: int
    """Items whose score some seed changed."""

    @property
    def seed_sd(self) -> float:
        return math.sqrt(max(0.0, self.seed_variance))

    @property
    def skewness(self) -> float:
        """Of the clusters' gains: that of their mean is smaller by the root of their number."""
        return self.cubes * math.sqrt(self.clusters) / self.items**1.5 if self.items > 0 else 0.0


def measured(rows: Iterable[Score]) -> tuple[Spread, ...]:
    """The figures of every suite of a pilot, as the lock holds them. Raises ScoresError for what is no pilot."""
    scored = cells(rows)
    if not scored:
        raise ScoresError("a pilot holds scores; this file holds none")
    return tuple(_measured(suite, scored[suite]) for suite in sorted(scored))


def _measured(suite: str, found: Cells) -> Spread:
    arms = sorted({arm for arm, _ in found.runs})
    if len(arms) != 2 or BASE not in arms:
        listed = ", ".join(f"`{arm}`" for arm in arms)
        raise ScoresError(f"suite `{suite}`: a pilot holds the arm `{BASE}` and one trained arm, not {listed}")
    trained = next(arm for arm in arms if arm != BASE)
    sample = found.sample(trained, BASE)
    seeds, items = sample.shape
    try:
        figures = spread(sample)
    except ValueError as error:
        raise ScoresError(f"suite `{suite}`: {error}") from error
    return Spread(
        heldout=suite,
        item_variance=digits(max(figures.item_variance, NONE_SEEN / items)),
        icc=digits(min(1.0, max(0.0, figures.icc))),
        seed_sd=digits(figures.seed_sd),
        residual_variance=digits(figures.residual_variance),
        skewness=digits(figures.skewness),
        drift=digits(figures.drift),
        changed=figures.changed,
        items=items,
        seeds=seeds,
    )


def spread(sample: Sample) -> Figures:
    """Estimates from a pilot: at least two seeds and two items, else ValueError."""
    seeds, items = sample.shape
    if seeds < 2 or items < 2:
        raise ValueError("a pilot needs at least two seeds and two items")
    gains, parts = np.array(differences(sample)), variance(sample)
    arms = [arm for arm in (sample.vendor, sample.other) if len(arm) > 1]
    residual = seeds * items * parts.both / len(arms)
    return Figures(
        item_variance=float(np.var(gains, ddof=1)),
        icc=_icc(gains, sample),
        seed_variance=seeds * (parts.seeds - parts.both) / len(arms),
        residual_variance=residual,
        items=parts.items,
        cubes=parts.cubes,
        drift=seeds * parts.moved,
        clusters=parts.clusters,
        changed=int(np.any(np.array(sample.vendor) != np.array(sample.other), axis=0).sum()),
    )


def _icc(gains: npt.NDArray[np.float64], sample: Sample) -> float:
    """One-way analysis of variance for clusters of unequal size: Donner (1986); by chance below 0."""
    _, index, sizes = np.unique(sample.clusters, return_inverse=True, return_counts=True)
    items, clusters = len(gains), len(sizes)
    if clusters < 2 or clusters == items:
        return 0.0
    means = np.bincount(index, weights=gains) / sizes
    between = float(np.sum(sizes * (means - gains.mean()) ** 2)) / (clusters - 1)
    within = float(np.sum((gains - means[index]) ** 2)) / (items - clusters)
    size = (items - float(np.sum(sizes**2)) / items) / (clusters - 1)
    whole = between + (size - 1) * within
    return (between - within) / whole if whole > 0 else 0.0
