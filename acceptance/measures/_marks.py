"""One answer after another to a column: the state that most row marks share."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from acceptance.tables import MAX_DETAILS, Column, Detail, Getter, Malformed, Row

FALSE, TRUE, UNKNOWN = 0, 1, 2


class Marks:
    """A byte per row and the first explanations. A subclass calls `put` once per row, in order."""

    note = ""
    """What could not be looked at in full."""

    def __init__(self) -> None:
        self.answers = array("b")
        self.details: dict[int, Detail] = {}

    def put(self, answer: bool | None, detail: Detail | None = None) -> None:
        """The answer for the next row; None where it cannot be judged."""
        if detail is not None and self.room():
            self.details[len(self.answers)] = detail
        self.answers.append(UNKNOWN if answer is None else TRUE if answer else FALSE)

    def put_all(self, answer: bool, count: int) -> None:
        """The same answer for the next rows."""
        self.answers.frombytes(bytes((TRUE if answer else FALSE,)) * count)

    def room(self) -> bool:
        """Whether a further explanation would be kept."""
        return len(self.details) < MAX_DETAILS

    def merge(self, later: Self) -> None:
        """Joins the answers for the rows right after these."""
        start = len(self.answers)
        self.answers.extend(later.answers)
        for row, detail in later.details.items():
            if self.room():
                self.details[start + row] = detail

    def finish(self) -> Column:
        """Bool, one per row; unknown where a value was malformed."""
        answers = np.frombuffer(self.answers, dtype=np.int8) if self.answers else np.zeros(0, dtype=np.int8)
        return Column(answers == TRUE, answers != UNKNOWN, dict(self.details), note=self.note)


def values(getters: Sequence[Getter], row: Row) -> list[Any] | None:
    """The row's values, or None where one is malformed."""
    try:
        return [getter(row) for getter in getters]
    except Malformed:
        return None
