"""Worlds in which the true gain is known, to how often a clause is falsely met, falsely breached, and rightly met.

    python benchmarks/worlds.py                     at the bound, 10,000 worlds in each setting (half an hour)
    python benchmarks/worlds.py --power             at the gain that both parties expect
    python benchmarks/worlds.py --worlds 300        a look

A world has items in clusters, a base model (or a reference trained as often as the vendor's arm) and S fine-tunes. An
item that the base solves is lost with probability L, another one is won with probability W, chosen so that the expected
gain is the bound: (1 - b) W - b L = g. Every cluster multiplies L and W by a factor of its own, uniform within
1 +- `spread`, and every seed by one that is normal around 1 with standard deviation `noise`, cut at 2.4 of these, so
that the mean stays where it is. In such a world a clause `gain >= g` must be met no more often than its error.

Clusters are of one size, or uneven: the c-th of them then has a share of the items that falls as 1 / sqrt(c).

Worlds under stress are shown beside them, and promise nothing: with probability `together` an item shares its luck with
its whole cluster, so that what goes wrong goes wrong everywhere in it. A trial that has seen no such cluster cannot
know of it: the rule of three asks for 3 / |g| clusters.

With `--power` the expected gain is that of the worlds, not the bound: none for a guard, and for a gain the one that
`check --plan` says is told from the bound in 80 of 100 trials. The plan takes the spread from pilots in the same
worlds, averaged over many, since it is the formula that is tried here and not the luck of one pilot.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

from acceptance.statistics import pilot
from acceptance.statistics.gains import Sample, interval
from acceptance.statistics.variance import variance
from spec_lang.planning.power import POWER, Plan, detectable, power

ALPHA = 0.05
CAREFUL = 0.01
"""One minus the confidence of the limits that the table shows: exact, Clopper and Pearson (1934)."""


@dataclass(frozen=True)
class Setting:
    """One kind of world."""

    base: float
    """Share of items that the base solves."""
    bound: float
    churn: float
    """Share of items that change beside what the gain needs."""
    items: int
    clusters: int
    spread: float
    noise: float
    together: float = 0.0
    seeds: int = 5
    reference: bool = False
    """Whether the other arm is trained too."""
    uneven: bool = False
    """Whether clusters differ in size."""
    expected: float | None = None
    """The true gain; None is one at the bound."""

    @property
    def gain(self) -> float:
        """The true gain."""
        return self.bound if self.expected is None else self.expected

    @property
    def rates(self) -> tuple[float, float]:
        """(W, L)."""
        won = self.churn / 2 + max(self.gain, 0.0)
        lost = self.churn / 2 + max(-self.gain, 0.0)
        return won / (1 - self.base), lost / self.base


def world(setting: Setting, draw: np.random.Generator) -> Sample:
    """One trial's scores."""
    clusters = np.repeat(np.arange(setting.clusters), sizes(setting))
    solved = shared(setting, clusters, draw) < setting.base
    luck = shared(setting, clusters, draw)
    factor = draw.uniform(1 - setting.spread, 1 + setting.spread, setting.clusters)[clusters]
    won, lost = setting.rates
    vendor = tuned(setting, solved, luck, np.where(solved, lost, won) * factor, draw)
    other = solved[None, :].astype(float)
    if setting.reference:
        still = np.where(solved, setting.churn / 2 / setting.base, setting.churn / 2 / (1 - setting.base))
        other = tuned(setting, solved, shared(setting, clusters, draw), still, draw)
    return Sample(vendor.tolist(), other.tolist(), clusters.tolist())


def sizes(setting: Setting) -> np.ndarray:
    """Items of each cluster, (clusters,), at least one."""
    shares = np.arange(1, setting.clusters + 1) ** (-0.5 if setting.uneven else 0.0)
    found = np.maximum(1, np.floor(setting.items * shares / shares.sum())).astype(int)
    rest = setting.items - int(found.sum())
    return found + (np.arange(setting.clusters) < rest)


def shared(setting: Setting, clusters: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A uniform number for each item, the cluster's own with probability `together`."""
    common = draw.random(setting.clusters)[clusters]
    return np.where(draw.random(setting.items) < setting.together, common, draw.random(setting.items))


def tuned(
    setting: Setting, solved: np.ndarray, luck: np.ndarray, rate: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """Scores of an arm, (seeds, items). Half of an item's luck is the seed's own, so that runs differ in items too."""
    normal = special.ndtri(draw.uniform(*special.ndtr([-2.4, 2.4]), (setting.seeds, 1)))
    own = np.where(draw.random((setting.seeds, setting.items)) < 0.5, luck, draw.random((setting.seeds, setting.items)))
    changed = own < rate * (1 + setting.noise * normal)
    return np.where(changed, ~solved, solved).astype(float)


CHANGES = [(0.35, 0.03, 0.10), (0.60, 0.0, 0.06), (0.90, -0.03, 0.02), (0.98, -0.03, 0.0)]
"""Base rate, bound, and what changes beside it: two gains, and two guards near the ceiling."""
SIZES = [(400, 10), (500, 50), (1000, 500)]


def ordinary() -> list[Setting]:
    """Base rates, clusters and seed noise around the bound."""
    found = [
        Setting(base, bound, churn, items, clusters, spread, noise)
        for (base, bound, churn), (items, clusters), spread, noise in itertools.product(
            CHANGES, SIZES, [0.0, 0.9], [0.0, 0.4]
        )
    ]
    return [*found, *(replace(one, reference=True) for one in found if one.clusters == 50 and one.noise)]


def uneven() -> list[Setting]:
    """Clusters of unequal size."""
    return [
        Setting(base, bound, churn, items, clusters, 0.9, 0.0, uneven=True)
        for (base, bound, churn), (items, clusters) in itertools.product(CHANGES, SIZES)
    ]


def under_stress() -> list[Setting]:
    """Whole clusters go wrong together."""
    return [
        Setting(base, bound, churn, items, clusters, 0.0, 0.0, together)
        for (base, bound, churn), (items, clusters), together in itertools.product(CHANGES[2:], SIZES, [0.2, 0.5])
    ]


def limits(hits: int, worlds: int, careful: float = CAREFUL) -> tuple[float, float]:
    """The exact one-sided limits of a rate, each passed by chance with probability `careful`."""
    low = stats.beta.ppf(careful, hits, worlds - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1 - careful, hits + 1, worlds - hits) if hits < worlds else 1.0
    return float(low), float(high)


def tried(setting: Setting, worlds: int, seed: int) -> tuple[int, int]:
    """How many worlds met and breached a clause whose bound is the truth."""
    draw = np.random.default_rng([seed, setting.items, setting.clusters])
    met = breached = 0
    for _ in range(worlds):
        sample = world(setting, draw)
        _, _, lower, upper, _ = interval(variance(sample), sample, setting.bound, ALPHA)
        met += lower > setting.bound
        breached += upper < setting.bound
    return met, breached


LOOK, PILOTS, LARGER = 200, 2000, 4
"""Pilots whose spread is averaged, to look for a gain and to plan with it; how many trials each is as large as.

Five seeds tell their variance with a standard error of sqrt(2 / 4) = 71 % of it, 2,000 such pilots with 1.6 %.
"""
CLOSE = 0.03
"""How far the power that is seen may lie below the planned one."""


def planned(setting: Setting) -> tuple[Setting, float]:
    """The setting with the gain that is expected in it, and the power that a plan gives it."""
    if setting.bound < 0:
        setting = replace(setting, expected=0.0)
        return setting, power(plan(setting), 0.0, setting.bound, ALPHA)
    for _ in range(4):  # a larger gain changes more items, which asks for a larger gain
        setting = replace(setting, expected=setting.bound + detectable(plan(setting, LOOK), ALPHA, POWER))
    return setting, power(plan(setting), setting.gain, setting.bound, ALPHA)


def plan(setting: Setting, pilots: int = PILOTS) -> Plan:
    """What `check --plan` would plan with after many pilots in such worlds, each of many more clusters."""
    draw = np.random.default_rng([pilots, setting.items, setting.clusters])
    large = replace(setting, items=LARGER * setting.items, clusters=LARGER * setting.clusters)
    found = [pilot.spread(world(large, draw)) for _ in range(pilots)]

    def mean(of: Callable[[pilot.Figures], float]) -> float:
        return float(np.mean([of(one) for one in found]))

    items, cubes = mean(lambda one: one.items), mean(lambda one: one.cubes)
    return Plan(
        setting.items,
        setting.clusters,
        setting.seeds,
        2 if setting.reference else 1,
        item_variance=mean(lambda one: one.item_variance),
        icc=mean(lambda one: one.icc),
        seed_sd=max(0.0, mean(lambda one: one.seed_variance)) ** 0.5,
        residual_variance=mean(lambda one: one.residual_variance),
        skewness=cubes * large.clusters**0.5 / items**1.5 if items else 0.0,
        drift=mean(lambda one: one.drift),
        changing=mean(lambda one: one.changed / large.items),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10_000)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--power", action="store_true", help="at the expected gain instead of at the bound")
    which.add_argument("--uneven", action="store_true", help="at the bound, clusters of unequal size alone")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.uneven:
        code = int(of_unequal_sizes(options.worlds) > ALPHA)
    else:
        code = (as_planned if options.power else at_the_bound)(options.worlds)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    return code


def at_the_bound(worlds: int) -> int:
    """Prints false decisions; 1 where a promise is broken."""
    worst = max(of_one_size(worlds), of_unequal_sizes(worlds))
    print("\nUnder stress:\n")
    table(FALSE, under_stress(), lambda number, one: falsely(number, one, worlds))
    return int(worst > ALPHA)


def of_one_size(worlds: int) -> float:
    worst = max(table(FALSE, ordinary(), lambda number, one: falsely(number, one, worlds)))
    print(f"\n{summary(worlds, worst)}")
    return worst


def of_unequal_sizes(worlds: int) -> float:
    print("\nClusters of unequal size:\n")
    worst = max(table(FALSE, uneven(), lambda number, one: falsely(number, one, worlds)))
    print(f"\n{summary(worlds, worst)}")
    return worst


def summary(worlds: int, worst: float) -> str:
    return (
        f"{worlds:,} worlds in each setting, promised error {ALPHA:.0%}. The 99 % lower limit of false acceptance is "
        f"{worst:.2%} at worst."
    )


def as_planned(worlds: int) -> int:
    """Prints power; 1 where it lies too far below the plan."""
    short = table(POWERS, ordinary(), lambda number, one: rightly(number, one, worlds))
    print(
        f"\n{worlds:,} worlds in each setting. The power that was seen lies {100 * max(short):.1f} points below the "
        f"planned one at worst, {-100 * min(short):.1f} above it at best."
    )
    return int(max(short) > CLOSE)


FALSE = ("falsely met", "at least", "falsely breached")
POWERS = ("expected gain", "planned power", "met", "difference")
HEAD = ("base", "bound", "against", "items", "clusters", "spread", "noise", "together")


def falsely(number: int, setting: Setting, worlds: int) -> tuple[tuple[str, ...], float]:
    """Its cells, and the lower limit of false acceptance."""
    met, breached = tried(setting, worlds, number)
    low, _ = limits(met, worlds)
    return (f"{met / worlds:.2%}", f"{low:.2%}", f"{breached / worlds:.2%}"), low


def rightly(number: int, setting: Setting, worlds: int) -> tuple[tuple[str, ...], float]:
    """Its cells, and how far the power seen lies below the planned one."""
    setting, promised = planned(setting)
    met, _ = tried(setting, worlds, number)
    short = promised - met / worlds
    return (f"{100 * setting.gain:+.1f} pp", f"{promised:.1%}", f"{met / worlds:.1%}", f"{-100 * short:+.1f}"), short


def table(
    heads: tuple[str, ...], settings: list[Setting], told: Callable[[int, Setting], tuple[tuple[str, ...], float]]
) -> list[float]:
    """Prints a row for each setting; gives the figure that is judged."""
    print(f"| {' | '.join([*HEAD, *heads])} |\n|{'---|' * (len(HEAD) + len(heads))}")
    judged = []
    for number, one in enumerate(settings):
        cells, figure = told(number, one)
        judged.append(figure)
        print(f"| {' | '.join([*described(one), *cells])} |", flush=True)
    return judged


def described(one: Setting) -> tuple[str, ...]:
    """The cells that say which world it is."""
    against = "reference" if one.reference else "base"
    counts = (one.items, one.clusters, one.spread, one.noise, one.together)
    return (f"{one.base:.0%}", f"{100 * one.bound:+.0f} pp", against, *map(str, counts))


if __name__ == "__main__":
    sys.exit(main())
