"""A file's tree to its outline: blocks, and in them groups, fields, clauses, words and settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from spec_lang import phrases
from spec_lang import syntax as s
from spec_lang.source import Span

Kind = Literal["block", "enum", "type", "table", "group", "field", "clause", "definition", "word", "setting"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline. `span` covers all of it, `name_span` what to jump to."""

    name: str
    detail: str
    kind: Kind
    span: Span
    name_span: Span
    inner: tuple[Entry, ...] = ()


def outline(file: s.File) -> tuple[Entry, ...]:
    """The blocks of a file in order."""
    return tuple(entry for block in file.declarations if (entry := _block(block)) is not None)


def _block(block: s.Declaration) -> Entry | None:
    match block:
        case s.Contract(name=name, settings=settings):
            return _entry(block, name, "contract", "block", map(_setting, settings))
        case s.Enum(name=name, members=members):
            return _entry(block, name, "enum", "enum", map(_word, members))
        case s.TypeDecl(name=name, items=items):
            return _entry(block, name, "type", "type", map(_item, items))
        case s.Table(name=name, items=items):
            return _entry(block, name, "table", "table", map(_item, items))
        case s.Record(name=name, items=items):
            return _entry(block, name, "record", "table", map(_item, items))
        case s.Terms(name=name, items=items):
            return _entry(block, name, f"terms on {block.table.text}", "block", map(_item, items))
        case s.Mixture(name=name):
            return _entry(block, name or block.table, f"mixture on {block.table.text}", "block")
        case s.Reference(name=name):
            return _entry(block, name, "reference", "block")
        case s.Recipe(name=name, settings=settings):
            return _entry(block, name, f"recipe for {block.table.text}", "block", map(_setting, settings))
        case s.HeldOut(name=name, settings=settings):
            return _entry(block, name, "heldout", "block", map(_setting, settings))
        case s.Payment(currency=currency, settings=settings):
            return _entry(block, currency, "payment", "block", map(_setting, settings))
        case _:
            return None


def _item(item: s.Field | s.Group | s.Clause | s.Let) -> Entry:
    match item:
        case s.Field(name=name, type=type_):
            return _entry(item, name, phrases.type_text(type_), "field")
        case s.Group(name=name, items=items):
            return _entry(item, name, "group", "group", map(_item, items))
        case s.Clause(name=name, role=role):
            return _entry(item, name, role, "clause")
        case s.Let(name=name):
            return _entry(item, name, "let", "definition")


def _setting(item: s.Setting) -> Entry:
    return _entry(item, item.label, "", "setting")


def _word(item: s.Member) -> Entry:
    return _entry(item, item.name, item.doc.text if item.doc else "", "word", map(_word, item.members))


def _entry(item: s.Syntax, name: s.Word, detail: str, kind: Kind, inner: Iterable[Entry] = ()) -> Entry:
    return Entry(name.text, detail, kind, item.span, name.span, tuple(inner))
