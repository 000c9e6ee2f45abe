"""A list of records to the texts in their field `name`, none if absent. Raises Malformed where one has no name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def names(entries: Any) -> list[str]:
    if entries is ABSENT:
        return []
    if not isinstance(entries, list | tuple):
        raise Malformed
    return [_name(entry) for entry in entries]


def _name(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if not isinstance(name, str):
        raise Malformed
    return name


MEASURE = RowFunction(lambda use: names)
