"""Rows to a mark: the given fields are those of an earlier row, as canonical JSON.

`normalise: none` compares values as they are (key order and `1` or `1.0` make no difference). `normalise: text`
compares texts without invisible characters, compatibility forms, case and spacing. A row in which none of the
fields is given is not marked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from unicodedata import normalize

from acceptance.measures._copies import NOTHING, SIZE, UNKNOWN, Copies
from acceptance.measures._marks import values
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT
from acceptance.text.folding import visible


class Duplicate(Copies):
    """The digest of the fields' canonical JSON."""

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
        return blake2b(canonical(found, self.letter).encode("utf-8", "surrogatepass"), digest_size=SIZE).digest()


def alike(text: str) -> str:
    """The text without invisible characters, compatibility forms, case and spacing."""
    if not text.isascii():
        text = normalize("NFKC", visible(text)).casefold()
    elif text.isprintable() and "  " not in text and text == text.strip():
        return text.lower()  # no spacing to even out
    else:
        text = text.lower()
    return " ".join(text.split())


def canonical(value: Any, letter: Callable[[str], str]) -> str:
    """JSON with sorted keys, one form for each number, and texts as `letter` writes them; absent differs from all."""
    return _ENCODER.encode(_plain(value, letter))


def _plain(value: Any, letter: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return letter(value)
    if isinstance(value, (dict, Mapping)):
        return {key: letter(one) if type(one) is str else _plain(one, letter) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, letter) for inner in value]
    if value is ABSENT:
        return {"": None}  # no record has it: an empty key is not a field
    if isinstance(value, (float, Decimal)) and value == int(value):
        return int(value)
    return float(value) if isinstance(value, Decimal) else value


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)

MEASURE = RowMark(Duplicate)
