"""Rows to a mark: texts that share most of their word shingles with an earlier row, or with one joined to it.

Of each row the set of hashed shingles is kept: runs of `shingle` words of each field, words as `text.folded` gives
them (numbers count). A text with fewer words is one shingle, its word sequence; a row without words is not marked.
Similar means Jaccard >= `similarity`; clusters are chains of similar rows, and the earliest row stays. A later lot
joins no rows of earlier ones: a row of lot 2 that resembles two rows of lot 1 is marked, and they stay as judged.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from acceptance.measures._candidates import BUCKETS, bucket
from acceptance.measures._marks import values
from acceptance.measures._sets import HashSets
from acceptance.measures._similar import Clusters
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from acceptance.text.folding import folded
from acceptance.text.ngrams import Hashes, Offsets, ngrams, offsets_of, positions, salted, whole, word_hashes
from acceptance.values.dealt import repeating, sizes_of
from acceptance.values.exact import Mask
from acceptance.values.places import Places
from acceptance.values.spill import Numbers


class NearDuplicate:
    """The shingle sets of all rows, how frequent shingles are, and where the rows stand."""

    def __init__(self, use: Use) -> None:
        self.getters = use.getters["fields"]
        self.path = (use.paths.get("fields") or [""])[0] or "$"
        self.size = int(use.word("shingle"))
        self.similarity = Fraction(use.word("similarity"))
        self.places = Places()
        self.sets = HashSets()
        self.frequency = np.zeros(BUCKETS, dtype=np.uint32)
        self.known = Numbers(np.bool_, share=True)

    def add(self, batch: Batch) -> None:
        self.places.add(batch)
        rows = [values(self.getters, row) for row in batch.rows]
        self.known.append(np.array([row is not None for row in rows], dtype=np.bool_))
        texts = [[_text(row[field]) if row else "" for row in rows] for field in range(len(self.getters))]
        hashes, offsets = _distinct([shingles(column, self.size, field) for field, column in enumerate(texts)])
        np.add.at(self.frequency, bucket(hashes), np.uint32(1))  # of another type it would be thirty times slower
        self.sets.add(hashes, offsets)

    def merge(self, later: NearDuplicate) -> None:
        self.places.merge(later.places)
        self.sets.merge(later.sets)
        self.frequency += later.frequency
        self.known.extend(later.known)

    def clusters(self) -> Clusters:
        """The rows, to be joined once all were added."""
        return Clusters(self.sets, self.frequency, self.similarity, [rows for _, rows in self.places.lots()])

    def finish(self) -> Column:
        clusters, firsts = self.clusters(), Numbers(np.int32, share=True)
        for lot, roots in clusters.rounds():
            firsts.append(roots[lot].copy())  # a later lot changes them
        earliest = firsts.whole()
        column = self.column(clusters, repeating(earliest))
        for row in np.flatnonzero(column.values)[:MAX_DETAILS].tolist():
            column.details[row] = self._detail(int(earliest[row]), int((earliest == earliest[row]).sum()))
        column.clusters = sizes_of(earliest[column.values])
        return column

    def column(self, clusters: Clusters, marked: Mask) -> Column:
        """The mark. Unknown: malformed rows, and unmarked ones that were given up."""
        known = self.known.whole()
        for groups in clusters.unfinished:
            for _, row in groups.blocks():
                known[row] = marked[row]
        return Column(marked, known)

    def _detail(self, root: int, size: int) -> Detail:
        message = f"nearly repeats {self.places.named(root)}, the first of {size} rows alike"
        return Detail(
            self.path, f"less than {float(self.similarity):g} of the {self.size}-word runs in common with earlier rows",
            self.places.named(root), message, "remove the row, or write it anew",
        )  # fmt: skip


def shingles(texts: list[str], size: int, field: int) -> tuple[Hashes, Offsets]:
    """The hashed shingles of each text; those of different fields never meet."""
    hashes, offsets = word_hashes(texts)
    grams, starts = ngrams(hashes, offsets, size)
    lengths = np.diff(offsets)
    short = np.flatnonzero((lengths > 0) & (lengths < size))
    wholes = np.array([whole(hashes[offsets[text] : offsets[text + 1]]) for text in short.tolist()], dtype=np.uint64)
    counts = np.diff(starts)
    merged = np.insert(grams, starts[short], salted(wholes, 1_000))
    counts[short] = 1
    return salted(merged, field), offsets_of(counts)


def _distinct(parts: list[tuple[Hashes, Offsets]]) -> tuple[Hashes, Offsets]:
    """The union of several sets per row, sorted within each row."""
    counts = [np.diff(offsets) for _, offsets in parts]
    offsets = offsets_of(np.sum(counts, axis=0))
    hashes = np.empty(int(offsets[-1]), dtype=np.uint64)
    starts = offsets[:-1].copy()
    for (part, _), count in zip(parts, counts, strict=True):
        hashes[positions(starts, count)] = part
        starts += count
    for first, last in pairwise(offsets.tolist()):
        hashes[first:last].sort()  # rows are short: one after the other is quicker than all with their row's number
    new = np.ones(len(hashes), dtype=np.bool_)
    new[1:] = hashes[1:] != hashes[:-1]
    new[offsets[:-1][offsets[:-1] < len(hashes)]] = True
    return hashes[new], offsets_of(new.astype(np.int64))[offsets]


def _text(value: object) -> str:
    return folded(value) if isinstance(value, str) else ""


MEASURE = RowMark(NearDuplicate)
