"""The variances of a planned gain in, the chance that its lower bound exceeds the asked figure out.

The figures of a trial scatter, and its bound is made of them. So the decision is played with 256 fixed draws of the
three that matter beside the gain itself: the variance over items, that over seeds, and the skewness by chance. In each
draw the gain that is just enough is searched, and how often a gain is larger is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from spec_lang.planning.student import quantile, widened

DRAWS = 256
FARTHEST = 5.0
"""Standard errors: gains farther from the expected one are not looked for."""
STEPS = 8
MOST_LEAN = 1.0
"""By how much, in logarithms, a variance changes at most with a standard error of the gain."""
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Scatter:
    """What a trial will estimate, in fractions: `acceptance.statistics.variance.Parts` as it is expected."""

    clusters: int
    freedom: int
    """Degrees of freedom of the variance over seeds."""
    items: float
    """V_I, over clusters of items."""
    seeds: float
    """V_S less V_E: what seeds add."""
    both: float
    """V_E, which the variance over seeds holds too until it is taken off."""
    cubes: float
    """Third central moment of the gain over clusters."""
    drift: float
    """Covariance over seeds of the gain with its variance over items."""

    @property
    def se(self) -> float:
        return math.sqrt(self.items + self.seeds)

    @property
    def skew(self) -> float:
        """Skewness of the gain: as `Parts.skew`."""
        return (self.cubes + 3 * self.drift) / self.se**3


def chance(scatter: Scatter, distance: float, alpha: float) -> float:
    """P(lower bound > asked figure), where the true gain lies `distance` above that figure."""
    return math.fsum(NORMAL.cdf(-_enough(scatter, distance, alpha, draw)) for draw in _draws()) / DRAWS


def _enough(scatter: Scatter, distance: float, alpha: float, draw: tuple[float, float, float]) -> float:
    """The standardised gain that just exceeds the asked figure: a larger gain does, too."""

    def beyond(z: float) -> float:
        gain = distance + scatter.se * (z + scatter.skew / 6 * (z * z - 1))
        return gain - _reach(scatter, z, alpha, draw)

    return root(beyond, -FARTHEST, FARTHEST)


def _reach(scatter: Scatter, z: float, alpha: float, draw: tuple[float, float, float]) -> float:
    """How far the lower bound lies below the gain, as `gains.interval` computes it.

    Variances go with the gain: where exceptions are rare, a mean and its variance are one thing (their covariance is
    the third moment). What seeds and items change together moves both variances alike.
    """
    first, second, third = draw
    lean = _lean(scatter.cubes + scatter.drift, scatter.items, scatter.se)
    freedom = 2 / max(2 / (scatter.clusters - 1) - lean**2, 1e-3)
    items = scatter.items * math.exp(lean * z - lean**2 / 2) * _chi_square(first, freedom)
    tilt = _lean(scatter.drift, scatter.seeds, scatter.se)
    moved = scatter.seeds * math.exp(tilt * z - tilt**2 / 2)
    seeds = (moved + scatter.both) * _chi_square(second, scatter.freedom)
    whole = items + max(0.0, seeds - scatter.both)
    if not whole:
        return math.inf
    df = whole**2 / (items**2 / (scatter.clusters - 1) + seeds**2 / scatter.freedom)
    share = items / scatter.items if scatter.items else 0.0
    cubes = share**1.5 * (scatter.cubes + scatter.items**1.5 * _luck(scatter.clusters) * third)
    skew = (cubes + 3 * share * scatter.drift) / whole**1.5
    return widened(_t(alpha, df), max(0.0, -skew / 6)) * math.sqrt(whole)


def _lean(covariance: float, variance: float, se: float) -> float:
    """The change of a variance with a standard error of the gain, as a share of it."""
    return max(-MOST_LEAN, min(MOST_LEAN, covariance / (variance * se))) if variance else 0.0


def _chi_square(normal: float, freedom: float) -> float:
    """Chi-square over its degrees of freedom: Wilson and Hilferty (1931)."""
    part = 2 / (9 * freedom)
    return float(max(1e-3, 1 - part + normal * math.sqrt(part)) ** 3)


def _luck(clusters: int) -> float:
    """Standard deviation of the skewness that so many clusters show of a mean without any: Fisher (1930)."""
    c = clusters
    return math.sqrt(6 * c * (c - 1) / ((c - 2) * (c + 1) * (c + 3))) / math.sqrt(c)


def _t(alpha: float, df: float) -> float:
    return _quantile(alpha, float(f"{max(df, 0.1):.2g}"))


@cache
def _quantile(alpha: float, df: float) -> float:
    return quantile(1 - alpha, df)


@cache
def _draws() -> tuple[tuple[float, float, float], ...]:
    """Three normal figures each, spread evenly: the additive recurrence of Roberts (2018) with three dimensions."""
    ratio = 1.2207440846057596  # the real root of x^4 = x + 1
    steps = [ratio**-power for power in (1, 2, 3)]
    uniform = [[(0.5 + step * number) % 1 for step in steps] for number in range(1, DRAWS + 1)]
    return tuple((NORMAL.inv_cdf(a), NORMAL.inv_cdf(b), NORMAL.inv_cdf(c)) for a, b, c in uniform)


def root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where it passes 0, or the end that is nearer: false position, with the rule of Illinois.

    Dowell and Jarratt (1971); seven digits after STEPS for what is nearly a line.
    """
    below, above = rising(low), rising(high)
    if below >= 0 or above <= 0:
        return low if below >= 0 else high
    kept = 0
    for _ in range(STEPS):
        middle = (low * above - high * below) / (above - below)
        found = rising(middle)
        if found > 0:
            high, above, below = middle, found, below / 2 if kept < 0 else below
            kept = -1
        else:
            low, below, above = middle, found, above / 2 if kept > 0 else above
            kept = 1
    return (low * above - high * below) / (above - below)
