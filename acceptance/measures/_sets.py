"""One set of 64-bit hashes per row: the sets go to disk, a length and one hash of each set stay in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from acceptance.text.ngrams import Hashes, Offsets, mixed, offsets_of
from acceptance.values import spill
from acceptance.values.spill import Ints, Numbers

BITS = 1024


class HashSets:
    """Rows of sorted, distinct hashes; appended in batches, read for some rows at a time once all are there."""

    def __init__(self) -> None:
        self.lengths: list[npt.NDArray[np.int32]] = []
        self.identities: list[Hashes] = []
        self.hashes = Numbers(np.uint64)
        self.sizes = self.starts = np.zeros(0, dtype=np.int64)

    def add(self, hashes: Hashes, offsets: Offsets) -> None:
        """Appends one set per text; `hashes` are sorted and distinct within each."""
        self.lengths.append(np.diff(offsets).astype(np.int32))
        self.identities.append(identity(hashes, offsets))
        self.hashes.append(hashes)

    def merge(self, later: Self) -> None:
        """Appends the sets of the rows right after these."""
        self.lengths += later.lengths
        self.identities += later.identities
        for piece in later.hashes.pieces():
            self.hashes.append(piece)

    def finish(self) -> None:
        """After the last row: how many hashes each has, and where they begin."""
        self.sizes = np.concatenate([np.zeros(0, dtype=np.int32), *self.lengths]).astype(np.int64)
        self.starts = offsets_of(self.sizes)[:-1]

    def firsts(self) -> Ints:
        """For each row the earliest row with the same set; empty sets stand alone."""
        identities = np.concatenate([np.zeros(0, dtype=np.uint64), *self.identities])
        _, first, inverse = np.unique(identities, return_index=True, return_inverse=True)
        roots: Ints = np.where(self.sizes > 0, first[inverse], np.arange(len(identities)))
        return roots

    def of(self, rows: Ints) -> tuple[Hashes, Offsets]:
        """The sets of some rows, which rise."""
        return self.hashes.ranges(self.starts[rows], self.sizes[rows]), offsets_of(self.sizes[rows])


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
