"""The number of tokens of each row that a recipe trains on: after its truncation, none where the row bears no loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import NothingTrained, Outline, Renderer, RenderingError


def trained(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    recipe = renderer.recipe
    if renderer.filler.weight(row) <= 0:
        return 0, None
    if recipe.overflow == "drop" and outline.length > recipe.max_length:
        return 0, None
    return outline.bearing - (outline.cut_target if recipe.overflow == "cut" else 0), None


def none_where_nothing_is(error: RenderingError) -> Judged | None:
    return (0, None) if isinstance(error, NothingTrained) else None


MEASURE = RowMark(lambda use: PerRow(use, trained, np.int64, none_where_nothing_is))
