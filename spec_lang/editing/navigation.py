"""A place in a contract to the name there: what it means, where it was declared, where else it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec_lang import syntax as s
from spec_lang.agreement import narrower
from spec_lang.compiler import Reading
from spec_lang.signatures import Parameter, Signature
from spec_lang.source import Source, Span
from spec_lang.symbols import Use
from spec_lang.types import BUILT_IN, Enum
from spec_lang.words import MEANINGS

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def name_at(reading: Reading, source: Source, offset: int) -> Use | None:
    """The name under the cursor, used or declared there; the shortest where several overlap."""
    found = [use for use in (*reading.report.uses, *_declarations(reading)) if _covers(use.span, source, offset)]
    return min(found, key=lambda use: use.span.end - use.span.start, default=None)


def _covers(span: Span, source: Source, offset: int) -> bool:
    return span.source is source and span.start <= offset <= span.end


def declared(reading: Reading, use: Use) -> Span | None:
    """Where a name was declared; None for what the language itself brings."""
    symbols = reading.symbols
    match use.what:
        case "declaration":
            return symbols.spans.get(use.name)
        case "field":
            return symbols.field_spans.get(use.name)
        case "word":
            enum = use.of
            return symbols.word_spans.get(enum.name or enum.members, {}).get(use.name) if enum is not None else None
        case "measure":
            return _at(symbols.signature(use.name))
        case "argument":
            measure, _, name = use.name.rpartition(".")
            signature = symbols.signature(measure)
            return _at(signature.parameter(name) if signature is not None else None)
        case _:
            return use.at


def _at(found: Signature | Parameter | None) -> Span | None:
    return found.at if found is not None else None


def _declarations(reading: Reading) -> Iterator[Use]:
    """Every name of the contract where it is declared."""
    symbols = reading.symbols
    yield from (Use(span, "declaration", name) for name, span in symbols.spans.items())
    yield from (Use(span, "field", name) for name, span in symbols.field_spans.items())
    for key, words in symbols.word_spans.items():
        enum = Enum(name=key, members=tuple(words)) if isinstance(key, str) else Enum(members=key)
        yield from (Use(span, "word", name, of=enum) for name, span in words.items())
    for let in lets(reading):
        yield Use(let.name.span, "definition", let.name.text, let.name.span)


def lets(reading: Reading) -> list[s.Let]:
    """Every definition, wherever it stands."""
    in_terms = [part for file in reading.files for block in file.declarations for part in _parts(block)]
    return [*(let for _, let in reading.symbols.lets), *(part for part in in_terms if isinstance(part, s.Let))]


def _parts(block: s.Declaration) -> tuple[s.Clause | s.Let, ...]:
    return block.items if isinstance(block, s.Terms) else ()


def references(reading: Reading, use: Use) -> list[Span]:
    """Where the name is declared, and every place in the contract and its files that uses it."""
    at = declared(reading, use)
    if at is None:
        return []
    uses = [other.span for other in reading.report.uses if declared(reading, other) == at and other.what != "file"]
    return sorted({at, *uses}, key=lambda span: (span.source.name, span.start))


class NotRenamed(Exception):
    """Why a name cannot become another; str() says it."""


def rename(reading: Reading, source: Source, use: Use, name: str) -> list[Span]:
    """The spans to replace by `name`. Raises NotRenamed where other files or other names would be hurt."""
    if use.what not in ("declaration", "field", "word", "definition", "variable"):
        raise NotRenamed("only what this contract declares can be renamed")
    if not NAME.fullmatch(name) or name in MEANINGS or name in BUILT_IN:
        raise NotRenamed(f"`{name}` cannot be a name: letters, digits and `_`, and no word of the language")
    if use.of is not None and not use.of.name:
        raise NotRenamed("this word belongs to an enum written in place; declare the enum first")
    spans = references(reading, use)
    if any(span.source is not source for span in spans):
        raise NotRenamed("the name is used in more than one file; rename it in each")
    if len({span.text for span in spans}) > 1 or (use.of is not None and narrower(use.of, use.name)):
        raise NotRenamed("the name is also written as a part of longer ones; rename those by hand")
    return spans
