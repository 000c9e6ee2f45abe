"""Marks rows whose trained tokens reach beyond the recipe's `max_length`, where truncation would cut them."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import Example, NothingTrained, Renderer, RenderingError
from acceptance.tables import Detail


def cut(renderer: Renderer, row: dict[str, Any], example: Example) -> Judged:
    if example.cut_target == 0:
        return False, None
    limit = renderer.recipe.max_length
    return True, Detail(
        "$.target", f"at most {limit} tokens", f"{example.length} tokens",
        message=f"{example.cut_target} of {sum(example.trained)} trained tokens lie beyond token {limit}",
        help="shorten the record, or split it")  # fmt: skip


def nothing_to_cut(error: RenderingError) -> Judged | None:
    return (False, None) if isinstance(error, NothingTrained) else None


MEASURE = RowMark(lambda use: PerRow(use, cut, np.bool_, nothing_to_cut))
