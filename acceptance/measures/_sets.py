"""One set of 64-bit hashes per row, where it begins, its length and one hash of the whole: all on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from acceptance.text.ngrams import Hashes, Offsets, mixed, offsets_of
from acceptance.values import spill
from acceptance.values.dealt import Firsts, firsts
from acceptance.values.exact import Mask
from acceptance.values.spill import Ints, Numbers

BITS = 1024


class HashSets:
    """Rows of sorted, distinct hashes: appended in batches, read for some rows at a time once all are there."""

    def __init__(self) -> None:
        self.starts, self.lengths = Numbers(np.int64, share=True), Numbers(np.int32, share=True)
        self.identities, self.hashes = Numbers(np.uint64, share=True), Numbers(np.uint64)

    def __len__(self) -> int:
        return len(self.lengths)

    def add(self, hashes: Hashes, offsets: Offsets) -> None:
        """Appends one set per text; `hashes` are sorted and distinct within each."""
        self.starts.append(len(self.hashes) + offsets[:-1])
        self.lengths.append(np.diff(offsets))
        self.identities.append(identity(hashes, offsets))
        self.hashes.append(hashes)

    def merge(self, later: Self) -> None:
        """Appends the sets of the rows right after these."""
        for starts in later.starts.pieces():
            self.starts.append(len(self.hashes) + starts)
        self.lengths.extend(later.lengths)
        self.identities.extend(later.identities)
        self.hashes.extend(later.hashes)

    def firsts(self) -> Firsts:
        """For each row the first row with the same set; empty sets stand alone."""
        filled = ((self.identities.at(part.rows)[part.sizes > 0], part.rows[part.sizes > 0]) for part in self.parts())
        return firsts(filled, len(self))

    def parts(self) -> Iterator[Part]:
        """All rows, as many as are read at once."""
        for first in range(0, len(self), spill.ROWS):
            yield self.part(np.arange(first, min(first + spill.ROWS, len(self))))

    def part(self, rows: Ints) -> Part:
        """Some rows, which rise."""
        return Part(self.hashes, rows, self.starts.at(rows), self.lengths.at(rows).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows, which rise: where the hashes of each begin, and how many it has."""

    hashes: Numbers
    rows: Ints
    starts: Ints
    sizes: Ints

    def chosen(self, which: Mask | Ints | slice) -> Part:
        """Some of these rows."""
        return Part(self.hashes, self.rows[which], self.starts[which], self.sizes[which])

    def of(self, positions: Ints) -> tuple[Hashes, Offsets]:
        """The sets of those of the rows that stand at some positions, which rise."""
        return self.hashes.ranges(self.starts[positions], self.sizes[positions]), offsets_of(self.sizes[positions])

    def portions(self) -> Iterator[Part]:
        """The rows, as many as have their sets read at once."""
        yield from map(self.chosen, portions(self.sizes))


def portions(sizes: Ints) -> Iterator[slice]:
    """Consecutive rows, or pairs of rows, whose sets are read at once, from how many hashes each has."""
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // spill.PIECE)) + 1
    yield from (slice(first, last) for first, last in pairwise((0, *cuts.tolist(), len(sizes))) if first < last)


def identity(hashes: Hashes, offsets: Offsets) -> Hashes:
    """One hash per set; equal for equal sets."""
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(mixed(hashes), dtype=np.uint64)))
    return mixed(sums[offsets[1:]] - sums[offsets[:-1]]) + np.diff(offsets).astype(np.uint64)


def parity_sketch(hashes: Hashes, offsets: Offsets) -> npt.NDArray[np.uint64]:
    """Shape (rows, BITS / 64): bit b is the parity of the hashes that fall on it.

    The bits in which two sketches differ are at most the elements in which the sets differ (Sandes et al. 2017).
    """
    lengths = np.diff(offsets)
    rows = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    cells = rows * BITS + (hashes % np.uint64(BITS)).astype(np.int64)
    parity = np.bincount(cells, minlength=len(lengths) * BITS).astype(np.uint8) & 1
    sketches: npt.NDArray[Any] = np.packbits(parity.reshape(-1, BITS), axis=1).view(np.uint64)
    return sketches
