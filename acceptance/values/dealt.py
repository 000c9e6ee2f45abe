"""Hashes, each with the row it is of, to partitions on disk in which equal ones meet, and to the first row of each.

One partition is held at a time; of each row, only the number of the first one that equals it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.values import spill
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

Hashes = npt.NDArray[np.uint64]
Firsts = npt.NDArray[np.int32]
SIZE = 16
NOTHING, UNKNOWN = bytes(SIZE), b"\xff" * SIZE
"""In place of a digest: there is nothing to compare; the value is malformed."""


class Dealt:
    """Columns of about the `expected` length. The first is of hashes, whose low bits say which partition is theirs."""

    def __init__(self, expected: int, *kinds: type[np.generic]) -> None:
        self.columns = [Numbers(kind) for kind in kinds]
        self.most = max(spill.PIECE // len(kinds), 1)
        """Rows that are held before they are dealt, and about as many as a partition has at most."""
        self.parts = 1 << (expected // self.most).bit_length()
        self.held: list[tuple[npt.NDArray[Any], ...]] = []
        self.edges = list[Ints]()
        """Of each deal, where in it the partitions begin and end."""

    def append(self, hashes: Hashes, *others: npt.NDArray[Any]) -> None:
        self.held.append((hashes, *others))
        if sum(len(first) for first, *_ in self.held) >= self.most:
            self._deal()

    def partitions(self) -> Iterator[list[npt.NDArray[Any]]]:
        """The columns of each partition, its rows in the order in which they were appended."""
        self._deal()
        edges = np.array(self.edges, dtype=np.int32).reshape(-1, self.parts + 1)
        begins = np.cumsum(edges[:, -1], dtype=np.int64) - edges[:, -1]
        for first, last in pairwise(edges.T):
            yield [numbers.ranges(begins + first, last - first) for numbers in self.columns]

    def _deal(self) -> None:
        """Writes what is held, partition by partition."""
        if not self.held:
            return
        columns = [np.concatenate(pieces) for pieces in zip(*self.held, strict=True)]
        part = (columns[0] & np.uint64(self.parts - 1)).astype(np.uint16)
        order = np.argsort(part, kind="stable")
        self.edges.append(np.searchsorted(part[order], np.arange(self.parts + 1)).astype(np.int32))
        for numbers, column in zip(self.columns, columns, strict=True):
            numbers.append(column[order])
        self.held = []


def firsts(parts: Iterable[Sequence[npt.NDArray[Any]]], count: int) -> Firsts:
    """For each of `count` rows the first row that equals it, which is itself where there is none before.

    parts: hashes, further bits of them if there are any, and the rows, which rise from part to part. Rows that no part
    has equal none. Of equal rows in one part one is dealt, so that no partition is much longer than the others.
    """
    found, dealt = np.arange(count, dtype=np.int32), None
    for *keys, rows in parts:
        found[rows] = _firsts(*keys, rows)
        alone = found[rows] == rows
        dealt = dealt or Dealt(count, *(key.dtype.type for key in keys), np.int32)
        dealt.append(*(column[alone] for column in (*keys, rows)))
    for *keys, rows in dealt.partitions() if dealt else ():
        found[rows] = _firsts(*keys, rows)
    for first in range(0, count, spill.ROWS):
        here = slice(first, first + spill.ROWS)
        found[here] = found[found[here]]
    return found


def repeating(firsts: Firsts) -> Mask:
    """Which rows are not the first of those that equal them."""
    repeats: Mask = firsts != np.arange(len(firsts), dtype=firsts.dtype)
    return repeats


class Digests:
    """Sixteen bytes for each row: the hash of a value, NOTHING or UNKNOWN."""

    def __init__(self) -> None:
        self.numbers = Numbers(np.uint64, share=True)

    def __len__(self) -> int:
        return len(self.numbers) // 2

    def append(self, digests: bytes) -> None:
        """The digests of the next rows, one after the other."""
        self.numbers.append(np.frombuffer(digests, dtype=np.uint64))

    def extend(self, later: Digests) -> None:
        self.numbers.extend(later.numbers)

    def rows_with(self, digest: bytes) -> Mask:
        """The rows that have this digest."""
        one, other = np.frombuffer(digest, dtype=np.uint64)
        found = [(ones == one) & (others == other) for _, ones, others in self._pieces()]
        return np.concatenate([np.zeros(0, dtype=np.bool_), *found])

    def firsts(self) -> Firsts:
        """For each row the first row that has the same value; itself where there is nothing to compare."""
        return firsts(self._compared(), len(self))

    def _compared(self) -> Iterator[Sequence[npt.NDArray[Any]]]:
        none = self.rows_with(NOTHING) | self.rows_with(UNKNOWN)
        for start, ones, others in self._pieces():
            compared = np.flatnonzero(~none[start : start + len(ones)])
            yield ones[compared], others[compared], compared + start

    def _pieces(self) -> Iterator[tuple[int, Hashes, Hashes]]:
        for start in range(0, len(self), spill.ROWS):
            ones, others = self.numbers.read(2 * start, 2 * min(start + spill.ROWS, len(self))).reshape(-1, 2).T
            yield start, ones, others


def _firsts(*columns: npt.NDArray[Any]) -> Ints:
    """For each row the first row of the same keys; the last column holds the rows, which rise."""
    *keys, rows = columns
    order = np.lexsort(keys[::-1])  # stable: equal rows stay in delivered order
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    found = np.empty_like(rows)
    found[order] = rows[order[np.flatnonzero(new)]][np.cumsum(new) - 1]
    return found


def sizes_of(firsts: Firsts) -> dict[int, int]:
    """How many clusters there are of each size, from the first row of every row that is not itself one."""
    _, others = np.unique(firsts, return_counts=True)
    sizes, counts = np.unique(others + 1, return_counts=True)
    return dict(zip(sizes.tolist(), counts.tolist(), strict=True))
