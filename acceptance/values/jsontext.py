"""A text to the one strict JSON value in it: no key twice, no NaN, nothing around it, decimals exact."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from acceptance.tables import Malformed

DEEPEST = 64
LONGEST = 64
"""Characters of one number."""


def parse(text: str) -> Any:
    """The value; floats as Decimal. Raises Malformed."""
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError, InvalidOperation):  # the last: an exponent beyond what a Decimal holds
        raise Malformed from None
    if text.count("{") + text.count("[") > DEEPEST and _deeper(found, DEEPEST):
        raise Malformed
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _short(token: str) -> str:
    if len(token) > LONGEST:
        raise ValueError("a number is too long")
    return token


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _deeper(one, levels - 1) for one in inner)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_refuse,
    parse_float=lambda token: Decimal(_short(token)),
    parse_int=lambda token: int(_short(token)),
)
