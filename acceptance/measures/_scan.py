"""Rows to a mark: some text of the row shows something that a scanner looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.measures._marks import Marks
from acceptance.tables import Batch, Detail, strings

FEW = 4
"""Rows looked at one by one."""
SHORT = 20
"""Characters below which a plain name, as a key, holds nothing."""

Texts = Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one text. `found` is confidential."""

    what: str
    found: str


class Scan(Marks):
    """Marks rows in which `look` sees something; the first sighting of a row is explained.

    `gate` sees the texts of many rows at once and answers whether a closer look is worth it; it may err to that side.
    `prepare` is applied to each text once, before both.
    """

    def __init__(
        self,
        look: Callable[[str], Sighting | None],
        expected: str,
        help: str,
        texts: Callable[[str], Texts] = lambda table: strings,
        gate: Callable[[str], bool] = lambda joined: True,
        prepare: Callable[[str], str] = str,
    ) -> None:
        super().__init__()
        self.look, self.expected, self.help = look, expected, help
        self.texts_of, self.gate, self.prepare = texts, gate, prepare
        self.texts: Texts | None = None

    def add(self, batch: Batch) -> None:
        self.texts = texts = self.texts or self.texts_of(batch.table)
        if texts is strings and "strings" not in batch.cache:
            batch.cache["strings"] = [list(with_keys(row)) for row in batch.rows]  # every scanner of a row reads these
        found = batch.cache["strings"] if texts is strings else map(texts, batch.rows)
        self._judge([[(path, self.prepare(text)) for path, text in row] for row in found])

    def _judge(self, rows: list[list[tuple[str, str]]]) -> None:
        """Halves the rows until nothing suspicious is among them, or they are few."""
        if not self.gate("\n".join(text for row in rows for _, text in row)):
            for _ in rows:
                self.put(False)
        elif len(rows) > FEW:
            self._judge(rows[: len(rows) // 2])
            self._judge(rows[len(rows) // 2 :])
        else:
            for row in rows:
                seen = next(self._sightings(row), None)
                self.put(seen is not None, seen)

    def _sightings(self, row: list[tuple[str, str]]) -> Iterator[Detail]:
        for path, text in row:
            seen = self.look(text)
            if seen:
                yield Detail(path, self.expected, seen.found, seen.what, self.help)


def with_keys(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of a row with its path, and every key that is no short plain name."""
    yield from strings(row)
    yield from _keys(row, "$")


def _keys(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if len(key) >= SHORT or not key.isidentifier():
                yield path, key
            if isinstance(inner, dict | list):
                yield from _keys(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict | list):
                yield from _keys(inner, f"{path}[{position}]")
