"""What the measures on renderings share: a judge of one row's rendering in, a column with explanations out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.measures.protocol import Unavailable, Use
from acceptance.rendering import Outline, Renderer, RenderingError, outlined
from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from acceptance.values.spill import Numbers

Row = dict[str, Any]
Judged = tuple[Any, Detail | None]
"""A row's value, and why it deserves a look."""
Judge = Callable[[Renderer, Row, Outline], Judged]
Excuse = Callable[[RenderingError], Judged | None]
"""The value of a row that has no rendering; None where it cannot be judged."""


def renderer_of(use: Use) -> Renderer:
    """The renderer of the argument `by`. Raises Unavailable where the template or tokenizer cannot be used."""
    try:
        return use.renderer(use.word("by"))
    except RenderingError as error:
        raise Unavailable(str(error)) from error


def unjudged(_: RenderingError) -> Judged | None:
    return None


class PerRow:
    """A marker that asks `judge` about each row's rendering, and `excuse` about rows that have none."""

    def __init__(self, use: Use, judge: Judge, dtype: type, excuse: Excuse = unjudged) -> None:
        self.renderer = renderer_of(use)
        self.judge, self.excuse, self.dtype = judge, excuse, dtype
        self.values, self.known = Numbers(dtype, share=True), Numbers(np.bool_, share=True)
        self.details: dict[int, Detail] = {}
        self.rows = 0

    def add(self, batch: Batch) -> None:
        values: npt.NDArray[Any] = np.zeros(len(batch), dtype=self.dtype)
        known = np.ones(len(batch), dtype=np.bool_)
        for position, (row, outline) in enumerate(zip(batch.rows, outlined(batch, self.renderer), strict=True)):
            judged = self.judged(row, outline)
            if isinstance(judged, RenderingError):
                known[position] = False
                self.note(position, Detail(judged.path, "a record that renders", "", message=str(judged)))
            else:
                values[position] = judged[0]
                self.note(position, judged[1])
        self.values.append(values)
        self.known.append(known)
        self.rows += len(batch)

    def judged(self, row: Row, outline: Outline | RenderingError) -> Judged | RenderingError:
        """The row's value; the error where it has none."""
        if isinstance(outline, RenderingError):
            return self.excuse(outline) or outline
        try:
            return self.judge(self.renderer, row, outline)
        except RenderingError as error:
            return self.excuse(error) or error

    def note(self, position: int, detail: Detail | None) -> None:
        if detail is not None and len(self.details) < MAX_DETAILS:
            self.details[self.rows + position] = detail

    def merge(self, later: PerRow) -> None:
        for row, detail in later.details.items():
            if len(self.details) < MAX_DETAILS:
                self.details[self.rows + row] = detail
        for mine, theirs in ((self.values, later.values), (self.known, later.known)):
            mine.extend(theirs)
        self.rows += later.rows

    def finish(self) -> Column:
        return Column(self.values.whole(), self.known.whole(), self.details)
