"""Sets of hashes, one per row, to clusters: rows joined by chains of pairs whose Jaccard similarity reaches a bound.

Exact: of the pairs within a group of candidates, length and parity sketch refuse most, the sets themselves decide.
Rows with equal sets count as one, and pairs already joined are not compared again. Lots are joined one after the other,
so that what a lot's rows are to each other and to earlier ones never depends on a later lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from acceptance.measures._candidates import Groups, candidates
from acceptance.measures._sets import BITS, HashSets, parity_sketch, portions
from acceptance.text.ngrams import Hashes
from acceptance.values import spill
from acceptance.values.dealt import Firsts, repeating
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

MAX_PAIRS = 50_000_000
"""Pairs looked at before the rest is left unjudged; only data made to stall a checker comes near."""
PAIRS = 1 << 12
"""Pairs compared at once."""
WIDTH = BITS // 64


class Clusters:
    """The cluster of each row, named by its earliest row. `lots`: the rows of each lot, in order."""

    def __init__(
        self, sets: HashSets, frequency: npt.NDArray[np.uint32], similarity: Fraction, lots: Iterable[slice]
    ) -> None:
        self.sets, self.similarity, self.lots = sets, similarity, lots
        self.roots = sets.firsts()
        self.groups = candidates(sets, repeating(self.roots), frequency, similarity)
        self.sketches = Sketches(sets, self.groups)
        self.looked_at = 0
        self.unfinished = list[Groups]()
        """Groups of rows for which the search was given up."""

    def rounds(self) -> Iterator[tuple[slice, Firsts]]:
        """Lot by lot: its rows, and for each row up to them the earliest of its cluster so far."""
        for lot in self.lots:
            self._join(self._with(lot), lot)
            flatten(self.roots)
            yield lot, self.roots[: lot.stop]

    def _with(self, lot: slice) -> Groups:
        """The groups of a lot's rows, without rows of later lots."""

        def concerned(group: Ints, row: Ints) -> Mask:
            before: Mask = row < lot.stop
            return before & np.isin(group, group[before & (row >= lot.start)])

        return self.groups.kept(concerned)

    def _join(self, groups: Groups, lot: slice) -> None:
        """Compares the rows of each group at distance 1, 2, 3, ... in it, until every group is one cluster.

        Of each pair one is of `lot`; the others were compared before.
        """
        distance = 1
        while self._compare_at(distance, groups, lot):
            if self.looked_at > MAX_PAIRS:
                self.unfinished.append(groups)
                return
            if distance & (distance - 1) == 0 or distance % 16 == 0:
                groups = self._open(groups, distance)
            distance += 1

    def _compare_at(self, distance: int, groups: Groups, lot: slice) -> bool:
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
        flatten(self.roots)

        def still(group: Ints, row: Ints) -> Mask:
            _, start, size = np.unique(group, return_index=True, return_counts=True)
            roots = self.roots[row]
            low, high = np.minimum.reduceat(roots, start), np.maximum.reduceat(roots, start)
            return np.repeat((low != high) & (size > distance + 1), size)

        return groups.kept(still)

    def _compare(self, left: Ints, right: Ints, lot: slice) -> None:
        """Joins those of the pairs that are similar; the second of each is the later row."""
        apart = (right >= lot.start) & (find(self.roots, left) != find(self.roots, right))
        left, right = left[apart], right[apart]
        self.looked_at += len(left)
        possible = self.sketches.may_be_similar(left, right, self.similarity)
        rows = max(len(self.roots), 1)
        left, right = np.divmod(np.unique(left[possible] * rows + right[possible]), rows)
        similar = self._similar(left, right)
        join(self.roots, left[similar], right[similar])

    def _similar(self, left: Ints, right: Ints) -> Mask:
        """Whether the sets of each pair are similar."""
        found = [np.zeros(0, dtype=np.bool_)]
        rows, where = np.unique(np.concatenate((left, right)), return_inverse=True)
        part, (left, right) = self.sets.part(rows), np.split(where, 2)
        for portion in portions(part.sizes[left] + part.sizes[right]):
            one, other = left[portion], right[portion]
            used = np.unique(np.concatenate((one, other)))
            hashes, starts = part.of(used)
            sets = np.split(hashes, starts[1:-1])
            pairs = zip(np.searchsorted(used, one).tolist(), np.searchsorted(used, other).tolist(), strict=True)
            found.append(np.array([similar(sets[a], sets[b], self.similarity) for a, b in pairs], dtype=np.bool_))
        return np.concatenate(found)


class Sketches:
    """On disk, of each row in a group its length and its parity sketch; of other rows nothing that counts."""

    def __init__(self, sets: HashSets, groups: Groups) -> None:
        self.sketches = Numbers(np.uint64)
        wanted = np.zeros(len(sets), dtype=np.bool_)
        for _, row in groups.blocks():
            wanted[row] = True
        for part in sets.parts():
            for portion in map(part.chosen, portions(part.sizes + BITS // 8)):  # a sketch is unpacked, too
                sketches = np.zeros((len(portion.rows), 1 + WIDTH), dtype=np.uint64)
                here = np.flatnonzero(wanted[portion.rows])
                sketches[here, 0] = portion.sizes[here]
                sketches[here, 1:] = parity_sketch(*portion.of(here))
                self.sketches.append(sketches.reshape(-1))

    def may_be_similar(self, left: Ints, right: Ints, s: Fraction) -> Mask:
        """Whether lengths and sketches of each pair allow it: |A ^ B| <= (1 - s) / (1 + s) * (|A| + |B|)."""
        rows, where = np.unique(np.concatenate((left, right)), return_inverse=True)
        width = 1 + WIDTH
        sketches = self.sketches.ranges(rows * width, np.full(len(rows), width)).reshape(-1, width)
        one, other = np.split(where, 2)
        sizes = sketches[:, 0].astype(np.int64)
        most = (sizes[one] + sizes[other]) * (s.denominator - s.numerator) // (s.denominator + s.numerator)
        near: Mask = np.abs(sizes[one] - sizes[other]) <= most
        bits = np.bitwise_count(sketches[one[near], 1:] ^ sketches[other[near], 1:])
        near[near] = bits.sum(axis=1, dtype=np.int64) <= most[near]
        return near


def similar(one: Hashes, other: Hashes, similarity: Fraction) -> bool:
    """Whether the Jaccard similarity of two sets reaches the bound."""
    common = int((other[np.minimum(np.searchsorted(other, one), len(other) - 1)] == one).sum())
    together = len(one) + len(other) - common
    return common * similarity.denominator >= similarity.numerator * together  # "at least" includes the bound


def join(roots: Firsts, left: Ints, right: Ints) -> None:
    """Joins the clusters of each pair in place; the root of a cluster is its earliest row."""
    while True:
        a, b = find(roots, left), find(roots, right)
        if (a == b).all():
            return
        np.minimum.at(roots, np.maximum(a, b), np.minimum(a, b))


def find(roots: Firsts, rows: Ints) -> Firsts:
    """The root of the cluster of each of some rows, to which they point from now on."""
    while True:
        found = roots[rows]
        above: Firsts = roots[found]
        if (above == found).all():
            return found
        roots[rows] = above


def flatten(roots: Firsts) -> None:
    """Makes every row point to the root of its cluster, which is an earlier one."""
    for first in range(0, len(roots), spill.ROWS):
        find(roots, np.arange(first, min(first + spill.ROWS, len(roots))))
