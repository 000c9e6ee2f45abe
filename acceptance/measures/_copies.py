"""One digest per row to a mark: rows whose digest an earlier row has; the earliest is not marked."""

from __future__ import annotations

from typing import Self

import numpy as np

from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from acceptance.values.places import Places

SIZE = 16
NOTHING, UNKNOWN = bytes(SIZE), b"\xff" * SIZE
"""In place of a digest: there is nothing to compare; the value is malformed."""


class Copies:
    """Sixteen bytes and a place per row. A subclass says what is compared (`digest`) and how to explain it (`path`)."""

    path = "$"
    expected = "values that no earlier row has"
    message = "repeats {0}"
    help = "remove the copy"

    def __init__(self) -> None:
        self.places = Places()
        self.digests = bytearray()

    def digest(self, row: dict[str, object]) -> bytes:
        """What is compared, as SIZE bytes."""
        raise NotImplementedError

    def add(self, batch: Batch) -> None:
        self.places.add(batch)
        self.digests += b"".join(map(self.digest, batch.rows))

    def merge(self, later: Self) -> None:
        """Joins the state for the rows right after these."""
        self.places.merge(later.places)
        self.digests += later.digests

    def finish(self) -> Column:
        pairs = np.frombuffer(bytes(self.digests), dtype=np.uint64).reshape(-1, 2)
        compared = (pairs != 0).any(axis=1)
        known = ~(pairs == np.uint64(2**64 - 1)).all(axis=1)
        first = earliest(pairs)
        marked = compared & known & (first != np.arange(len(pairs)))
        rows = np.flatnonzero(marked)[:MAX_DETAILS].tolist()
        details = {row: self._detail(self.places.named(int(first[row]))) for row in rows}
        return Column(marked, known, details, groups=np.where(marked, first, np.arange(len(pairs))))

    def _detail(self, where: str) -> Detail:
        return Detail(self.path, self.expected, where, self.message.format(where), self.help)


def earliest(pairs: np.ndarray[tuple[int, int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each row the first row that equals it."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # stable: equal rows stay in delivered order
    ordered = pairs[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[new][np.cumsum(new) - 1] if len(order) else order
    return first
