"""Folded texts to 64-bit hashes of their words and n-grams, many at once; fixed seeds, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
"""Text i has the entries offsets[i]:offsets[i + 1]."""

FACTOR = np.uint64(0x9E3779B97F4A7C15)
BLOCK = 1 << 16
"""Characters hashed at once: their hashes fit a processor's cache."""
SPACE, LINE = 32, 10


def word_hashes(folded: Sequence[str]) -> tuple[Hashes, Offsets]:
    """The hashes of all words of all texts, flat, and where each text begins. Words stand between spaces.

    A polynomial over the word's UTF-8 bytes, with a random value per byte, modulo 2**64, mixed with the length.
    """
    parts = [_block(block) for block in _blocks(folded)]
    hashes = np.concatenate([np.zeros(0, dtype=np.uint64), *(part[0] for part in parts)])
    return hashes, offsets_of(np.concatenate([np.zeros(0, dtype=np.int64), *(part[1] for part in parts)]))


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    block, size = list[str](), 0
    for text in texts:
        if block and size + len(text) > BLOCK:
            yield block
            block, size = [], 0
        block.append(text)
        size += len(text)
    if block:
        yield block


def _block(texts: list[str]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """(hashes of the words, number of words of each text)"""
    data = np.frombuffer("\n".join([*texts, ""]).encode("utf-8", "surrogatepass"), dtype=np.uint8)
    inside = (data != SPACE) & (data != LINE)
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    counts = np.diff(np.searchsorted(starts, np.flatnonzero(data == LINE)), prepend=0)
    if not len(starts):
        return np.zeros(0, dtype=np.uint64), counts
    powers, inverses = _tables(len(data))
    sums = np.zeros(len(data) + 1, dtype=np.uint64)
    np.cumsum(LETTERS[data] * powers[: len(data)], out=sums[1:])
    summed = (sums[starts + lengths] - sums[starts]) * inverses[starts]  # as if the word stood at the beginning
    return mixed(summed + mixed(lengths.astype(np.uint64))), counts


def _tables(count: int) -> tuple[Hashes, Hashes]:
    """The powers of FACTOR from 0 on, and what undoes each: an odd number has an inverse modulo 2**64."""
    return (POWERS, INVERSES) if count <= len(POWERS) else (_powers(FACTOR, count), _powers(INVERSE, count))


def _powers(base: np.uint64, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def offsets_of(lengths: Sequence[int] | npt.NDArray[np.signedinteger[Any]]) -> Offsets:
    """[0, l0, l0 + l1, ...]"""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.asarray(lengths, dtype=np.int64))))


def ngrams(hashes: Hashes, offsets: Offsets, size: int) -> tuple[Hashes, Offsets]:
    """The hashes of all n-grams of `size` words inside each text; a shorter text has none.

    A polynomial of the words' hashes modulo 2**64, mixed: linear in the words, whatever `size`.
    """
    count = len(hashes) - size + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64), np.zeros(len(offsets), dtype=np.int64)
    rolled = np.zeros(count, dtype=np.uint64)
    for shift in range(size):
        rolled *= FACTOR
        rolled += hashes[shift : shift + count]
    lengths = np.maximum(np.diff(offsets) - size + 1, 0)
    return mixed(rolled[positions(offsets[:-1], lengths)]), offsets_of(lengths)


def positions(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """start, start + 1, ... for `length` steps, for each pair, flat."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    steps: npt.NDArray[np.int64] = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
    return steps


def mixed(values: Hashes) -> Hashes:
    """Every bit spread over all others (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def salted(values: Hashes, salt: int) -> Hashes:
    """The same hashes as members of another family."""
    return mixed(values ^ mixed(np.array([salt + 1], dtype=np.uint64)))


def whole(hashes: Hashes) -> np.uint64:
    """One hash of a sequence of words of any length."""
    value = len(hashes) + 1
    for item in hashes.tolist():
        value = (value * int(FACTOR) + item) & 0xFFFFFFFFFFFFFFFF
    return np.uint64(value)


LETTERS: Hashes = mixed(mixed(np.arange(1, 257, dtype=np.uint64) * FACTOR))
"""A fixed random value for each byte that may stand in a word."""
LETTERS[[SPACE, LINE]] = 0
INVERSE = np.uint64(pow(int(FACTOR), -1, 1 << 64))
POWERS, INVERSES = _powers(FACTOR, 2 * BLOCK), _powers(INVERSE, 2 * BLOCK)
