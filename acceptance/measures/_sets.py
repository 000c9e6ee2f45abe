"""One set of 64-bit hashes per row, kept in memory while they are few and in a temporary file beyond."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, Self

import numpy as np

from acceptance.text.ngrams import Hashes, Offsets, mixed, offsets_of

IN_MEMORY = 64 << 20
"""Bytes of hashes held before they go to disk."""
BITS = 1024


class HashSets:
    """Rows of sorted, distinct hashes; appended in batches, read by row."""

    def __init__(self) -> None:
        self.lengths: list[np.ndarray[Any, Any]] = []
        self.identities: list[Hashes] = []
        self.sketches: list[np.ndarray[Any, Any]] = []
        self.blocks: list[Hashes] = []
        self.file: BinaryIO | None = None
        self.held = 0

    def add(self, hashes: Hashes, offsets: Offsets) -> None:
        """Appends one set per text; `hashes` are sorted and distinct within each."""
        lengths = np.diff(offsets)
        self.lengths.append(lengths)
        self.identities.append(identity(hashes, offsets))
        self.sketches.append(parity_sketch(hashes, lengths))
        self._append(hashes)

    def merge(self, later: Self) -> None:
        """Appends the sets of the rows right after these."""
        self.lengths += later.lengths
        self.identities += later.identities
        self.sketches += later.sketches
        for block in later.stored():
            self._append(block)

    def _append(self, hashes: Hashes) -> None:
        self.blocks.append(hashes)
        self.held += hashes.nbytes
        if self.held > IN_MEMORY:
            self.file = self.file or tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the sets)
            for block in self.blocks:
                self.file.write(block.tobytes())
            self.blocks, self.held = [], 0

    def stored(self) -> list[Hashes]:
        """All hashes in order, in blocks; those on disk as one mapped block."""
        if self.file is None:
            return self.blocks
        self.file.flush()
        return [np.memmap(self.file, dtype=np.uint64, mode="r"), *self.blocks]

    def flat(self) -> tuple[Hashes, Offsets]:
        """All hashes, mapped from disk where they are many, and where each row begins."""
        if self.file is not None:
            for block in self.blocks:
                self.file.write(block.tobytes())
            self.blocks, self.held = [], 0
        blocks = self.stored()
        flat = blocks[0] if len(blocks) == 1 else np.concatenate([np.zeros(0, dtype=np.uint64), *blocks])
        return flat, offsets_of(np.concatenate([np.zeros(0, dtype=np.int64), *self.lengths]))

    def __getstate__(self) -> dict[str, Any]:
        """Travels between processes without its file."""
        return {**self.__dict__, "blocks": [np.array(block) for block in self.stored()], "file": None, "held": 0}


def identity(hashes: Hashes, offsets: Offsets) -> Hashes:
    """One hash per set; equal for equal sets."""
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(mixed(hashes), dtype=np.uint64)))
    return mixed(sums[offsets[1:]] - sums[offsets[:-1]]) + np.diff(offsets).astype(np.uint64)


def parity_sketch(hashes: Hashes, lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Shape (rows, BITS / 64): bit b is the parity of the hashes that fall on it.

    The bits in which two sketches differ are at most the elements in which the sets differ (Sandes et al. 2017).
    """
    rows = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    sketches = []
    for first in range(0, len(lengths), 2_000):
        last = min(first + 2_000, len(lengths))
        low, high = np.searchsorted(rows, (first, last))
        cells = (rows[low:high] - first) * BITS + (hashes[low:high] % np.uint64(BITS)).astype(np.int64)
        parity = np.bincount(cells, minlength=(last - first) * BITS).astype(np.uint8) & 1
        sketches.append(np.packbits(parity.reshape(-1, BITS), axis=1).view(np.uint64))
    return np.concatenate(sketches) if sketches else np.zeros((0, BITS // 64), dtype=np.uint64)
