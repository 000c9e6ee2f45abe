"""Differences in, a one-sided sign-flip p value out: printed beside the t test, never deciding.

Signs come from SHAKE-256, not from a library's generator, so that every machine and version draws the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from operator import add

EXACT_UP_TO = 12
"""Units whose 2^k sign patterns are all tried."""
DRAWS = 4_999
"""Patterns drawn where there are more units."""


def sign_flip(values: Sequence[float]) -> float:
    """Chance of a sum at least as large if every value, (k,), were as likely of either sign.

    Exact for k <= 12, else (1 + hits) / (1 + draws): Phipson and Smyth (2010).
    """
    whole = math.fsum(values)
    least = whole - 1e-9 * max(math.fsum(map(abs, values)), 1e-30)  # a tie is a hit
    exact = len(values) <= EXACT_UP_TO
    kept = _sums(values) if exact else _drawn(values)
    hits = sum(2 * one - whole >= least for one in kept)  # a sum with signs is twice what keeps its sign less the whole
    return hits / 2 ** len(values) if exact else (1 + hits) / (1 + DRAWS)


def _sums(values: Iterable[float]) -> list[float]:
    """The sum of every subset: of the k-th value in those whose place has the k-th bit."""
    sums = [0.0]
    for value in values:
        sums += [one + value for one in sums]
    return sums


def _drawn(values: Sequence[float]) -> list[float]:
    """The sum of every subset that is drawn: a bit for each value, the highest of a byte first, eight at a time."""
    width = (len(values) + 7) // 8
    bits = hashlib.shake_256(b"sftspec sign flip").digest(DRAWS * width)
    sums = [0.0] * DRAWS
    for place in range(width):
        eight = [*values[8 * place : 8 * place + 8], *[0.0] * 7][:8]
        parts = _sums(reversed(eight))
        sums = list(map(add, sums, map(parts.__getitem__, bits[place::width])))
    return sums
