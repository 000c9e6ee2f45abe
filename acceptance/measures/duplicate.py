"""Rows to a mark: the given fields are those of an earlier row, as JSON values.

`normalise: none` compares values as they are (key order and `1` or `1.0` make no difference). `normalise: text`
compares texts without invisible characters, compatibility forms, case and spacing. A row in which none of the
fields is given is not marked.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from unicodedata import normalize

from acceptance.measures._copies import Copies
from acceptance.measures._marks import values
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT
from acceptance.text.folding import visible
from acceptance.values.dealt import NOTHING, SIZE, UNKNOWN


class Duplicate(Copies):
    """The digest of the fields' canonical form."""

    message = "repeats {0} in the fields compared"
    help = "remove the copy, or write the record anew"

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.getters = use.getters["fields"]
        self.path = (use.paths.get("fields") or [""])[0] or "$"
        self.letter: Callable[[str], str] = alike if use.word("normalise") == "text" else str

    def digest(self, row: dict[str, object]) -> bytes:
        found = values(self.getters, row)
        if found is None:
            return UNKNOWN
        if all(value is ABSENT for value in found):
            return NOTHING
        return blake2b(canonical(found, self.letter), digest_size=SIZE).digest()


def alike(text: str) -> str:
    """The text without invisible characters, compatibility forms, case and spacing."""
    if text.isascii():
        text = text.lower()
    else:
        text = normalize("NFKC", text if text.isprintable() else visible(text)).casefold()
    if text.isprintable() and "  " not in text and text.strip() == text:
        return text  # no spacing to even out
    return " ".join(text.split())


def canonical(values: Any, letter: Callable[[str], str]) -> bytes:
    """The same bytes for equal values: keys in any order, one form for each number, texts as `letter` writes them."""
    parts: list[Any] = []
    _spread(values, letter, parts)
    return marshal.dumps(parts, PLAIN)


PLAIN = 2
"""The version of marshal that writes each value out, however often it occurs."""


def _spread(value: Any, letter: Callable[[str], str], parts: list[Any]) -> None:
    """Adds a value in depth-first order: an object as its keys and their values, a list as its length and its items."""
    if isinstance(value, str):
        parts.append(letter(value))
    elif isinstance(value, (list, tuple)):
        parts.append((len(value),))
        for one in value:
            _spread(one, letter, parts)
    elif isinstance(value, (dict, Mapping)):
        keys = sorted(value)
        parts.append(tuple(keys))
        for key in keys:
            one = value[key]
            if type(one) is str:
                parts.append(letter(one))
            else:
                _spread(one, letter, parts)
    else:
        parts.append(_single(value))


def _single(value: Any) -> Any:
    """Null, a truth, a number or a date; absent differs from all."""
    if value is ABSENT:
        return b""
    if isinstance(value, (float, Decimal)):
        return int(value) if value == int(value) else float(value)
    return value if value is None or isinstance(value, int) else str(value)


MEASURE = RowMark(Duplicate)
