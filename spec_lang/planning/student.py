"""Student's t distribution for any real degrees of freedom, from the incomplete beta function. No scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

TINY = 1e-300
MAX_STEPS = 20_000
"""Terms of the continued fraction; it needs about the root of the degrees of freedom."""


def cdf(t: float, df: float) -> float:
    """P(T <= t)."""
    return sf(-t, df)


def sf(t: float, df: float) -> float:
    """P(T > t), accurate in the tail as well. `df` must be positive; infinite df is the normal distribution.

    For t >= 0, P(T > t) = I_x(df/2, 1/2) / 2 with x = df/(df + t^2): Abramowitz and Stegun 26.7.1.
    """
    if math.isnan(t) or not df > 0:
        raise ValueError(f"Student's t needs a number and positive degrees of freedom, not {t} and {df}")
    if math.isinf(df):
        return 0.5 * math.erfc(t / math.sqrt(2))
    if t < 0:
        return 1.0 - sf(-t, df)
    ratio = t * (t / df)
    small, large = ratio / (1 + ratio) if math.isfinite(ratio) else 1.0, 1 / (1 + ratio)
    if small < 1.5 / (df / 2 + 2.5):  # the fraction converges fast left of its mean
        return 0.5 - 0.5 * _incomplete(0.5, df / 2, small, large)
    return 0.5 * _incomplete(df / 2, 0.5, large, small)


def pdf(t: float, df: float) -> float:
    """Density at t."""
    if math.isinf(df):
        return math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    scale = math.exp(_log_half(df / 2)) / math.sqrt(df * math.pi)
    return scale * math.exp(-(df + 1) / 2 * math.log1p(t * (t / df)))


def quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p. Infinite where it leaves the range of numbers.

    Newton's method on the upper tail, kept inside a bracket.
    """
    if not 0 < p < 1:
        raise ValueError(f"a quantile is asked for between 0 and 1, not at {p}")
    return -_upper(p, df) if p < 0.5 else _upper(1 - p, df) if p > 0.5 else 0.0


def widened(t: float, skew: float) -> float:
    """The t of a skewed mean: t + skew (1 + 2 t^2) + 6 skew, `skew` being a sixth of the skewness towards the bound.

    The first term of the Cornish-Fisher expansion of a studentised mean, Johnson (1978), Hall (1992), section 2.5, and
    one exception more than was seen, since exceptions come in whole items: so it is no less than the exact Poisson
    limit. Used only where it widens: a guard whose few losses are the same in every seed was else met falsely at .06
    to .15 instead of .05.
    """
    return t + skew * (7 + 2 * t * t)


def narrowed(t: float, skew: float) -> float:
    """The inverse of `widened`, so that p < alpha exactly if the bound is exceeded; level where it has no inverse."""
    if skew < 1e-9:
        return t
    return (math.sqrt(max(0.0, 1 + 8 * skew * (t - 7 * skew))) - 1) / (4 * skew)


def _upper(q: float, df: float) -> float:
    """The t >= 0 with P(T > t) = q, for q < 1/2."""
    low, high = 0.0, max(1.0, NormalDist().inv_cdf(1 - q) if q > 1e-16 else 8.0)
    while sf(high, df) > q:
        low, high = high, high * 2
        if high > 1e150:
            return math.inf
    t = low + (high - low) / 2
    for _ in range(400):
        excess = sf(t, df) - q
        low, high = (t, high) if excess > 0 else (low, t)
        density = pdf(t, df)
        step = t + excess / density if density > 0 else math.inf
        following = step if low < step < high else low + (high - low) / 2
        if abs(following - t) <= 1e-15 * abs(t) or high - low <= 1e-15 * high:
            return following
        t = following
    return t


def _incomplete(a: float, b: float, x: float, y: float) -> float:
    """I_x(a, b) with y = 1 - x, one of a and b being 1/2: DLMF 8.17.22, by Lentz's method."""
    if x <= 0:
        return 0.0
    if y <= 0:
        return 1.0
    larger = b if a == 0.5 else a
    front = a * _log(x, y) + b * _log(y, x) + _log_half(larger) - 0.5 * math.log(math.pi)
    return math.exp(front) * _fraction(a, b, x) / a


def _log(x: float, y: float) -> float:
    """log x, from y = 1 - x where x is near 1 and has lost its digits."""
    return math.log(x) if x < 0.5 else math.log1p(-y)


def _fraction(a: float, b: float, x: float) -> float:
    d = 1 / (_away(1 - (a + b) * x / (a + 1)))
    c, value = 1.0, d
    for m in range(1, MAX_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away(1 + even * d), _away(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away(1 + odd * d), _away(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return value


def _away(value: float) -> float:
    """Lentz's guard against a division by zero."""
    return value if abs(value) > TINY else TINY


def _log_half(a: float) -> float:
    """log Gamma(a + 1/2) - log Gamma(a); a series for large a, where the difference would lose digits.

    Tricomi and Erdelyi (1951): the ratio's expansion in odd powers of 1/a.
    """
    if a < 30:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    r = 1 / (a * a)
    return 0.5 * math.log(a) - (1 / 8 - r * (1 / 192 - r * (1 / 640 - r * (17 / 14336 - r * 31 / 18432)))) / a
