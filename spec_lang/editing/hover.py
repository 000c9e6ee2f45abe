"""A place in a contract to what is to be said about it, in Markdown: type, bounds, unit, meaning, settings, risks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token

from spec_lang import syntax as s
from spec_lang.arguments import usage
from spec_lang.compiler import Compiled, Reading
from spec_lang.contract import Clause, FieldDef
from spec_lang.currencies import counted, decimals
from spec_lang.diagnostics import listing
from spec_lang.editing.navigation import declared, lets, name_at
from spec_lang.editing.risks import risks
from spec_lang.explanation import explain_parameter
from spec_lang.expressionbuilder import number
from spec_lang.lexer import read_tokens
from spec_lang.parser import split
from spec_lang.recovery import span_of
from spec_lang.settings import SAMPLES
from spec_lang.signatures import Signature
from spec_lang.source import Source, Span
from spec_lang.symbols import Use
from spec_lang.types import Enum, describe
from spec_lang.words import LABELS, MEANINGS, TYPES, UNITS

LONGEST = 24
"""Lines of a block that are shown; of a longer one only its head."""
STAGES = {"delivery": "on delivery", "review": "at the buyer's review", "trial": "by the trial"}
BASES = {
    "recomputed": "rests on what is recomputed from the data",
    "plugin": "rests on what a plug-in found",
    "executed": "rests on what was executed",
    "reviewed": "rests on people's review",
    "declared": "rests on the vendor's word",
}
FOLLOWS = {"reject lot": "a breach rejects the lot", "drop record": "a row that breaches it is dropped", "none": ""}


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about a span."""

    span: Span
    text: str


def hover(compiled: Compiled, offset: int) -> Hover | None:
    """What is known of the name, the clause or the word of the language at an offset."""
    source, reading = compiled.source, compiled.reading
    if source is None or reading is None:
        return None
    for item in reading.clauses:
        span = item.span
        if item.clause.origin == "written" and span.source is source and span.start <= offset <= span.end:
            return Hover(span, _joined(_clause(item.clause), *risks(reading, item.clause)))
    use = name_at(reading, source, offset)
    if use is not None:
        return Hover(use.span, _name(reading, use))
    return _word(source, offset)


def _name(reading: Reading, use: Use) -> str:
    symbols = reading.symbols
    match use.what:
        case "declaration":
            return _declaration(reading, use.name)
        case "field":
            shape, _, name = use.name.rpartition(".")
            field = symbols.field(shape, name) if shape in symbols.shapes else None
            return _joined(_code(_field(field)), field.doc, f"A field of `{shape}`.") if field is not None else ""
        case "word" if use.of is not None:
            return _enum_word(reading, use.of, use.name)
        case "measure":
            signature = reading.symbols.signature(use.name)
            return _measure(signature) if signature is not None else ""
        case "argument":
            measure, _, name = use.name.rpartition(".")
            signature = reading.symbols.signature(measure)
            parameter = signature.parameter(name) if signature is not None else None
            return _joined(f"`{name}` of `{measure}`: {explain_parameter(parameter)}." if parameter is not None else "")
        case "definition":
            let = next((let for let in lets(reading) if let.name.span == use.at), None)
            return _code(let.span.text) if let is not None else ""
        case "type":
            return f"`{use.name}`: {TYPES[use.name]}"
        case "answer":
            return "`answer`: what the trained model generated for the item, as text."
        case "file":
            return f"The declarations of `{use.name}`."
        case _:
            return f"`{use.name}`: one entry of the list at a time."


def _declaration(reading: Reading, name: str) -> str:
    """The block as it is written, or its head if it is long."""
    at = declared(reading, Use(Span(reading.files[0].span.source, 0, 0), "declaration", name))
    blocks = [block for file in reading.files for block in file.declarations]
    block = next((block for block in blocks if _named(block) is not None and _named(block) == at), None)
    if block is None:
        return ""
    text = block.span.text
    if text.count("\n") < LONGEST:
        return _code(text)
    shape = reading.symbols.shapes.get(name)
    fields = f"Its fields are {listing(field.name for field in shape.fields)}." if shape is not None else ""
    return _joined(_code(text.partition("{")[0].rstrip()), fields)


def _named(block: s.Declaration) -> Span | None:
    name = getattr(block, "name", None)
    return name.span if isinstance(name, s.Word) else None


def _field(field: FieldDef) -> str:
    bounds = f" {field.bounds()}" if field.low or field.high else ""
    pattern = f' matching r"{field.pattern}"' if field.pattern is not None else ""
    default = f" = {str(field.default).lower()}" if field.default is not None else ""
    return f"{field.name}: {describe(field.type)}{bounds}{pattern}{default}"


def _enum_word(reading: Reading, enum: Enum, word: str) -> str:
    known = reading.symbols.enums.get(enum.name)
    docs = dict(zip(known.members, known.docs, strict=True)) if known is not None else {}
    docs |= {heading.name: heading.doc for heading in known.headings} if known is not None else {}
    owner = f"A word of `{enum.name}`." if enum.name else f"One of {listing(enum.members)}."
    return _joined(f"`{word}`", docs.get(word, ""), owner)


def _measure(signature: Signature) -> str:
    arguments = "\n".join(f"- `{item.name}`: {explain_parameter(item)}" for item in signature.parameters)
    of = "all rows of a table" if signature.kind == "aggregate" else "one row"
    text = re.sub(r"\{(\w+)\}", r"`\1`", f"{signature.text[:1].upper()}{signature.text[1:]}.")
    return _joined(_code(usage(signature)), text, f"It speaks of {of} and gives `{signature.sort}`.", arguments)


def _clause(clause: Clause) -> str:
    facts = [f"It is decided {STAGES[clause.stage]}", BASES[clause.basis], FOLLOWS[clause.otherwise]]
    return _joined(f"`{clause.name}`", clause.text, "; ".join(fact for fact in facts if fact) + ".")


def _word(source: Source, offset: int) -> Hover | None:
    """A word of the language, a label of a block, a number with its unit."""
    tokens, _, _ = read_tokens(source)
    for chunk in split(tokens):
        for token in chunk:
            span = span_of(source, token)
            if span.start <= offset <= span.end and (text := _token(token, chunk)):
                return Hover(span, text)
    return None


def _token(token: Token, chunk: list[Token]) -> str:
    word = str(token)
    if token.type == "QUANTITY":
        unit = number(word, Span(Source("", ""), 0, 0)).unit
        meaning = UNITS.get(unit) or (f"An amount; {counted(unit)}." if unit in decimals() else "")
        return f"`{word}`: {meaning}" if meaning else ""
    if token.type == "LABEL":
        meaning = LABELS.get(chunk[0].type.lower(), {}).get(word, "")
        return _joined(f"`{word}`: {meaning}", _code(f"{word}: {SAMPLES.get(word, '...')}")) if meaning else ""
    if token.type == "NAME":
        return ""
    meaning = MEANINGS.get(" ".join(word.split()), "")
    return f"`{word}`: {meaning}" if meaning else ""


def _code(text: str) -> str:
    return f"```sftspec\n{text}\n```"


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
