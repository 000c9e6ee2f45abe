"""Whether a text is one strict JSON value: every key once, no NaN, nothing around it."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed
from acceptance.values import jsontext


def is_json(text: Any) -> bool:
    if text is ABSENT:
        return False
    if not isinstance(text, str):
        raise Malformed
    try:
        jsontext.parse(text)
    except Malformed:
        return False
    return True


MEASURE = RowFunction(lambda use: is_json)
