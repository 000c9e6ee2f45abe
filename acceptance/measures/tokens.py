"""The length of a text in tokens of a recipe's tokenizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acceptance.measures._rendered import renderer_of
from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Absent, Malformed


def make(use: Use) -> Callable[[Any], int | Absent]:
    renderer = renderer_of(use)

    def tokens(text: Any) -> int | Absent:
        if isinstance(text, Absent):
            return ABSENT
        if not isinstance(text, str):
            raise Malformed
        return renderer.count(text)

    return tokens


MEASURE = RowFunction(make)
