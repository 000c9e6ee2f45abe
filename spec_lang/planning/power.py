"""A planned trial in, the chance that it decides out: what a buyer can know before anybody trains anything."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from spec_lang.planning.student import cdf, quantile

MIN_SEEDS = 5
MIN_CLUSTERS = 10
"""With fewer of either, the degrees of freedom leave no power: the clause stays undecided (acceptance.md)."""

ITEM_VARIANCE = 1 / 9
"""Variance of an item's gain, until a pilot tells: Miller (2024), section 5, two models on uniform scores."""
ICC = 0.1
"""Correlation of gains within a cluster, until a pilot tells: a cautious house figure, no source."""
SEED_SD = 0.01
"""Standard deviation of an arm's mean over seeds, until a pilot tells: acceptance.md."""

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
    changing: float = 1.0
    """Share of items whose score training changes with some seed, up or down."""

    @property
    def still(self) -> float:
        """Chance that no item of the trial changes: Poisson. Nothing can then be estimated from differences."""
        return math.exp(-self.changing * self.items)


def error(confidence: str, attempts: int) -> Decimal:
    """The one-sided error of each attempt: (1 - confidence) / attempts (Bonferroni)."""
    return (1 - Decimal(confidence)) / attempts


def spread(plan: Plan) -> tuple[float, float]:
    """Standard error of the gain and its degrees of freedom (Satterthwaite), as the trial will compute them.

    Var = w2 * deff / n + arms * seed_sd^2 / S, deff = 1 + (m - 1) * ICC with m items per cluster: acceptance.md.
    """
    deff = 1 + (plan.items / plan.clusters - 1) * plan.icc
    items = plan.item_variance * deff / plan.items
    seeds = plan.seeded_arms * plan.seed_sd**2 / plan.seeds
    freedom = plan.seeded_arms * (plan.seeds - 1)
    total = items + seeds
    if total == 0:
        return 0.0, math.inf
    return math.sqrt(total), total**2 / (items**2 / (plan.clusters - 1) + seeds**2 / freedom)


def power(plan: Plan, effect: float, bound: float, alpha: float) -> float:
    """Chance that the lower bound of the gain exceeds `bound` if the true gain is `effect` (both fractions).

    The central t, shifted by the effect: the formula whose inverse `detectable` is. Where no item changes, the gain is
    0 and its lower bound the loss that may have been overlooked.
    """
    if plan.seeds < MIN_SEEDS or plan.clusters < MIN_CLUSTERS:
        return 0.0
    unchanged = float(-overlooked(plan, alpha) > bound)
    se, df = spread(plan)
    changed = cdf((effect - bound) / se - quantile(1 - alpha, df), df) if se else float(effect > bound)
    if not plan.changing:  # no pilot saw a change, which does not promise that none comes
        return min(unchanged, changed)
    return plan.still * unchanged + (1 - plan.still) * changed


def overlooked(plan: Plan, alpha: float) -> float:
    """The share of clusters that may change though none was seen to: 1 - alpha^(1/C), the rule of three."""
    return float(1 - alpha ** (1 / plan.clusters))


def detectable(plan: Plan, alpha: float, power: float, df: float | None = None) -> float:
    """The least distance of effect from bound that is decided with this power.

    MDE = (t[1-alpha] + t[power]) * SE: acceptance.md. `df=math.inf` gives the normal approximation of its table.
    """
    se, own = spread(plan)
    freedom = own if df is None else df
    return (quantile(1 - alpha, freedom) + quantile(power, freedom)) * se


def items_for(plan: Plan, effect: float, bound: float, alpha: float, target: float) -> int | None:
    """The least number of items, in clusters of the planned size, with this power; None if MOST_ITEMS have not.

    None means that seed noise alone hides the effect: more seeds are needed, or another bound.
    """
    size = plan.items / plan.clusters

    def enough(items: int) -> bool:
        larger = replace(plan, items=items, clusters=max(2, round(items / size)))
        return power(larger, effect, bound, alpha) >= target

    if not enough(MOST_ITEMS):
        return None
    low, high = 1, MOST_ITEMS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def seeds_for(plan: Plan, effect: float, bound: float, alpha: float, target: float) -> int | None:
    """The least number of seeds with this power; None if MOST_SEEDS have not: then more items are needed."""
    counts = range(MIN_SEEDS, MOST_SEEDS + 1)
    return next((seeds for seeds in counts if power(replace(plan, seeds=seeds), effect, bound, alpha) >= target), None)
