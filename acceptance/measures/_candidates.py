"""Sets of hashes to groups of rows: any two rows that are similar enough share a group.

Prefix filtering (Chaudhuri et al. 2006): sets with Jaccard >= s share one of the len - ceil(s * len) + 1 rarest hashes
of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.measures._sets import HashSets, Part
from acceptance.text.ngrams import Hashes, positions
from acceptance.values.dealt import Dealt
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

BUCKETS = 1 << 20
LOW = np.uint64((1 << 44) - 1)


class Groups:
    """Pairs of group and row: the rows of a group stand together and rise."""

    def __init__(self) -> None:
        self.groups, self.rows = Numbers(np.int64), Numbers(np.int32)

    def append(self, group: Ints, row: npt.NDArray[np.integer[Any]]) -> None:
        self.groups.append(group)
        self.rows.append(row)

    def blocks(self) -> Iterator[tuple[Ints, Ints]]:
        """As many whole groups as are read at once, at least one."""
        group = row = np.zeros(0, dtype=np.int64)
        for more, rows in zip(self.groups.pieces(), self.rows.pieces(), strict=True):
            group, row = np.concatenate((group, more)), np.concatenate((row, rows))
            cut = int(np.searchsorted(group, group[-1]))  # the last one may go on
            if cut:
                yield group[:cut], row[:cut]
                group, row = group[cut:], row[cut:]
        if len(row):
            yield group, row

    def kept(self, which: Callable[[Ints, Ints], Mask]) -> Groups:
        """Some of the pairs."""
        kept = Groups()
        for group, row in self.blocks():
            chosen = which(group, row)
            kept.append(group[chosen], row[chosen])
        return kept


def candidates(sets: HashSets, besides: Mask, frequency: npt.NDArray[np.uint32], similarity: Fraction) -> Groups:
    """The groups of the rows that have hashes, `besides` some. Each group has two rows at least."""
    expected = sum(int(prefix(part.sizes, similarity).sum()) for part in sets.parts())
    dealt, groups, count = Dealt(expected, np.uint64, np.int32), Groups(), 0
    for part in sets.parts():
        wanted = (part.sizes > 0) & ~besides[part.rows]
        for portion in part.chosen(wanted).portions():
            dealt.append(*_rarest(portion, frequency, similarity))
    for ranks, owners in dealt.partitions():
        group, row = _shared(ranks, owners)
        groups.append(group + count, row)
        count += int(group[-1]) + 1 if len(group) else 0
    return groups


def prefix(lengths: Ints, s: Fraction) -> Ints:
    """len - ceil(s * len) + 1"""
    return lengths + -lengths * s.numerator // s.denominator + 1


def bucket(hashes: Hashes) -> Ints:
    """Where a hash is counted. Any total order of hashes keeps the search exact; a rare-first one keeps it fast."""
    return (hashes >> np.uint64(44)).astype(np.int64)


def _rarest(
    sets: Part, frequency: npt.NDArray[np.uint32], similarity: Fraction
) -> tuple[Hashes, npt.NDArray[np.int32]]:
    """The ranks of the rarest hashes of each row, and whose they are.

    A rank orders hashes by frequency, then by the bits that `bucket` leaves. Two hashes of one rank are one in 2**44
    and make rows candidates that share none; that rows which share one are candidates holds all the same.
    """
    hashes, starts = sets.of(np.arange(len(sets.rows)))
    often = np.minimum(frequency[bucket(hashes)], BUCKETS - 1).astype(np.uint64)
    ranks = (often << np.uint64(44)) | (hashes & LOW)
    for first, last in pairwise(starts.tolist()):
        ranks[first:last].sort()
    count = prefix(np.diff(starts), similarity)
    return ranks[positions(starts[:-1], count)], np.repeat(sets.rows.astype(np.int32), count)


def _shared(rank: Hashes, owner: npt.NDArray[np.int32]) -> tuple[Ints, npt.NDArray[np.int32]]:
    """(group, row) of the ranks that several rows have, groups counted from 0."""
    order = np.argsort(rank, kind="stable")  # rows come in order, and stay so in each group
    rank = rank[order]
    again = np.concatenate(([False], rank[1:] == rank[:-1], [False]))
    shared = again[1:] | again[:-1] if len(rank) else again[:0]
    rank, owner = rank[shared], owner[order[shared]]
    return np.cumsum(np.concatenate(([0], rank[1:] != rank[:-1])))[: len(rank)], owner
