"""Diagnostics to those that are mistakes of their own: what only follows from unreadable text is left out."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang import syntax as s
from spec_lang.diagnostics import Diagnostic
from spec_lang.source import Source, Span

UNKNOWN_NAMES = frozenset(("SFT2001", "SFT2003", "SFT2006", "SFT2007", "SFT2010", "SFT2011", "SFT3020"))
ABSENCES = frozenset(("SFT2005", "SFT2013"))
Statement = s.Field | s.Clause | s.Let | s.Setting | s.MixtureLine | s.Member

Mended = tuple[Span, frozenset[int]]
"""A statement, and the lines of its file that hold a mistake."""


def without_cascades(found: list[Diagnostic], files: list[s.File]) -> list[Diagnostic]:
    """The later passes' diagnostics without those about statements that were mended, and names lost in the mending."""
    statements = [one.span for file in files for item in file.declarations for one in _statements(item)]
    mended = [one for file in files if file.mistakes for one in _mended(file, statements)]
    lost = frozenset(word for file in files for word in file.lost)
    broken = any(file.mistakes for file in files)
    return [item for item in found if not _follows(item, mended, lost, broken)]


def _follows(item: Diagnostic, mended: list[Mended], lost: frozenset[str], broken: bool) -> bool:
    if item.primary is None:
        return False
    span = item.primary.span
    if item.code in ABSENCES and broken:
        return True
    if item.code in UNKNOWN_NAMES and broken and (lost & set(span.text.split(".")) or not item.primary.text):
        return True  # a name that resembles no other may have been declared in what could not be read
    return any(
        _within(span, one) and not (item.code in UNKNOWN_NAMES and span.line not in lines) for one, lines in mended
    )


def _within(span: Span, outer: Span) -> bool:
    return span.source == outer.source and outer.start <= span.start <= outer.end


def _mended(file: s.File, statements: list[Span]) -> list[Mended]:
    """The statements that hold a mistake of this file, or stand right before one."""
    source = file.span.source
    lines = frozenset(source.line_of(offset) for offset in file.mistakes)
    own = (span for span in statements if span.source is source)
    return [(span, lines) for span in own if any(_touches(span, offset, source) for offset in file.mistakes)]


def _touches(span: Span, offset: int, source: Source) -> bool:
    return span.start <= offset <= span.end or source.line_of(span.end) == source.line_of(offset)


def _statements(item: s.Declaration | s.Group) -> Iterator[Statement]:
    match item:
        case s.Contract() | s.Recipe() | s.HeldOut() | s.Payment():
            yield from item.settings
        case s.Terms():
            yield from item.items
        case s.Mixture():
            yield from item.lines
        case s.Enum():
            yield from item.members
        case s.TypeDecl() | s.Table() | s.Record() | s.Group():
            for part in item.items:
                if isinstance(part, s.Group):
                    yield from _statements(part)
                else:
                    yield part
