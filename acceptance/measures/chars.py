"""A text to its length in characters (code points); absent for an absent text. Raises Malformed for what is no text."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def chars(text: Any) -> Any:
    if text is ABSENT:
        return ABSENT
    if not isinstance(text, str):
        raise Malformed
    return len(text)


MEASURE = RowFunction(lambda use: chars)
