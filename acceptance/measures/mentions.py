"""A text and a value to whether the text contains the value, whatever case and spacing; a list, all its entries.

An absent text mentions nothing, and an absent or empty value is mentioned nowhere. Raises Malformed for a text that
is none.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import plain
from spec_lang.types import plain as plain_number


def mentions(text: Any, value: Any) -> bool:
    if text is ABSENT:
        return False
    if not isinstance(text, str):
        raise Malformed
    searched = plain(text).casefold()
    wanted = value if isinstance(value, list | tuple) else [value]
    return bool(wanted) and all(_contains(searched, entry) for entry in wanted)


def _contains(searched: str, value: Any) -> bool:
    wanted = plain(_written(value)).casefold()
    return bool(wanted) and wanted in searched


def _written(value: Any) -> str:
    """The value as a text would hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, float):
        return plain_number(Decimal(repr(value)))
    return value.isoformat() if isinstance(value, date) else ""


MEASURE = RowFunction(lambda use: mentions)
