"""Rows to a mark that a plug-in sets: each row's values go to its process, and what it answers is the row's.

A plug-in that fails leaves every row unjudged: `finish` raises Unavailable with the reason; the clause is undecided.
"""

from __future__ import annotations

from typing import Any

from acceptance.measures._marks import Marks, values
from acceptance.measures.protocol import RowMark, Unavailable, Use
from acceptance.tables import ABSENT, Batch, Column, Detail


class Plugged(Marks):
    """A byte per row, and why the plug-in failed if it did."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.measure = use.call.measure
        self.getters = [getter for getters in use.getters.values() for getter in getters]
        paths = [path for found in use.paths.values() for path in found]
        self.path = (paths[0] if len(paths) == 1 else "") or "$"
        self.scan = use.plugin(use.call)
        self.failure = ""

    def add(self, batch: Batch) -> None:
        rows = [values(self.getters, row) if self.getters else [row] for row in batch.rows]
        asked = [row for row in rows if row is not None and not all(value is ABSENT for value in row)]
        try:
            answers = iter(self.scan(asked) if asked and not self.failure else [None] * len(asked))
        except Unavailable as failure:
            self.failure, answers = str(failure), iter([None] * len(asked))
        for row in rows:
            if row is None:
                self.put(None)
            elif all(value is ABSENT for value in row):
                self.put(False)
            else:
                self._answered(next(answers))

    def _answered(self, answer: Any) -> None:
        objects = answer if isinstance(answer, bool) else None if answer is None else bool(answer)
        found = answer if isinstance(answer, str) else ""
        self.put(objects, self._detail(found) if objects and self.room() else None)

    def _detail(self, found: str) -> Detail:
        return Detail(
            self.path, f"not {self.measure}", found, f"{self.measure} objects to it", "look at it, and repair it"
        )

    def merge(self, later: Plugged) -> None:
        super().merge(later)
        self.failure = self.failure or later.failure

    def finish(self) -> Column:
        if self.failure:
            raise Unavailable(self.failure)
        return super().finish()


MEASURE = RowMark(Plugged)
