"""A text and an offset to the words that could stand there.

A word that nobody declared is written at the cursor and the text is compiled: the diagnostic that says the word is not
known also says which ones are. So an editor offers what `check` accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from spec_lang.compiler import Compiled
from spec_lang.editing.cursor import Cursor, cursor_at, finished
from spec_lang.signatures import signatures
from spec_lang.source import Source
from spec_lang.symbols import Offer
from spec_lang.words import MEANINGS, TYPES, UNITS, reserved

NOBODYS = "zz_written_here"
Kind = Literal["keyword", "label", "field", "word", "name", "type", "measure", "argument", "module", "unit"]
KINDS: dict[str, Kind] = {
    "SFT2003": "field",
    "SFT2004": "label",
    "SFT2006": "measure",
    "SFT2007": "word",
    "SFT2008": "module",
    "SFT2010": "field",
    "SFT3005": "argument",
}
"""What the known words are, by the code under which an unknown one is reported; else names of declarations."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One word to choose. `insert` is written in place of the word at the cursor."""

    word: str
    kind: Kind
    insert: str
    text: str = ""
    """What it means, in one sentence, where that is known."""


@dataclass(frozen=True, slots=True)
class Completions:
    """What may stand in place of the text from `start` to `end`."""

    start: int
    end: int
    items: tuple[Completion, ...]


def complete(source: Source, offset: int, compile: Callable[[Source], Compiled]) -> Completions:
    """What can be written at the offset; nothing inside texts and comments."""
    cursor = cursor_at(source, offset)
    if cursor is None:
        return Completions(offset, offset, ())
    found = {item.word: item for item in _items(cursor, compile)}
    return Completions(cursor.start, cursor.end, tuple(found.values()))


def _items(cursor: Cursor, compile: Callable[[Source], Compiled]) -> Iterator[Completion]:
    kinds = cursor.accepts()
    if _behind_number(cursor):
        yield from _units(cursor)
        kinds -= {"NAME", "LABEL"}  # a name behind a number would be a unit
    if "LABEL" in kinds and not cursor.dotted:
        yield from _known(cursor, f"{NOBODYS}:", compile)
    if "NAME" in kinds:
        qualifier = cursor.source.text[cursor.head : cursor.start]
        yield from _known(cursor, f"{qualifier}{NOBODYS}", compile)
    if not cursor.dotted:
        yield from _keywords(kinds)


def _known(cursor: Cursor, word: str, compile: Callable[[Source], Compiled]) -> Iterator[Completion]:
    """The names that the compiler knows at the cursor."""
    text = finished(cursor, word)
    if text is None:
        return
    compiled = compile(Source(cursor.source.name, text, cursor.source.path))
    offers = compiled.reading.report.offers if compiled.reading is not None else []
    offer = next((offer for offer in offers if _at(offer, compiled.source, cursor)), None)
    if offer is None:
        return
    before = cursor.source.text[offer.span.start : cursor.start]
    for name in offer.words:
        if name.startswith(before):
            yield _completion(name.removeprefix(before), KINDS.get(offer.code, "name"), cursor)
    if offer.code == "SFT2003" and not cursor.dotted:
        yield from (_completion(name, "measure", cursor) for name in signatures())


def _at(offer: Offer, source: Source | None, cursor: Cursor) -> bool:
    span = offer.span
    return span.source is source and span.start <= cursor.start and cursor.start + len(NOBODYS) <= span.end


def _completion(name: str, kind: Kind, cursor: Cursor) -> Completion:
    after = cursor.source.text[cursor.end : cursor.end + 1]
    if kind in ("label", "argument"):
        return Completion(name, kind, name if after == ":" else f"{name}: ")
    if kind == "measure":
        text = signatures()[name].text if name in signatures() else ""
        return Completion(name, kind, name if after == "(" else f"{name}(", text)
    if name in TYPES:
        return Completion(name, "type", name, TYPES[name])
    return Completion(name, kind, name)


def _keywords(kinds: Iterable[str]) -> Iterator[Completion]:
    words = reserved()
    for kind in sorted(kinds):
        if kind in words:
            yield Completion(words[kind], "keyword", words[kind], MEANINGS[words[kind]])


def _behind_number(cursor: Cursor) -> bool:
    if cursor.dotted or not cursor.tokens or cursor.tokens[-1].type != "NUMBER":
        return False
    return not cursor.source.text[cursor.tokens[-1].end_pos or 0 : cursor.head].strip(" \t")


def _units(cursor: Cursor) -> Iterator[Completion]:
    adjacent = cursor.source.text[: cursor.head][-1:].isdigit()
    for unit, meaning in UNITS.items():
        gap = " " if adjacent and unit not in ("%", "pp") else ""
        yield Completion(unit, "unit", gap + unit, meaning)
