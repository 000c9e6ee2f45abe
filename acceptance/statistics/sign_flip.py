"""Differences in, a one-sided sign-flip p value out: printed beside the t test, never deciding.

Signs come from SHAKE-256, not from a library's generator, so that every machine and version draws the same.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
import numpy.typing as npt

EXACT_UP_TO = 12
"""Units whose 2^k sign patterns are all tried."""
DRAWS = 4_999
"""Patterns drawn where there are more units."""
CHUNK = 2**17
"""Signs in memory at once, eight bytes each: more of them would be the peak of `verify`."""


def sign_flip(values: npt.NDArray[np.float64]) -> float:
    """Chance of a sum at least as large if every value, shape (k,), were as likely of either sign.

    Exact for k <= 12, else (1 + hits) / (1 + draws): Phipson and Smyth (2010).
    """
    k = len(values)
    least = math.fsum(values) - 1e-9 * max(math.fsum(np.abs(values)), 1e-30)  # a tie is a hit
    if k <= EXACT_UP_TO:
        patterns = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
        return float(_hits(patterns, values, least) / 2**k)
    return (1 + _drawn(values, least)) / (1 + DRAWS)


def _drawn(values: npt.NDArray[np.float64], least: float) -> int:
    width = (len(values) + 7) // 8
    bits = np.frombuffer(hashlib.shake_256(b"sftspec sign flip").digest(DRAWS * width), dtype=np.uint8)
    rows = bits.reshape(DRAWS, width)
    step = max(1, CHUNK // (8 * width))
    return sum(
        _hits(np.unpackbits(rows[start : start + step], axis=1)[:, : len(values)], values, least)
        for start in range(0, DRAWS, step)
    )


def _hits(patterns: npt.NDArray[np.integer], values: npt.NDArray[np.float64], least: float) -> int:
    """Patterns of 0 and 1, shape (draws, k): the sum with signs is twice the sum of the ones less the whole."""
    sums = 2 * (patterns.astype(np.float64) @ values) - math.fsum(values)
    return int(np.count_nonzero(sums >= least))
