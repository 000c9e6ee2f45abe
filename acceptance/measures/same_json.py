"""Whether an answer is one strict JSON text of the expected value: any key order, exact types, nothing around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from acceptance.measures.protocol import RowFunction, Use


def same_json(answer: Any, expected: Any) -> bool:
    if not isinstance(answer, str):
        return False
    try:
        found = json.loads(answer, object_pairs_hook=once, parse_constant=refuse, parse_float=Decimal)
        return same(found, expected)
    except (ValueError, ArithmeticError, RecursionError):
        return False


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


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
