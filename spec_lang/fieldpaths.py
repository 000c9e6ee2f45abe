"""Written paths to fields: `source.author.credentials` step by step through groups, types and references."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.agreement import headings, narrower, same_sort, unknown
from spec_lang.basis import calls
from spec_lang.contract import Const, FieldDef, Path, SetExpr, Shape
from spec_lang.diagnostics import closest, listing
from spec_lang.dotted import shape_of
from spec_lang.scope import Scope
from spec_lang.signatures import is_whole
from spec_lang.source import Span
from spec_lang.typed import Typed
from spec_lang.types import (
    TEXT,
    UNKNOWN,
    Enum,
    ListOf,
    Money,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    SetOf,
    Type,
    bare,
    describe,
    read_as,
)  # fmt: skip


def path(scope: Scope, word: s.Word, expected: Type | None) -> Typed | None:
    """What a path names: a variable, a word of the expected enum, the answer, a field, another table's field."""
    parts = word.parts
    if parts[0] in scope.variables:
        variable = scope.variables[parts[0]]
        scope.report.means(part_span(word, 0), "variable", parts[0], variable.span)
        return _walk(scope, word, parts[0], variable.type, 1, "")
    wanted = bare(expected) if expected is not None else None
    if isinstance(wanted, Enum) and (found := _word(scope, word, wanted)) is not None:
        return found
    if parts[0] in scope.definitions:
        return _defined(scope, word)
    if scope.answer and parts == ("answer",):
        scope.report.means(word.span, "answer", "answer")
        return Typed(Path(root="answer", steps=(), type=TEXT), TEXT, "row", word.span, scope.table)
    if scope.symbols.field(scope.table, parts[0]) is not None:
        return _walk(scope, word, "row", RecordOf(name=scope.table), 0, scope.table)
    table = _table(scope, parts)
    if table is not None:
        scope.report.means(part_span(word, 0, table[1]), "declaration", table[0])
        return _walk(scope, word, "row", RecordOf(name=table[0]), table[1], table[0])
    _unknown_name(scope, word, wanted)
    return None


def _word(scope: Scope, word: s.Word, enum: Enum) -> Typed | None:
    """A word of an enum, or all words under a heading of a taxonomy."""
    below = () if word.text in enum.members else narrower(enum, word.text)
    if word.text not in enum.members and not below:
        return None
    scope.report.means(word.span, "word", word.text, of=enum)
    if not below:
        return scope.const(word.text, enum, word.span)
    items = tuple(Const(value=member, type=enum) for member in below)
    return Typed(SetExpr(items=items, type=SetOf(item=enum)), SetOf(item=enum), "constant", word.span)


def _defined(scope: Scope, word: s.Word) -> Typed | None:
    """A definition, or a field of the one it names."""
    name = word.parts[0]
    scope.report.means(part_span(word, 0), "definition", name, scope.definitions[name].let.name.span)
    typed = scope.defined(name, word.span)
    if typed is not None and scope.variables:
        whole = next((call.measure for call in calls(typed.ir) if is_whole(call.measure)), "")
        if whole:
            message = f"`{name}` stands for `{whole}`, which looks at whole rows, not at the entries of a list"
            help = "say it outside of `all`, `any` and `for each`"
            scope.report.error("SFT3004", message, word.span, "this is asked of each entry", help=help)
            return None
    if typed is None or len(word.parts) == 1:
        return typed
    if isinstance(typed.ir, Path):
        return _walk(scope, word, typed.ir.root, typed.type, 1, typed.table, typed.ir.steps)
    _not_a_record(scope, word, 1, bare(typed.type))
    return None


def known(scope: Scope, word: s.Word) -> bool:
    """Whether the first part of a path has a meaning of its own here."""
    first = word.parts[0]
    has_field = scope.symbols.field(scope.table, first) is not None
    named = first in scope.variables or first in scope.definitions
    return has_field or named or first in scope.symbols.tables or len(word.parts) > 1


def _table(scope: Scope, parts: tuple[str, ...]) -> tuple[str, int] | None:
    """A table named first in the path, with the number of parts of its name: `Rating`, `people.Expert`."""
    for size in (1, 2):
        name = ".".join(parts[:size])
        if len(parts) > size and name in scope.symbols.tables:
            return name, size
    return None


def _walk(
    scope: Scope, word: s.Word, root: str, type_: Type, skip: int, table: str, before: tuple[str, ...] = ()
) -> Typed | None:
    steps = list(before)
    optional = False
    for position, part in enumerate(word.parts):
        if position < skip:
            continue
        inner = bare(type_)
        if unknown(inner):
            return None
        optional = optional or isinstance(type_, OptionalOf)
        if isinstance(inner, Ref):
            steps.append(f"->{inner.table}")
            inner = RecordOf(name=inner.table)
        shape = shape_of(inner, scope.symbols.shapes.__getitem__)
        if shape is None:
            _not_a_record(scope, word, position, inner)
            return None
        found = _field(scope, shape, part)
        if found is None:
            _no_field(scope, shape, part, part_span(word, position))
            return None
        scope.report.means(part_span(word, position), "field", f"{shape.name}.{part}")
        steps.append(part)
        optional = optional or bool(found.cases)
        type_ = found.type
    if unknown(bare(type_)):
        return None
    type_ = read_as(type_)
    if optional and not isinstance(type_, OptionalOf):
        type_ = OptionalOf(item=type_)
    return Typed(Path(root=root, steps=tuple(steps), type=type_), type_, "row", word.span, table)


def _not_a_record(scope: Scope, word: s.Word, position: int, inner: Type) -> None:
    part = word.parts[position]
    help = f"use `all x in ... satisfies ...`, `any`, or `total(x.{part} for each x in ...)` and its kin"
    help = help if isinstance(inner, ListOf) else ""
    if isinstance(inner, Money | Quantity):
        help = f"leave out `.{part}`: it is compared as it stands"
    message = f"a value of type {describe(inner)} has no field `{part}`"
    scope.report.error("SFT2003", message, part_span(word, position), help=help)


def _field(scope: Scope, shape: Shape, name: str) -> FieldDef | None:
    if shape.name in scope.symbols.shapes:
        return scope.symbols.field(shape.name, name)
    return next((field for field in shape.fields if field.name == name), None)


def _no_field(scope: Scope, shape: Shape, name: str, span: Span) -> None:
    names = [item.name for item in shape.fields]
    help = f"its fields are {listing(names)}" if names else ""
    scope.report.error("SFT2003", f"{shape.name} has no field `{name}`", span, help=help, known=names)


def _unknown_name(scope: Scope, word: s.Word, wanted: Type | None) -> None:
    shape = scope.symbols.shapes[scope.table]
    if isinstance(wanted, Enum) and (len(word.parts) == 1 or narrower(wanted, word.parts[0])):
        words = listing(wanted.members)
        message = (
            f"`{word.text}` is not a word of {wanted.name}" if wanted.name else f"`{word.text}` is not a word here"
        )
        known = [*wanted.members, *headings(wanted)]
        scope.report.error("SFT2007", message, word.span, help=f"the words are {words}", known=known)
        return
    if word.parts[0] in scope.later:
        help = "move it above this line; a definition is used below the place where it stands"
        scope.report.error("SFT2003", f"`{word.parts[0]}` is not defined yet", part_span(word, 0), help=help)
        return
    inner = sorted(f"{item.name}.{leaf}" for item in shape.fields for leaf in _leaves(scope, item.type))
    whole = next((path for path in inner if path.endswith(f".{word.text}")), None)
    if whole is not None:
        message = f"{scope.table} has no field `{word.text}`"
        label = f"did you mean `{whole}`?"
        scope.report.error("SFT2003", message, word.span, label, help=f"write `{whole}`", fix=whole)
        return
    first = word.parts[0]
    named = [*scope.variables, *scope.definitions, *(["answer"] if scope.answer else [])]
    names = [*(item.name for item in shape.fields), *named]
    near = closest(first, names)
    deeper = "" if near else _deeper(first, inner)
    label = f"did you mean `{deeper}`?" if deeper else ""
    fields = f"its fields are {listing(names)}"
    quoted = f'a text is written in quotes: "{word.text}"' if same_sort(TEXT, wanted or UNKNOWN) else ""
    help = fields if near or len(word.parts) > 1 else quoted or fields
    message = f"{scope.table} has no field `{first}`"
    scope.report.error("SFT2003", message, part_span(word, 0), label, help=help, known=names, fix=deeper)


def _deeper(name: str, paths: list[str]) -> str:
    """The path to the field in a group that `name` was probably meant to be."""
    meant = closest(name, [path.split(".")[1] for path in paths])
    return next((path for path in paths if path.split(".")[1] == meant), "")


def _leaves(scope: Scope, type_: Type) -> list[str]:
    inner = bare(type_)
    shape = scope.symbols.shapes.get(inner.name) if isinstance(inner, RecordOf) else None
    return [item.name for item in shape.fields] if shape is not None else []


def part_span(word: s.Word, position: int, count: int = 1) -> Span:
    """The span of one part of a path, or of `count` parts from there."""
    offset = sum(len(name) + 1 for name in word.parts[:position])
    start = word.span.start + offset
    return Span(word.span.source, start, start + len(".".join(word.parts[position : position + count])))
