"""Marks rows where every trained part ends with the end-of-turn token, so that the model learns to stop."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import NothingTrained, Outline, Renderer, RenderingError
from acceptance.tables import Detail


def ends_trained(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    for number, last in enumerate(outline.ends, start=1):
        if last != renderer.end_id:
            return False, without_end(renderer, number, last)
    return True, None


def without_end(renderer: Renderer, number: int, last: int) -> Detail:
    end = renderer.recipe.end_of_turn
    return Detail(
        "$.target", f"{end} as the last trained token", repr(renderer.tokens.tokenizer.decode([last])),
        message=f"trained part {number} ends without {end}: the model would not learn to stop",
        help=f"put {end} inside the generation block of {renderer.template.name}")  # fmt: skip


def never_where_nothing_is(error: RenderingError) -> Judged | None:
    if not isinstance(error, NothingTrained):
        return None
    return False, Detail(error.path, "a trained end of turn", "nothing trained", message=str(error))


MEASURE = RowMark(lambda use: PerRow(use, ends_trained, np.bool_, never_where_nothing_is))
