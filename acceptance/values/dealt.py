"""Hashes, each with the row it is of, to partitions on disk in which equal ones meet, and to the rows that repeat one.

One partition is held at a time, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.values import spill
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

Hashes = npt.NDArray[np.uint64]
SIZE = 16
NOTHING, UNKNOWN = bytes(SIZE), b"\xff" * SIZE
"""In place of a digest: there is nothing to compare; the value is malformed."""


class Dealt:
    """Columns of about the `expected` length. The first is of hashes, whose low bits say which partition is theirs."""

    def __init__(self, expected: int, *kinds: type[np.generic]) -> None:
        self.parts = 1 << (expected // spill.PIECE).bit_length()
        self.columns = [Numbers(kind) for kind in kinds]
        self.edges = list[Ints]()

    def append(self, hashes: Hashes, *others: npt.NDArray[Any]) -> None:
        part = (hashes & np.uint64(self.parts - 1)).astype(np.uint16)
        order = np.argsort(part, kind="stable")
        self.edges.append(len(self.columns[0]) + np.searchsorted(part[order], np.arange(self.parts + 1)))
        for numbers, more in zip(self.columns, (hashes, *others), strict=True):
            numbers.append(more[order])

    def partitions(self) -> Iterator[list[npt.NDArray[Any]]]:
        """The columns of each partition, its rows in the order in which they were appended."""
        for starts, ends in pairwise(np.array(self.edges, dtype=np.int64).reshape(-1, self.parts + 1).T):
            yield [numbers.ranges(starts, ends - starts) for numbers in self.columns]


class Repeats:
    """Which rows repeat an earlier one, rising, and for each of them the first row that it equals."""

    def __init__(self, dealt: Dealt) -> None:
        """`dealt`: hashes, further bits of them if there are any, and the rows, which were appended in order."""
        found = [_repeats(hashes, *others) for hashes, *others in dealt.partitions()]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(row for row, _ in found)])
        firsts = np.concatenate([np.zeros(0, dtype=np.int64), *(first for _, first in found)])
        order = np.argsort(rows)
        self.rows, self.firsts = rows[order], firsts[order]

    def __len__(self) -> int:
        return len(self.rows)


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

    def repeats(self) -> Repeats:
        """The rows whose value an earlier row has."""
        dealt, none = (
            Dealt(len(self), np.uint64, np.uint64, np.int32),
            self.rows_with(NOTHING) | self.rows_with(UNKNOWN),
        )
        for start, ones, others in self._pieces():
            compared = np.flatnonzero(~none[start : start + len(ones)])
            dealt.append(ones[compared], others[compared], compared + start)
        return Repeats(dealt)

    def _pieces(self) -> Iterator[tuple[int, Hashes, Hashes]]:
        for start in range(0, len(self), spill.PIECE):
            ones, others = self.numbers.read(2 * start, 2 * min(start + spill.PIECE, len(self))).reshape(-1, 2).T
            yield start, ones, others


def _repeats(*columns: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """(row, the first row that it equals), for all that are not the first; the last column holds the rows."""
    *keys, rows = columns
    order = np.lexsort(keys[::-1])  # stable: equal rows stay in delivered order
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    ordered = rows[order].astype(np.int64)
    firsts = ordered[np.flatnonzero(new)][np.cumsum(new) - 1]
    return ordered[~new], firsts[~new]


def sizes_of(firsts: Ints) -> dict[int, int]:
    """How many clusters there are of each size, from the first row of every row that is not itself one."""
    _, members = np.unique(firsts, return_counts=True)
    sizes, counts = np.unique(members + 1, return_counts=True)
    return dict(zip(sizes.tolist(), counts.tolist(), strict=True))
