"""The length of each row in tokens, as a recipe renders it, before truncation."""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import Outline, Renderer


def length(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    return outline.length, None


MEASURE = RowMark(lambda use: PerRow(use, length, np.int64))
