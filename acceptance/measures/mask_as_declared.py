"""Marks rows where exactly the target is trained: all of it that is not marked `untrained`, and its end.

The template's word for it is not taken: every value of the record is traced into the rendering, so an input that equals
the target is still an input. What the template itself writes between target values (punctuation, tags) goes with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import Outline, Renderer, RenderingError, Untrainable
from acceptance.rendering.inspection import wrongly_masked
from acceptance.tables import Detail

LABELS = "what is a label, and no part of the answer, is marked `untrained` in the contract"


def as_declared(renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
    for path, message in wrongly_masked(renderer, row, outline):
        return False, detail(renderer, outline, path, message)
    return True, None


def detail(renderer: Renderer, outline: Outline, path: str, message: str) -> Detail:
    trained = " ... ".join(outline.text[begin:past] for begin, past in outline.spans)
    return Detail(
        path,
        expected=f"trained: $.target without what is marked untrained, {renderer.recipe.end_of_turn}, nothing else",
        found=f"trained: {trained[:300]}",
        message=message,
        help=f"see the record with `sftspec preview`; the mask is set by {renderer.template.name}; {LABELS}",
    )


def refused(error: RenderingError) -> Judged | None:
    """A record that must not be trained on has no declared mask; one that is incomplete is left to other clauses."""
    if not isinstance(error, Untrainable):
        return None
    return False, Detail(error.path, "a record that can be trained on", "", message=str(error))


MEASURE = RowMark(lambda use: PerRow(use, as_declared, np.bool_, refused))
