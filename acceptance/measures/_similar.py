"""Sets of hashes, one per row, to clusters: rows joined by chains of pairs whose Jaccard similarity reaches a bound.

Exact: of the pairs within a group of candidates, length and parity sketch refuse most, the sets themselves decide.
Rows with equal sets count as one, and pairs already joined are not compared again. Lots are joined one after the other,
so that what a lot's rows are to each other and to earlier ones never depends on a later lot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.measures._candidates import Groups, candidates
from acceptance.measures._sets import BITS, HashSets, Part, parity_sketch, portions
from acceptance.text.ngrams import Hashes
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

MAX_PAIRS = 50_000_000
"""Pairs looked at before the rest is left unjudged; only data made to stall a checker comes near."""
PAIRS = 1 << 14
"""Pairs compared at once."""
WIDTH = BITS // 64


class Clusters:
    """Those of the rows that may belong to a cluster, rising, and all else by their positions among them.

    `unjudged`: those for which the search was not finished.
    """

    def __init__(
        self, sets: HashSets, frequency: npt.NDArray[np.uint32], similarity: Fraction, lots_of: Callable[[Ints], Ints]
    ) -> None:
        repeats = sets.repeats()
        groups = candidates(sets, repeats.rows, frequency, similarity)
        concerned = np.zeros(len(sets), dtype=np.bool_)
        for rows in (repeats.rows, repeats.firsts, *(row for _, row in groups.blocks())):
            concerned[rows] = True
        self.sets, self.similarity = sets.part(np.flatnonzero(concerned)), similarity
        self.rows, self.lots = self.sets.rows, lots_of(self.sets.rows).astype(np.int32)
        self.roots = np.arange(len(self.rows), dtype=np.int32)
        self.roots[np.searchsorted(self.rows, repeats.rows)] = np.searchsorted(self.rows, repeats.firsts)
        self.unjudged = np.zeros(len(self.rows), dtype=np.bool_)
        self.looked_at = 0
        self.groups = groups.standing(self.rows)
        self.sketches = Sketches(self.sets)

    def rounds(self) -> Iterator[tuple[Mask, Ints]]:
        """Lot by lot: which of the rows are of it, and for each of them the earliest of its cluster so far."""
        for lot in np.unique(self.lots).tolist():
            self._join(self._with(lot), lot)
            yield self.lots == lot, self.roots

    def _with(self, lot: int) -> Groups:
        """The groups of a lot's rows, without rows of later lots."""

        def concerned(group: Ints, row: Ints) -> Mask:
            of_it: Mask = np.isin(group, group[self.lots[row] == lot])
            return of_it & (self.lots[row] <= lot)

        return self.groups.kept(concerned)

    def _join(self, groups: Groups, lot: int) -> None:
        """Compares the rows of each group at distance 1, 2, 3, ... in it, until every group is one cluster.

        Of each pair one is of `lot`; the others were compared before.
        """
        distance = 1
        while self._compare_at(distance, groups, lot):
            if self.looked_at > MAX_PAIRS:
                for _, row in groups.blocks():
                    self.unjudged[row] = True
                return
            if distance & (distance - 1) == 0 or distance % 16 == 0:
                groups = self._open(groups, distance)
            distance += 1

    def _compare_at(self, distance: int, groups: Groups, lot: int) -> bool:
        """Whether any group has rows that far apart in it."""
        wide = False
        for group, row in groups.blocks():
            left = np.flatnonzero(group[distance:] == group[:-distance])
            wide = wide or len(left) > 0
            for first in range(0, len(left), PAIRS):
                here = left[first : first + PAIRS]
                self._compare(row[here], row[here + distance], lot)
        return wide

    def _open(self, groups: Groups, distance: int) -> Groups:
        """The groups that have further pairs, not all in one cluster yet."""

        def still(group: Ints, row: Ints) -> Mask:
            _, start, size = np.unique(group, return_index=True, return_counts=True)
            roots = self.roots[row]
            low, high = np.minimum.reduceat(roots, start), np.maximum.reduceat(roots, start)
            return np.repeat((low != high) & (size > distance + 1), size)

        return groups.kept(still)

    def _compare(self, left: Ints, right: Ints, lot: int) -> None:
        """Joins those of the pairs that are similar."""
        apart = (self.roots[left] != self.roots[right]) & (np.maximum(self.lots[left], self.lots[right]) == lot)
        left, right = left[apart], right[apart]
        self.looked_at += len(left)
        possible = self._may_be_similar(left, right)
        rows = max(len(self.lots), 1)
        left, right = np.divmod(np.unique(left[possible] * rows + right[possible]), rows)
        similar = self._similar(left, right)
        join(self.roots, left[similar], right[similar])

    def _may_be_similar(self, left: Ints, right: Ints) -> Mask:
        """Whether lengths and sketches allow it: |A ^ B| <= (1 - s) / (1 + s) * (|A| + |B|)."""
        s, (one, other) = self.similarity, (self.sets.sizes[side].astype(np.int64) for side in (left, right))
        most = (one + other) * (s.denominator - s.numerator) // (s.denominator + s.numerator)
        near: Mask = np.abs(one - other) <= most
        near[near] = self.sketches.differing(left[near], right[near]) <= most[near]
        return near

    def _similar(self, left: Ints, right: Ints) -> Mask:
        """Whether the sets of each pair are similar."""
        found = [np.zeros(0, dtype=np.bool_)]
        sizes = self.sets.sizes
        for portion in portions(sizes[left] + sizes[right]):
            one, other = left[portion], right[portion]
            rows = np.unique(np.concatenate((one, other)))
            hashes, starts = self.sets.of(rows)
            sets = np.split(hashes, starts[1:-1])
            pairs = zip(np.searchsorted(rows, one).tolist(), np.searchsorted(rows, other).tolist(), strict=True)
            found.append(np.array([similar(sets[a], sets[b], self.similarity) for a, b in pairs], dtype=np.bool_))
        return np.concatenate(found)


class Sketches:
    """The parity sketches of some rows."""

    def __init__(self, sets: Part) -> None:
        self.sketches = Numbers(np.uint64)
        for portion in portions(sets.sizes + BITS // 8):  # a sketch is unpacked, too
            self.sketches.append(parity_sketch(*sets.of(np.arange(portion.start, portion.stop))).reshape(-1))

    def differing(self, left: Ints, right: Ints) -> Ints:
        """How many bits of the sketches of each pair differ."""
        rows, where = np.unique(np.concatenate((left, right)), return_inverse=True)
        sketches = self.sketches.ranges(rows * WIDTH, np.full(len(rows), WIDTH)).reshape(-1, WIDTH)
        bits = np.bitwise_count(sketches[where[: len(left)]] ^ sketches[where[len(left) :]])
        counts: Ints = bits.sum(axis=1, dtype=np.int64)
        return counts


def similar(one: Hashes, other: Hashes, similarity: Fraction) -> bool:
    """Whether the Jaccard similarity of two sets reaches the bound."""
    common = int((other[np.minimum(np.searchsorted(other, one), len(other) - 1)] == one).sum())
    together = len(one) + len(other) - common
    return common * similarity.denominator >= similarity.numerator * together  # "at least" includes the bound


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
