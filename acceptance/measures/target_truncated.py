"""Marks rows whose trained tokens reach beyond the recipe's `max_length`, where truncation would cut them."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import NothingTrained, Outline, Renderer, RenderingError
from acceptance.tables import Detail


def cut(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    if outline.cut_target == 0:
        return False, None
    limit = renderer.recipe.max_length
    return True, Detail(
        "$.target", f"at most {limit} tokens", f"{outline.length} tokens",
        message=f"{outline.cut_target} of {outline.bearing} trained tokens lie beyond token {limit}",
        help="shorten the record, or split it")  # fmt: skip


def nothing_to_cut(error: RenderingError) -> Judged | None:
    return (False, None) if isinstance(error, NothingTrained) else None


MEASURE = RowMark(lambda use: PerRow(use, cut, np.bool_, nothing_to_cut))
