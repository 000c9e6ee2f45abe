"""Scores of a pilot in, the spread that power is planned with out: item variance, ICC, seed noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from acceptance.statistics.variance import Floats, Sample, differences, overlap_of, seed_variance


@dataclass(frozen=True, slots=True)
class Spread:
    """What `Plan` takes instead of its defaults."""

    item_variance: float
    icc: float
    seed_sd: float


def spread(sample: Sample) -> Spread:
    """Estimates from a pilot: at least two seeds and two items, else ValueError."""
    seeds, items = sample.vendor.shape
    if seeds < 2 or items < 2:
        raise ValueError("a pilot needs at least two seeds and two items")
    gains = differences(sample)
    arms = [arm for arm in (sample.vendor, sample.other) if len(arm) > 1]
    noise = math.fsum(seed_variance(arm) - seeds * overlap_of(arm) for arm in arms) / len(arms)
    return Spread(float(np.var(gains, ddof=1)), _icc(gains, sample), math.sqrt(max(0.0, noise)))


def _icc(gains: Floats, sample: Sample) -> float:
    """One-way analysis of variance for clusters of unequal size: Donner (1986), within 0..1."""
    _, index, sizes = np.unique(sample.clusters, return_inverse=True, return_counts=True)
    items, clusters = len(gains), len(sizes)
    if clusters < 2 or clusters == items:
        return 0.0
    means = np.bincount(index, weights=gains) / sizes
    between = float(np.sum(sizes * (means - gains.mean()) ** 2)) / (clusters - 1)
    within = float(np.sum((gains - means[index]) ** 2)) / (items - clusters)
    size = (items - float(np.sum(sizes**2)) / items) / (clusters - 1)
    whole = between + (size - 1) * within
    return min(1.0, max(0.0, (between - within) / whole)) if whole > 0 else 0.0
