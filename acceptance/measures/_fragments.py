"""The words of a set's items to an index, and rows of words to the items they take from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from acceptance.text.ngrams import Hashes, Offsets, ngrams, offsets_of, positions, word_hashes

COVER = 5
"""Words of the runs by which a rewrite is recognised: a word is covered if such a run around it is in the row."""
TABLE_BITS = 21
PAIRS = 1 << 22
"""(row, item) pairs expanded at once; bounds memory."""

Ints = npt.NDArray[np.int64]
Hit = tuple[int, int, float]
"""(item, word of the row at which the fragment begins or -1, share of the item's words that the row covers)"""


class Index:
    """Each item's fragments and runs of five words as sorted hashes, with the places at which they stand."""

    def __init__(self, items: Sequence[str], size: int, rewrite: Fraction) -> None:
        hashes, offsets = word_hashes(items)
        self.size, self.rewrite = size, rewrite
        self.lengths = np.diff(offsets)
        fragments, starts = ngrams(hashes, offsets, size)
        self.fragments, first = np.unique(fragments, return_index=True)
        self.known_fragments = _Known(self.fragments)
        self.fragment_items = np.searchsorted(starts, first, side="right") - 1
        runs, starts = ngrams(hashes, offsets, COVER)
        order = np.argsort(runs, kind="stable")
        self.runs, self.run_starts, self.run_counts = np.unique(runs[order], return_index=True, return_counts=True)
        self.known_runs = _Known(self.runs)
        self.run_items = np.searchsorted(starts, order, side="right") - 1
        self.run_words = order - starts[self.run_items]

    def note(self, name: str) -> str:
        """How many items are too short for the rules; empty where none is."""
        short = int((self.lengths < self.size).sum())
        unchecked = int((self.lengths < COVER).sum())
        parts = [
            f"{short} of {len(self.lengths)} items of {name} have fewer than {self.size} words: judged by rewrite only"
        ]
        if unchecked:
            parts.append(f"{unchecked} have fewer than {COVER} and could not be checked")
        return "; ".join(parts) if short else ""

    def search(self, hashes: Hashes, offsets: Offsets) -> dict[int, Hit]:
        """Row -> what it takes; only rows that break one of the two rules, a fragment being named before a rewrite."""
        found = self._fragments(*ngrams(hashes, offsets, self.size))
        return self._rewrites(*ngrams(hashes, offsets, COVER), skip=found) | found

    def _fragments(self, grams: Hashes, offsets: Offsets) -> dict[int, Hit]:
        """The first fragment of each row that has one."""
        at, where = self.known_fragments.find(grams)
        rows = np.searchsorted(offsets, at, side="right") - 1
        rows, first = np.unique(rows, return_index=True)
        items, words = self.fragment_items[where[first]], at[first] - offsets[rows]
        return {r: (i, w, 0.0) for r, i, w in zip(rows.tolist(), items.tolist(), words.tolist(), strict=True)}

    def _rewrites(self, grams: Hashes, offsets: Offsets, skip: Mapping[int, Hit]) -> dict[int, Hit]:
        at, where = self.known_runs.find(grams)
        rows = np.searchsorted(offsets, at, side="right") - 1
        wanted = np.ones(len(offsets), dtype=np.bool_)
        wanted[list(skip)] = False
        pairs = np.unique(rows[wanted[rows]] * (len(self.runs) + 1) + where[wanted[rows]])  # each run once per row
        rows, runs = np.divmod(pairs, len(self.runs) + 1)
        found: dict[int, Hit] = {}
        for low, high in slices(rows, self.run_counts[runs]):
            found.update(self._covers(rows[low:high], runs[low:high]))
        return found

    def _covers(self, rows: Ints, runs: Ints) -> dict[int, Hit]:
        """The item that each row covers most of, where that is more than `rewrite` of its words."""
        counts = self.run_counts[runs]
        at = positions(self.run_starts[runs], counts)
        width = int(self.lengths.max()) + 1
        places = np.sort(
            (np.repeat(rows, counts) * len(self.lengths) + self.run_items[at]) * width + self.run_words[at]
        )
        pairs, words = np.divmod(places, width)
        step = np.diff(words, append=0)
        step[np.diff(pairs, append=-1) != 0] = COVER  # the last run of a pair
        new = np.flatnonzero(np.diff(pairs, prepend=-1))
        covered = np.add.reduceat(np.minimum(step, COVER), new)
        rows, items = np.divmod(pairs[new], len(self.lengths))
        return self._most(rows, items, covered)

    def _most(self, rows: Ints, items: Ints, covered: Ints) -> dict[int, Hit]:
        """For each row the first of the items covered most, if over the limit."""
        total, limit = self.lengths[items], self.rewrite
        over = covered * limit.denominator > total * limit.numerator  # "at most" includes the limit
        rows, items, share = rows[over], items[over], covered[over] / total[over]
        best = np.lexsort((items, -share, rows))
        first = best[np.unique(rows[best], return_index=True)[1]]
        return {int(rows[i]): (int(items[i]), -1, float(share[i])) for i in first.tolist()}


class _Known:
    """A sorted list of hashes, and a table of their first bits in front: most hashes of most rows are in neither."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self.table = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
        self.table[hashes >> np.uint64(64 - TABLE_BITS)] = True

    def find(self, grams: Hashes) -> tuple[Ints, Ints]:
        """(positions of the grams that are known, their positions in the list)"""
        maybe = np.flatnonzero(self.table[grams >> np.uint64(64 - TABLE_BITS)])
        if not len(maybe):
            return maybe, maybe
        where = np.minimum(np.searchsorted(self.hashes, grams[maybe]), len(self.hashes) - 1)
        right = self.hashes[where] == grams[maybe]
        return maybe[right], where[right]


def slices(rows: Ints, weights: Ints) -> list[tuple[int, int]]:
    """Ranges of whole rows whose weights together stay near PAIRS."""
    if not len(rows):
        return []
    starts = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
    bins = offsets_of(weights)[starts] // PAIRS
    cuts = starts[np.concatenate(([True], bins[1:] != bins[:-1]))].tolist()
    return list(zip(cuts, [*cuts[1:], len(rows)], strict=True))
