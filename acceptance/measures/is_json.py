"""Whether a text is one strict JSON value: every key once, no NaN, nothing around it."""

from __future__ import annotations

import json
from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.measures.same_json import once, refuse
from acceptance.tables import ABSENT, Malformed


def is_json(text: Any) -> bool:
    if text is ABSENT:
        return False
    if not isinstance(text, str):
        raise Malformed
    try:
        json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


MEASURE = RowFunction(lambda use: is_json)
