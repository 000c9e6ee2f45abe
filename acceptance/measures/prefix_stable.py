"""Marks rows where the model is trained, before each answer, on the text that it is shown when it has to answer.

A template that rewrites earlier turns once later ones follow (by removing their reasoning, say) is found here; so is
one whose prompt is another in evaluation. See `rendering.inspection.rewritten` for what is compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import Outline, Renderer
from acceptance.rendering.inspection import rewritten
from acceptance.tables import Detail


def stable(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    fault = rewritten(renderer, row, outline)
    if not fault:
        return True, None
    return False, Detail(
        "$", "the same text in training and in use", "another text", message=fault,
        help=f"have {renderer.template.name} write a turn the same way whatever follows it")  # fmt: skip


MEASURE = RowMark(lambda use: PerRow(use, stable, np.bool_))
