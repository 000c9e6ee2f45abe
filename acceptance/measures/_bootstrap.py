"""Units with their labels to the spread of Krippendorff's alpha: units drawn again with replacement, alpha each time.

Draws come from splitmix64 over a counter, so that they are the same on every machine and in every order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.text.ngrams import FACTOR, mixed

DRAWS = 2_000
BLOCK = 1 << 22
"""Weights held at once."""
Floats = npt.NDArray[np.float64]


def alphas(units: Sequence[Sequence[Any]], metric: str, values: dict[Any, float]) -> Floats:
    """Sorted alphas of DRAWS resamples. `values`: each label's number, or its rank in the order of ordinal labels."""
    ranked = sorted(values, key=values.__getitem__)
    position = {label: at for at, label in enumerate(ranked)}
    counts = np.zeros((len(units), len(ranked)))
    for at, labels in enumerate(units):
        for label in labels:
            counts[at, position[label]] += 1
    numbers = np.array([values[label] for label in ranked])
    step = max(1, BLOCK // len(units))
    parts = [
        _alphas(_weights(range(first, min(first + step, DRAWS)), len(units)), counts, metric, numbers)
        for first in range(0, DRAWS, step)
    ]
    return np.sort(np.concatenate(parts))


def _weights(draws: range, units: int) -> Floats:
    """How often each unit is drawn, in each resample; shape (draws, units)."""
    weights = np.empty((len(draws), units))
    for row, draw in enumerate(draws):
        counter = np.arange(draw * units, (draw + 1) * units, dtype=np.uint64)
        picked = mixed(counter * FACTOR + FACTOR) % np.uint64(units)
        weights[row] = np.bincount(picked.astype(np.int64), minlength=units)
    return weights


def _alphas(weights: Floats, counts: Floats, metric: str, values: Floats) -> Floats:
    """1 - (n - 1) * observed / expected, the sums being linear in the weights but for ordinal differences."""
    totals = weights @ counts
    whole = totals.sum(axis=1)
    share = 1 / (counts.sum(axis=1) - 1)
    if metric == "ordinal":
        seen, chance = _ordinal(weights, counts * share[:, None], counts, totals, share)
    elif metric == "interval":
        seen = weights @ (2 * share * (counts.sum(axis=1) * (counts @ values**2) - (counts @ values) ** 2))
        chance = 2 * (whole * (totals @ values**2) - (totals @ values) ** 2)
    else:
        seen = weights @ (share * (counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)))
        chance = whole**2 - (totals**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance > 0, 1 - (whole - 1) * seen / chance, 1.0)


def _ordinal(weights: Floats, shared: Floats, counts: Floats, totals: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Differences of ranks depend on how often labels occur in each resample."""
    size = counts.shape[1]
    pairs = np.einsum("uc,uk->uck", shared, counts)
    pairs[:, np.arange(size), np.arange(size)] -= shared
    met = (weights @ pairs.reshape(len(counts), -1)).reshape(-1, size, size)
    middle = np.cumsum(totals, axis=1) - totals / 2
    seen, chance = np.empty(len(weights)), np.empty(len(weights))
    for draw in range(len(weights)):
        delta = (middle[draw][:, None] - middle[draw][None, :]) ** 2
        seen[draw] = (met[draw] * delta).sum()
        chance[draw] = totals[draw] @ delta @ totals[draw]
    return seen, chance
