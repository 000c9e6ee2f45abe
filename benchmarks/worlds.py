"""Worlds in which the true gain is exactly at the bound, to how often a clause is falsely met, and falsely breached.

    python benchmarks/worlds.py                     every setting, 10,000 worlds each (about half an hour on one core)
    python benchmarks/worlds.py --worlds 300        a look

A world has items in clusters, a base model (or a reference trained as often as the vendor's arm) and S fine-tunes. An
item that the base solves is lost with probability L, another one is won with probability W, chosen so that the expected
gain is the bound: (1 - b) W - b L = g. Every cluster multiplies L and W by a factor of its own, uniform within
1 +- `spread`, and every seed by one that is normal around 1 with standard deviation `noise`, cut at 2.4 of these, so
that the mean stays where it is. In such a world a clause `gain >= g` must be met no more often than its error.

Worlds under stress are shown beside them, and promise nothing: with probability `together` an item shares its luck with
its whole cluster, so that what goes wrong goes wrong everywhere in it. A trial that has seen no such cluster cannot
know of it: the rule of three asks for 3 / |g| clusters.
"""

import argparse
import itertools
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

from acceptance.statistics.gains import Sample, interval
from acceptance.statistics.variance import variance

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

    @property
    def rates(self) -> tuple[float, float]:
        """(W, L) at the bound."""
        won = self.churn / 2 + max(self.bound, 0.0)
        lost = self.churn / 2 + max(-self.bound, 0.0)
        return won / (1 - self.base), lost / self.base


def world(setting: Setting, draw: np.random.Generator) -> Sample:
    """One trial's scores."""
    size, rest = divmod(setting.items, setting.clusters)
    sizes = np.full(setting.clusters, size) + (np.arange(setting.clusters) < rest)
    clusters = np.repeat(np.arange(setting.clusters), sizes)
    solved = shared(setting, clusters, draw) < setting.base
    luck = shared(setting, clusters, draw)
    factor = draw.uniform(1 - setting.spread, 1 + setting.spread, setting.clusters)[clusters]
    won, lost = setting.rates
    vendor = tuned(setting, solved, luck, np.where(solved, lost, won) * factor, draw)
    if not setting.reference:
        return Sample(vendor, solved[None, :].astype(float), clusters)
    still = np.where(solved, setting.churn / 2 / setting.base, setting.churn / 2 / (1 - setting.base))
    return Sample(vendor, tuned(setting, solved, shared(setting, clusters, draw), still, draw), clusters)


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


def under_stress() -> list[Setting]:
    """Whole clusters go wrong together."""
    return [
        Setting(base, bound, churn, items, clusters, 0.0, 0.0, together)
        for (base, bound, churn), (items, clusters), together in itertools.product(CHANGES[2:], SIZES, [0.2, 0.5])
    ]


def limits(hits: int, worlds: int) -> tuple[float, float]:
    """The exact one-sided limits of a rate."""
    low = stats.beta.ppf(CAREFUL, hits, worlds - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1 - CAREFUL, hits + 1, worlds - hits) if hits < worlds else 1.0
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10_000)
    options = parser.parse_args()
    begun = time.monotonic()
    worst = table(ordinary(), options.worlds)
    print(
        f"\n{options.worlds:,} worlds in each setting, promised error {ALPHA:.0%}. The 99 % lower limit of false "
        f"acceptance is {worst:.2%} at worst.\n\nUnder stress:\n"
    )
    table(under_stress(), options.worlds)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    return int(worst > ALPHA)


HEAD = ("base", "bound", "against", "items", "clusters", "spread", "noise", "together", "falsely met", "at least",
        "falsely breached")  # fmt: skip


def table(settings: list[Setting], worlds: int) -> float:
    """Prints a row for each setting; gives the highest lower limit of false acceptance."""
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    worst = 0.0
    for number, one in enumerate(settings):
        met, breached = tried(one, worlds, number)
        low, _ = limits(met, worlds)
        worst = max(worst, low)
        cells = (
            f"{one.base:.0%}", f"{100 * one.bound:+.0f} pp", "reference" if one.reference else "base", one.items,
            one.clusters, one.spread, one.noise, one.together, f"{met / worlds:.2%}", f"{low:.2%}",
            f"{breached / worlds:.2%}",
        )  # fmt: skip
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
