"""Rows of an evidence table of findings to a mark: True where nothing is objected."""

from __future__ import annotations

from acceptance.measures._marks import Marks
from acceptance.tables import Batch, Detail


class Unobjected(Marks):
    """True for an empty row, else False with the finding's message and repair."""

    def __init__(self, expected: str) -> None:
        super().__init__()
        self.expected = expected

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            self.put(not row, self._detail(row) if row and self.room() else None)

    def _detail(self, row: dict[str, str]) -> Detail:
        return Detail("$", self.expected, row.get("found", ""), row["message"], row["help"])
