"""Sets of hashes, one per row, to clusters: rows joined by chains of pairs whose Jaccard similarity reaches a bound.

Exact: prefix filtering (Chaudhuri et al. 2006) finds every candidate, length and parity sketch refuse most, the sets
themselves decide. Rows with equal sets count as one, and pairs already joined are not compared again. Lots are joined
one after the other, so that what a lot's rows are to each other and to earlier ones never depends on a later lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.measures._sets import HashSets
from acceptance.text.ngrams import Hashes, offsets_of, positions

MAX_PAIRS = 50_000_000
"""Pairs looked at before the rest is left unjudged; only data made to stall a checker comes near."""
BLOCK = 1 << 20
PREFIX_ROWS = 5_000

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_POPCOUNT = np.array([bin(value).count("1") for value in range(1 << 16)], dtype=np.uint8)


class Clusters:
    """Rows and their lots, (rows,) and rising. `unjudged`: rows for which the search was not finished."""

    def __init__(self, sets: HashSets, frequency: npt.NDArray[np.uint32], similarity: Fraction, lots: Ints) -> None:
        self.flat, self.offsets = sets.flat()
        self.lots = lots
        self.lengths = np.diff(self.offsets)
        self.similarity = similarity
        self.sketches = np.concatenate([np.zeros((0, 16), dtype=np.uint64), *sets.sketches])
        self.roots = _first_with_same(sets, self.lengths)
        self.unjudged = np.zeros(len(self.lengths), dtype=np.bool_)
        self.looked_at = 0
        distinct = np.flatnonzero((self.roots == np.arange(len(self.roots))) & (self.lengths > 0))
        self.group, self.row = self._candidates(distinct, frequency)

    def rounds(self) -> Iterator[tuple[Mask, Ints]]:
        """Lot by lot: which rows are of it, and for each row up to there the earliest row of its cluster so far."""
        for lot in np.unique(self.lots).tolist():
            within = self.lots[self.row] <= lot
            group, row = self.group[within], self.row[within]
            new = np.isin(group, group[self.lots[row] == lot])
            self._join(group[new], row[new], lot)
            yield self.lots == lot, self.roots

    def _candidates(self, rows: Ints, frequency: npt.NDArray[np.uint32]) -> tuple[Ints, Ints]:
        """(group, row), sorted: similar rows share a group, for they share one of their rarest hashes."""
        ranks, owners = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
        for first in range(0, len(rows), PREFIX_ROWS):
            chosen, owner = self._prefixes(rows[first : first + PREFIX_ROWS], frequency)
            ranks.append(chosen)
            owners.append(owner)
        rank, owner = np.concatenate(ranks), np.concatenate(owners)
        order = np.argsort(rank, kind="stable")  # rows come in order, and stay so in each group
        rank = rank[order]
        again = rank[1:] == rank[:-1]
        shared = np.concatenate((again, [False])) | np.concatenate(([False], again)) if len(rank) else again
        rank, owner = rank[shared], owner[order[shared]]
        return np.cumsum(np.concatenate(([0], rank[1:] != rank[:-1])))[: len(rank)], owner

    def _prefixes(self, rows: Ints, frequency: npt.NDArray[np.uint32]) -> tuple[Hashes, Ints]:
        """The ranks of the rarest len - ceil(s * len) + 1 hashes of each row, and whose they are.

        A rank orders hashes by frequency, then by the bits that `bucket` leaves. Two hashes of one rank are one in
        2**44 and make rows candidates that share none; that rows which share one are candidates holds all the same.
        """
        lengths = self.lengths[rows]
        hashes = self.flat[positions(self.offsets[rows], lengths)]
        often = np.minimum(frequency[bucket(hashes)], BUCKETS - 1).astype(np.uint64)
        ranks = (often << np.uint64(44)) | (hashes & np.uint64((1 << 44) - 1))
        starts = offsets_of(lengths)
        for first, last in pairwise(starts.tolist()):
            ranks[first:last].sort()
        s = self.similarity
        least = -(-lengths * s.numerator // s.denominator)  # ceil(s * length)
        count = lengths - least + 1
        return ranks[positions(starts[:-1], count)], np.repeat(rows, count)

    def _join(self, group: Ints, row: Ints, lot: int) -> None:
        """Compares the rows of each group at distance 1, 2, 3, ... in it, until every group is one cluster.

        Of each pair one is of `lot`; the others were compared before.
        """
        distance = 1
        while len(row) > distance:
            left = np.flatnonzero(group[distance:] == group[:-distance])
            if not len(left):
                return
            for first in range(0, len(left), BLOCK):
                here = left[first : first + BLOCK]
                self._compare(row[here], row[here + distance], lot)
            if self.looked_at > MAX_PAIRS:
                self.unjudged[row] = True
                return
            if distance & (distance - 1) == 0 or distance % 16 == 0:
                open_ = self._open(group, row, distance)
                group, row = group[open_], row[open_]
            distance += 1

    def _open(self, group: Ints, row: Ints, distance: int) -> Mask:
        """Members of groups that have further pairs, not all in one cluster yet."""
        _, start, size = np.unique(group, return_index=True, return_counts=True)
        roots = self.roots[row]
        low, high = np.minimum.reduceat(roots, start), np.maximum.reduceat(roots, start)
        return np.repeat((low != high) & (size > distance + 1), size)

    def _compare(self, left: Ints, right: Ints, lot: int) -> None:
        """Joins those of the pairs that are similar."""
        apart = (self.roots[left] != self.roots[right]) & (np.maximum(self.lots[left], self.lots[right]) == lot)
        left, right = left[apart], right[apart]
        self.looked_at += len(left)
        possible = self._may_be_similar(left, right)
        pairs = np.unique(np.stack((left[possible], right[possible]), axis=1), axis=0)
        similar = np.array([self._similar(a, b) for a, b in pairs.tolist()], dtype=np.bool_)
        if similar.any():
            join(self.roots, pairs[similar, 0], pairs[similar, 1])

    def _may_be_similar(self, left: Ints, right: Ints) -> Mask:
        """Whether lengths and sketches allow it: |A ^ B| <= (1 - s) / (1 + s) * (|A| + |B|)."""
        together = self.lengths[left] + self.lengths[right]
        s = self.similarity
        most = together * (s.denominator - s.numerator) // (s.denominator + s.numerator)
        differing = _ones(self.sketches[left] ^ self.sketches[right])
        allowed: Mask = (differing <= most) & (np.abs(self.lengths[left] - self.lengths[right]) <= most)
        return allowed

    def _similar(self, left: int, right: int) -> bool:
        a = self.flat[self.offsets[left] : self.offsets[left + 1]]
        b = self.flat[self.offsets[right] : self.offsets[right + 1]]
        common = int((b[np.minimum(np.searchsorted(b, a), len(b) - 1)] == a).sum())
        return Fraction(common, len(a) + len(b) - common) >= self.similarity  # "at least" includes the bound


def bucket(hashes: Hashes) -> Ints:
    """Where a hash is counted. Any total order of hashes keeps the search exact; a rare-first one keeps it fast."""
    return (hashes >> np.uint64(44)).astype(np.int64)


BUCKETS = 1 << 20


def _first_with_same(sets: HashSets, lengths: Ints) -> Ints:
    """For each row the earliest row with the same set; empty sets stand alone."""
    identities = np.concatenate([np.zeros(0, dtype=np.uint64), *sets.identities])
    _, first, inverse = np.unique(identities, return_index=True, return_inverse=True)
    roots: Ints = np.where(lengths > 0, first[inverse], np.arange(len(lengths)))
    return roots


def join(roots: Ints, left: Ints, right: Ints) -> None:
    """Joins the clusters of each pair in place; the root of a cluster is its earliest row, for every member."""
    while True:
        a, b = roots[left], roots[right]
        if (a == b).all():
            return
        np.minimum.at(roots, np.maximum(a, b), np.minimum(a, b))
        flatten(roots)


def flatten(roots: Ints) -> None:
    """Makes every row point to the root of its cluster."""
    while True:
        above: Any = roots[roots]
        if (above == roots).all():
            return
        roots[:] = above


def _ones(sketches: npt.NDArray[np.uint64]) -> Ints:
    """Bits set in each row."""
    counts: Ints = _POPCOUNT[sketches.view(np.uint16)].sum(axis=1, dtype=np.int64)
    return counts
