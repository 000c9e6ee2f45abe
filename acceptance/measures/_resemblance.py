"""The prints of published sets to an index, and rows of texts to the records they are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from acceptance.measures._fragments import slices
from acceptance.prints import Prints
from acceptance.text import runs as texts
from acceptance.text.ngrams import positions

LEAST = 8
"""Runs that must be kept of a record before a share of them says anything; a shorter one is known in whole only."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hit:
    """The record that a row is taken from, from 0; `cover` is None where the row is that record."""

    record: int
    cover: float | None


class Resemblance:
    """One set's identities and runs, sorted, with the records they belong to."""

    def __init__(self, prints: Prints, cover: Fraction) -> None:
        self.prints, self.cover = prints, cover
        self.records = _firsts(prints.identities)
        order = np.argsort(prints.runs, kind="stable")
        self.runs = prints.runs[order]
        self.run_records = np.repeat(np.arange(prints.header.records), prints.counts)[order]

    def note(self) -> str:
        """How many records are too short for a share; empty where none is."""
        short = int((self.prints.counts < LEAST).sum())
        header = self.prints.header
        ending = f"have fewer than {LEAST} runs of {header.run} words to themselves: known in whole only"
        return f"{short:,} of {header.records:,} records of {header.name} {ending}" if short else ""

    def search(self, identities: Sequence[int], keys: texts.Keys) -> dict[int, Hit]:
        """Row -> the record it is, else the one it holds most of, where that is over the share."""
        found = {row: Hit(self.records[one], None) for row, one in enumerate(identities) if one in self.records}
        rows, hashes = texts.owners(keys), texts.hashes(keys)
        low, high = (np.searchsorted(self.runs, hashes, side=side) for side in ("left", "right"))
        covered: dict[int, Hit] = {}
        for first, last in slices(rows, high - low):
            covered |= self._covered(rows[first:last], low[first:last], (high - low)[first:last])
        return covered | found

    def _covered(self, rows: Ints, low: Ints, counts: Ints) -> dict[int, Hit]:
        """Of whole rows, the record that each holds most of; `low` and `counts`: where the runs of each stand."""
        records = self.run_records[positions(low, counts)]
        pairs, shared = np.unique(np.repeat(rows, counts) * len(self.prints.counts) + records, return_counts=True)
        rows, records = np.divmod(pairs, max(len(self.prints.counts), 1))
        total = self.prints.counts[records].astype(np.int64)
        over = (total >= LEAST) & (shared * self.cover.denominator > total * self.cover.numerator)  # not at the limit
        rows, records, share = rows[over], records[over], shared[over] / total[over]
        best = np.lexsort((records, -share, rows))
        first = best[np.unique(rows[best], return_index=True)[1]]
        return {int(rows[at]): Hit(int(records[at]), float(share[at])) for at in first.tolist()}


def _firsts(identities: npt.NDArray[np.uint64]) -> dict[int, int]:
    """Identity -> the first record that has it; records without words are nobody's."""
    found, first = np.unique(identities, return_index=True)
    return {one: at for one, at in zip(found.tolist(), first.tolist(), strict=True) if one}
