"""A planned trial in, the chance that it decides out: what a buyer can know before anybody trains anything."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from spec_lang.planning.scatter import Scatter, chance, root

MIN_SEEDS = 5
MIN_CLUSTERS = 10
"""With fewer of either, the degrees of freedom leave no power: the clause stays undecided (docs/statistics.md)."""

ITEM_VARIANCE = 1 / 9
"""Variance of an item's gain, until a pilot tells: Miller (2024), section 5, two models on uniform scores."""
ICC = 0.1
"""Correlation of gains within a cluster, until a pilot tells: a cautious house figure, no source."""
SEED_SD = 0.01
"""Standard deviation of an arm's mean over seeds, until a pilot tells: docs/statistics.md."""
RESIDUAL_VARIANCE = 0.1
"""Variance of a score that neither its item nor its seed explains, until a pilot tells: a house figure, no source."""

POWER = 0.80
GUARD_POWER = 0.99
"""What `check` asks of a gain clause, and of a guard (a bound below zero): many guards must hold at once."""

MOST_ITEMS = 1_000_000
MOST_SEEDS = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial before it runs. `seeded_arms` is 2 against a reference that is trained too, 1 against the base model."""

    items: int
    clusters: int
    seeds: int
    seeded_arms: int = 1
    item_variance: float = ITEM_VARIANCE
    icc: float = ICC
    seed_sd: float = SEED_SD
    residual_variance: float = RESIDUAL_VARIANCE
    skewness: float = 0.0
    """Of the clusters' gains; clusters are taken to be as large as those of the pilot."""
    drift: float = 0.0
    """Covariance over seeds of an arm's gain and the gain's variance over items, as a share of that variance."""
    changing: float = 1.0
    """Share of items whose score training changes with some seed, up or down."""

    @property
    def still(self) -> float:
        """Chance that no item of the trial changes: Poisson. Nothing can then be estimated from differences."""
        return math.exp(-self.changing * self.items)

    @property
    def scatter(self) -> Scatter:
        """What the trial will estimate.

        V_I = w2 * deff / n, deff = 1 + (m - 1) * ICC with m items per cluster; V_S = arms * seed_sd^2 / S: Miller
        (2024), appendix A, and what seeds add.
        """
        deff = 1 + (self.items / self.clusters - 1) * self.icc
        items = self.item_variance * deff / self.items
        return Scatter(
            clusters=self.clusters,
            freedom=self.seeded_arms * (self.seeds - 1),
            items=items,
            seeds=self.seeded_arms * self.seed_sd**2 / self.seeds,
            both=self.seeded_arms * self.residual_variance / (self.items * self.seeds),
            cubes=self.skewness * items**1.5 / math.sqrt(self.clusters),
            drift=self.drift * items / self.seeds,
        )


def error(confidence: str, attempts: int) -> Decimal:
    """The one-sided error of each attempt: (1 - confidence) / attempts (Bonferroni)."""
    return (1 - Decimal(confidence)) / attempts


def power(plan: Plan, effect: float, bound: float, alpha: float) -> float:
    """Chance that the lower bound of the gain exceeds `bound` if the true gain is `effect` (both fractions).

    Where no item changes, the gain is 0 and its lower bound the loss that may have been overlooked.
    """
    if plan.seeds < MIN_SEEDS or plan.clusters < MIN_CLUSTERS:
        return 0.0
    unchanged = float(-overlooked(plan, alpha) > bound)
    changed = chance(plan.scatter, effect - bound, alpha) if plan.scatter.se else float(effect > bound)
    if not plan.changing:  # no pilot saw a change, which does not promise that none comes
        return min(unchanged, changed)
    return plan.still * unchanged + (1 - plan.still) * changed


def overlooked(plan: Plan, alpha: float) -> float:
    """The share of clusters that may change though none was seen to: 1 - alpha^(1/C), the rule of three."""
    return float(1 - alpha ** (1 / plan.clusters))


def detectable(plan: Plan, alpha: float, power: float) -> float:
    """The least distance of effect from bound that is decided with this power, where some items change."""
    scatter = plan.scatter
    high = scatter.se
    while high and chance(scatter, high, alpha) < power:
        high *= 2
    return root(lambda distance: chance(scatter, distance, alpha) - power, 0.0, high) if high else 0.0


def items_for(plan: Plan, effect: float, bound: float, alpha: float, target: float) -> int | None:
    """The least number of items, in clusters of the planned size, with this power; None if MOST_ITEMS have not.

    None means that seed noise alone hides the effect: more seeds are needed, or another bound.
    """
    size = plan.items / plan.clusters

    def enough(items: int) -> bool:
        larger = replace(plan, items=items, clusters=max(2, round(items / size)))
        return power(larger, effect, bound, alpha) >= target

    return _least(enough, 1, MOST_ITEMS)


def seeds_for(plan: Plan, effect: float, bound: float, alpha: float, target: float) -> int | None:
    """The least number of seeds with this power; None if MOST_SEEDS have not: then more items are needed."""

    def enough(seeds: int) -> bool:
        return power(replace(plan, seeds=seeds), effect, bound, alpha) >= target

    return _least(enough, MIN_SEEDS, MOST_SEEDS)


def _least(enough: Callable[[int], bool], low: int, high: int) -> int | None:
    """The least number from `low` to `high` that is enough, where every larger one is, too; None if `high` is not."""
    if not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high
