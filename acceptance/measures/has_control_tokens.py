"""Marks rows whose own text would become a control token of the recipe's tokenizer, in any field, rendered or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import ControlText, Outline, Renderer, RenderingError
from acceptance.tables import Detail


def spells_none(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    """A row that was rendered has passed the check."""
    return False, None


def spells_one(error: RenderingError) -> Judged | None:
    """The check comes before everything else: another error means that the row passed it."""
    if not isinstance(error, ControlText):
        return False, None
    message = str(error).partition("; ")[0].removeprefix(f"{error.path} ")
    return True, Detail(error.path, "text without control tokens", "a control token", message=message,
                        help="remove it, or write it in other characters")  # fmt: skip


MEASURE = RowMark(lambda use: PerRow(use, spells_none, np.bool_, spells_one))
