"""A text to its number of words, which stand between white space, as in a field's `1..9 words`; absent if absent.

Raises Malformed for what is no text.
"""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def words(text: Any) -> Any:
    if text is ABSENT:
        return ABSENT
    if not isinstance(text, str):
        raise Malformed
    return len(text.split())


MEASURE = RowFunction(lambda use: words)
