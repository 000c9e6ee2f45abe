"""Whether an answer is one strict JSON text of the expected value: any key order, exact types, nothing around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import Malformed
from acceptance.values import jsontext


def same_json(answer: Any, expected: Any) -> bool:
    if not isinstance(answer, str):
        return False
    try:
        return same(jsontext.parse(answer), expected)
    except Malformed:
        return False


def same(found: Any, expected: Any) -> bool:
    """Equal, and of one JSON type; 1 and 1.0 differ, since one is an integer."""
    if isinstance(found, dict):
        return isinstance(expected, Mapping) and found.keys() == expected.keys() and all(
            same(value, expected[key]) for key, value in found.items())  # fmt: skip
    if isinstance(found, list):
        return isinstance(expected, (list, tuple)) and len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, Decimal):
        return isinstance(expected, (float, Decimal)) and found == Decimal(str(expected))
    return type(found) is type(expected) and bool(found == expected)


def make(use: Use) -> Callable[[Any, Any], bool]:
    return same_json


MEASURE = RowFunction(make)
