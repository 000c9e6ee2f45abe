"""Marks rows of which a recipe's rendering shows all texts of a value: its tools, its calls, its system message.

Texts are traced, not searched for. Keys, numbers and yes/no values are not texts. An absent value is shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark, Unavailable, Use
from acceptance.rendering import BadTemplate, Outline, Renderer
from acceptance.rendering.inspection import left_out
from acceptance.tables import Detail


class Shown(PerRow):
    """Looks at the texts at and below one field."""

    def __init__(self, use: Use) -> None:
        self.path = (use.paths.get("value") or [""])[0]
        if not self.path:
            raise Unavailable("`shown` looks for the texts of one field; name the field itself")
        super().__init__(use, self.all_of_it, np.bool_)

    def all_of_it(self, renderer: Renderer, row: dict[str, Any], outline: Outline) -> Judged:
        trace = renderer.trace(row, outline)
        if trace is None:
            raise BadTemplate(f"{renderer.template.name} changes the texts so that they cannot be traced")
        for leaf in left_out(trace):
            if leaf.path == self.path or leaf.path.startswith((f"{self.path}.", f"{self.path}[")):
                return False, Detail(
                    leaf.path, f"{self.path} in the text of {renderer.recipe.name}", "a text that is left out",
                    message=f"{renderer.template.name} leaves {leaf.path} out: the model never sees it",
                    help="have the template write it; `sftspec preview` shows what it writes")  # fmt: skip
        return True, None


MEASURE = RowMark(Shown)
