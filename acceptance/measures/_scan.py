"""Rows to a mark: some text of the row shows something that a scanner looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.measures._marks import Marks
from acceptance.tables import Batch, Detail, below, strings

CHUNK = 32
"""Rows whose texts are put to the gate at once."""
LONG = 1 << 18
"""Characters that are, but for a row that alone has more."""
SHORT = 20
"""Characters below which a plain name, as a key, holds nothing."""

Texts = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one text. `found` is confidential."""

    what: str
    found: str


class Scan(Marks):
    """Marks rows in which `look` sees something; the first sighting of a row is explained.

    `gate` sees the texts of many rows at once, a line break between two, and answers whether a closer look is worth
    it; it may err to that side. `prepare` is applied to each text before `look`, and is for the gate to allow for.
    """

    def __init__(
        self,
        look: Callable[[str], Sighting | None],
        expected: str,
        help: str,
        texts: Callable[[str], Texts] | None = None,
        gate: Callable[[str], bool] | None = None,
        prepare: Callable[[str], str] = str,
    ) -> None:
        super().__init__()
        self.look, self.expected, self.help = look, expected, help
        self.texts_of, self.gate, self.prepare = texts, gate, prepare
        self.texts: Texts | None = None

    def add(self, batch: Batch) -> None:
        self.texts = self.texts or (self.texts_of(batch.table) if self.texts_of else with_keys)
        if self.gate is None:
            self._look(batch.rows)
            return
        joined = spoken(batch) if self.texts is with_keys else [joined_texts(self.texts, row) for row in batch.rows]
        for some in _groups(joined):
            self._judge(batch.rows[some], joined[some], self.gate)

    def _judge(self, rows: list[dict[str, Any]], joined: list[str], gate: Callable[[str], bool]) -> None:
        """Halves the rows until nothing suspicious is among them, or one is left."""
        if not gate("\n".join(joined)):
            self.put_all(False, len(rows))
        elif len(rows) > 1:
            middle = len(rows) // 2
            self._judge(rows[:middle], joined[:middle], gate)
            self._judge(rows[middle:], joined[middle:], gate)
        else:
            self._look(rows)

    def _look(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            seen = next(self._sightings(row), None)
            self.put(seen is not None, seen)

    def _sightings(self, row: dict[str, Any]) -> Iterator[Detail]:
        for path, text in self.texts(row) if self.texts else ():
            seen = self.look(self.prepare(text))
            if seen:
                yield Detail(path, self.expected, seen.found, seen.what, self.help)


def _groups(joined: list[str]) -> Iterator[slice]:
    """Rows that the gate sees together; a long one stands alone, since it would be read again with each half."""
    first = size = 0
    for at, text in enumerate(joined):
        if at > first and (at - first == CHUNK or size + len(text) > LONG):
            yield slice(first, at)
            first, size = at, 0
        size += len(text)
    if joined:
        yield slice(first, len(joined))


def joined_texts(texts: Texts, row: Mapping[str, Any]) -> str:
    return "\n".join(text for _, text in texts(row))


def spoken(batch: Batch) -> list[str]:
    """For each row what `with_keys` finds, in one text; every scanner of the batch reads it."""
    if "spoken" not in batch.cache:
        batch.cache["spoken"] = ["\n".join(contents(row, [])) for row in batch.rows]
    found: list[str] = batch.cache["spoken"]
    return found


def contents(value: Any, found: list[str]) -> list[str]:
    """Adds what `with_keys` finds in a value, in another order and without its paths."""
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if len(key) >= SHORT or not key.isidentifier():
                found.append(key)
            if type(inner) is str:
                found.append(inner)
            else:
                contents(inner, found)
    elif isinstance(value, list):
        for inner in value:
            contents(inner, found)
    return found


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
                yield from _keys(inner, below(path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict | list):
                yield from _keys(inner, below(path, position))
