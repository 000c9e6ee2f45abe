"""Marks rows whose text opens with the same control token twice: a beginning that no model was pretrained on."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import Outline, Renderer
from acceptance.rendering.inspection import beginning_twice
from acceptance.tables import Detail


def twice(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    token = beginning_twice(renderer, outline)
    if not token:
        return False, None
    return True, Detail(
        "$", f"{token} once", f"{token} twice", message=f"the text begins with {token} twice",
        help=f"write it once in {renderer.template.name}")  # fmt: skip


MEASURE = RowMark(lambda use: PerRow(use, twice, np.bool_))
