"""One answer after another to a column: the state that most row marks share."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from acceptance.tables import MAX_DETAILS, Column, Detail, Getter, Malformed, Row
from acceptance.values.spill import Numbers

FALSE, TRUE, UNKNOWN = 0, 1, 2
LATEST = 1 << 12
"""Answers held before they join the others."""


class Marks:
    """A byte per row and the first explanations. A subclass calls `put` once per row, in order."""

    note = ""
    """What could not be looked at in full."""

    def __init__(self) -> None:
        self.answers, self.latest = Numbers(np.int8, share=True), array("b")
        self.details: dict[int, Detail] = {}

    @property
    def rows(self) -> int:
        """Rows answered so far, which is the next row."""
        return len(self.answers) + len(self.latest)

    def put(self, answer: bool | None, detail: Detail | None = None) -> None:
        """The answer for the next row; None where it cannot be judged."""
        if detail is not None and self.room():
            self.details[self.rows] = detail
        self.latest.append(UNKNOWN if answer is None else TRUE if answer else FALSE)
        if len(self.latest) >= LATEST:
            self._write()

    def put_all(self, answer: bool, count: int) -> None:
        """The same answer for the next rows."""
        self.latest.frombytes(bytes((TRUE if answer else FALSE,)) * count)
        if len(self.latest) >= LATEST:
            self._write()

    def room(self) -> bool:
        """Whether a further explanation would be kept."""
        return len(self.details) < MAX_DETAILS

    def merge(self, later: Self) -> None:
        """Joins the answers for the rows right after these."""
        self._write()
        later._write()
        for row, detail in later.details.items():
            if self.room():
                self.details[self.rows + row] = detail
        self.answers.extend(later.answers)

    def finish(self) -> Column:
        """Bool, one per row; unknown where a value was malformed."""
        self._write()
        answers = self.answers.whole()
        return Column(answers == TRUE, answers != UNKNOWN, dict(self.details), note=self.note)

    def _write(self) -> None:
        self.answers.append(np.array(self.latest, dtype=np.int8))
        self.latest = array("b")


def values(getters: Sequence[Getter], row: Row) -> list[Any] | None:
    """The row's values, or None where one is malformed."""
    try:
        return [getter(row) for getter in getters]
    except Malformed:
        return None
