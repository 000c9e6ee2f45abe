"""Rows to a mark: some text of the row shows something that a scanner looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.measures._marks import Marks
from acceptance.tables import Batch, Detail, strings

Texts = Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one text. `found` is confidential."""

    what: str
    found: str
    path: str = ""


class Scan(Marks):
    """Marks rows in which `look` sees something; the first sighting of a row is explained."""

    def __init__(
        self,
        look: Callable[[str], Sighting | None],
        expected: str,
        help: str,
        texts: Callable[[str], Texts] = lambda table: strings,
    ) -> None:
        super().__init__()
        self.look, self.expected, self.help = look, expected, help
        self.texts_of = texts
        self.texts: Texts | None = None

    def add(self, batch: Batch) -> None:
        self.texts = self.texts or self.texts_of(batch.table)
        for row in batch.rows:
            seen = next(self._sightings(row), None)
            self.put(seen is not None, seen)

    def _sightings(self, row: Mapping[str, Any]) -> Iterator[Detail]:
        for path, text in self.texts(row) if self.texts else ():
            seen = self.look(text)
            if seen:
                yield Detail(path, self.expected, seen.found, f"{seen.what} in {path}", self.help)
