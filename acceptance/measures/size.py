"""A list to its number of entries; absent for an absent list. Raises Malformed for what is no list."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def size(entries: Any) -> Any:
    if entries is ABSENT:
        return ABSENT
    if not isinstance(entries, list | tuple):
        raise Malformed
    return len(entries)


MEASURE = RowFunction(lambda use: size)
