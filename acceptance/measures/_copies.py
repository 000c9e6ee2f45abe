"""One digest per row to a mark: rows whose digest an earlier row has; the earliest is not marked."""

from __future__ import annotations

from typing import Self

import numpy as np

from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from acceptance.values.dealt import UNKNOWN, Digests, repeating, sizes_of
from acceptance.values.places import Places


class Copies:
    """Sixteen bytes for each row, on disk, and the places.

    A subclass says what is compared (`digest`) and how to explain it (`path`).
    """

    path = "$"
    expected = "values that no earlier row has"
    message = "repeats {0}"
    help = "remove the copy"

    def __init__(self) -> None:
        self.places = Places()
        self.digests = Digests()

    def digest(self, row: dict[str, object]) -> bytes:
        """What is compared, as SIZE bytes."""
        raise NotImplementedError

    def add(self, batch: Batch) -> None:
        self.places.add(batch)
        self.digests.append(b"".join(map(self.digest, batch.rows)))

    def merge(self, later: Self) -> None:
        """Joins the state for the rows right after these."""
        self.places.merge(later.places)
        self.digests.extend(later.digests)

    def finish(self) -> Column:
        firsts = self.digests.firsts()
        marked = repeating(firsts)
        rows = np.flatnonzero(marked)[:MAX_DETAILS].tolist()
        details = {row: self._detail(self.places.named(int(firsts[row]))) for row in rows}
        return Column(marked, ~self.digests.rows_with(UNKNOWN), details, clusters=sizes_of(firsts[marked]))

    def _detail(self, where: str) -> Detail:
        return Detail(self.path, self.expected, where, self.message.format(where), self.help)
