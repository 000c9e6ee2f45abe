"""Syntax trees to symbols: every name gets its declaration, every written type its type."""

from __future__ import annotations

import re2

from spec_lang import syntax as s
from spec_lang.contract import EnumDef, FieldDef, Shape, TableDef
from spec_lang.loader import Module
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.types import SCALARS, UNKNOWN, Enum, ListOf, OptionalOf, RecordOf, Ref, Scalar, Type, bare, describe

Container = s.TypeDecl | s.Table | s.Record | s.Group


def resolve(modules: list[Module], report: Report) -> Symbols:
    """All declarations of a contract and what it uses. Names of a used file carry its alias: `agent.Step`."""
    symbols = Symbols()
    for module in modules:
        for item in module.file.declarations:
            _declare(item, module.alias, symbols, report)
    for module in modules:
        for item in module.file.declarations:
            if isinstance(item, s.TypeDecl | s.Table | s.Record):
                _Shapes(module.alias, symbols, report).container(item, _qualified(module.alias, item.name.text))
    _refs_have_keys(symbols, report)
    _types_end(symbols, report)
    return symbols


def _qualified(alias: str, name: str) -> str:
    return f"{alias}.{name}" if alias else name


def _declare(item: s.Declaration, alias: str, symbols: Symbols, report: Report) -> None:
    match item:
        case s.Contract():
            _single(item, "contract", symbols, report)
        case s.Payment():
            _single(item, "payment", symbols, report)
        case s.Terms():
            symbols.terms.append(item)
        case s.Mixture():
            symbols.mixtures.append(item)
        case s.Use() | s.Measure():
            pass
        case _:
            _named(item, alias, symbols, report)


def _single(item: s.Contract | s.Payment, block: str, symbols: Symbols, report: Report) -> None:
    earlier = symbols.contract if block == "contract" else symbols.payment
    if earlier is not None:
        why = ((earlier.span, "the first one"),)
        report.error("SFT2002", f"a contract has one `{block}` block", _head(item.span), "and here is another", why=why)
    elif isinstance(item, s.Contract):
        symbols.contract = item
    else:
        symbols.payment = item


def _head(span: Span) -> Span:
    end = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, end if end > 0 else span.end)


def _named(
    item: s.Enum | s.TypeDecl | s.Table | s.Record | s.Recipe | s.HeldOut | s.Reference,
    alias: str,
    symbols: Symbols,
    report: Report,
) -> None:
    name = _qualified(alias, item.name.text)
    if name in symbols.spans or name in SCALARS:
        why = ((symbols.spans[name], "declared here first"),) if name in symbols.spans else ()
        note = "" if why else "it is a built-in type"
        report.error("SFT2002", f"`{name}` is declared twice", item.name.span, note, why=why, help="rename one of them")
        return
    symbols.spans[name] = item.name.span
    match item:
        case s.Enum():
            symbols.enums[name] = _enum(item, name, report)
        case s.Record():
            symbols.records[name] = item
            symbols.tables[name] = TableDef(
                name=name, shape=name, key=item.key.text if item.key else None, doc=item.doc.text if item.doc else ""
            )
        case s.Table():
            symbols.tables[name] = _table(item, name)
        case s.Recipe():
            symbols.recipes[name] = item
        case s.HeldOut():
            symbols.heldouts[name] = item
        case s.Reference():
            symbols.references[name] = item
        case s.TypeDecl():
            symbols.shapes[name] = Shape(name=name, fields=())  # filled when all names are known


def _table(item: s.Table, name: str) -> TableDef:
    return TableDef(
        name=name,
        shape=name,
        key=item.key.text if item.key else None,
        file=item.file.text,
        doc=item.doc.text if item.doc else "",
    )


def _enum(item: s.Enum, name: str, report: Report) -> EnumDef:
    seen: dict[str, s.Member] = {}
    for member in item.members:
        if member.name.text in seen:
            why = ((seen[member.name.text].span, "named here first"),)
            report.error("SFT2002", f"`{member.name.text}` is named twice in `{name}`", member.name.span, why=why)
        seen.setdefault(member.name.text, member)
    docs = tuple(member.doc.text if member.doc else "" for member in seen.values())
    return EnumDef(name=name, members=tuple(seen), docs=docs)


class _Shapes:
    """Fills in the shapes of one file's types, tables and records."""

    def __init__(self, alias: str, symbols: Symbols, report: Report) -> None:
        self.alias = alias
        self.symbols = symbols
        self.report = report

    def container(self, item: Container, name: str) -> None:
        fields: dict[str, FieldDef] = {}
        for part in item.items:
            if isinstance(part, s.Clause):
                self.symbols.clauses.append((name, part))
                continue
            path = f"{name}.{part.name.text}"
            if part.name.text in fields:
                why = ((self.symbols.field_spans[path], "named here first"),)
                self.report.error("SFT2002", f"`{part.name.text}` is named twice", part.name.span, why=why)
                continue
            self.symbols.field_spans[path] = part.name.span
            fields[part.name.text] = self._group(part, path) if isinstance(part, s.Group) else self._field(part)
        doc = item.doc.text if item.doc else ""
        self.symbols.shapes[name] = Shape(name=name, fields=tuple(fields.values()), doc=doc)
        self._key(item, name, fields)

    def _key(self, item: Container, name: str, fields: dict[str, FieldDef]) -> None:
        key = item.key if isinstance(item, s.Record | s.Table) else None
        if key is not None and key.text not in fields:
            self.report.unknown("SFT2010", f"the key of {name},", key.text, key.span, list(fields))

    def _group(self, group: s.Group, path: str) -> FieldDef:
        inner = s.Group(group.span, group.name, group.doc, tuple(i for i in group.items if not isinstance(i, s.Clause)))
        self.container(inner, path)
        record = path.split(".")[0]
        self.symbols.clauses += [(record, item) for item in group.items if isinstance(item, s.Clause)]
        return FieldDef(name=group.name.text, type=RecordOf(name=path), doc=group.doc.text if group.doc else "")

    def _field(self, field: s.Field) -> FieldDef:
        type_ = self.type(field.type)
        low, high, unit = self._bounds(field.bounds, type_)
        inner = field.type.item if isinstance(field.type, s.OptionalType) else field.type
        if isinstance(inner, s.ListType) and field.bounds is None:
            low, high, unit = self._bounds(inner.bounds, type_)
        return FieldDef(
            name=field.name.text,
            type=type_,
            pattern=self._pattern(field, type_),
            low=low,
            high=high,
            unit=unit,  # type: ignore[arg-type]
            default=self._default(field, type_),
            doc=field.doc.text if field.doc else "",
        )

    def type(self, written: s.TypeExpr) -> Type:
        match written:
            case s.OptionalType(item=item):
                return OptionalOf(item=self.type(item))
            case s.ListType(item=item):
                return ListOf(item=self.type(item))
            case s.Alternatives(members=members):
                return self._alternatives(members)
            case s.RefType(table=table):
                return Ref(table=self._target(table))
            case s.NamedType(name=name):
                return self._named(name)

    def _alternatives(self, members: tuple[s.Word, ...]) -> Type:
        seen: dict[str, s.Word] = {}
        for member in members:
            if member.text in seen:
                why = ((seen[member.text].span, "named here first"),)
                self.report.error("SFT2002", f"`{member.text}` is named twice", member.span, why=why)
            seen.setdefault(member.text, member)
        return Enum(members=tuple(seen))

    def _lookup(self, name: str, known: dict[str, object]) -> str | None:
        local = _qualified(self.alias, name)
        return local if local in known else name if name in known else None

    def _target(self, word: s.Word) -> str:
        found = self._lookup(word.text, dict(self.symbols.tables))
        if found is None:
            self.report.unknown("SFT2011", "the table", word.text, word.span, list(self.symbols.tables))
        return found or ""

    def _named(self, word: s.Word) -> Type:
        if word.text in SCALARS:
            return Scalar(name=word.text)  # type: ignore[arg-type]
        if (enum := self._lookup(word.text, dict(self.symbols.enums))) is not None:
            return Enum(name=enum, members=self.symbols.enums[enum].members)
        if (shape := self._lookup(word.text, dict(self.symbols.shapes))) is not None:
            return RecordOf(name=shape)
        if self._lookup(word.text, dict(self.symbols.tables)) is not None:
            help = f"a row of another table is named by its key: `ref {word.text}`"
            self.report.error("SFT2001", f"`{word.text}` is a table, not a type", word.span, help=help)
        else:
            known = [*SCALARS, *self.symbols.enums, *self.symbols.shapes]
            self.report.unknown("SFT2001", "the type", word.text, word.span, known)
        return UNKNOWN

    def _bounds(self, bounds: s.Bounds | None, type_: Type) -> tuple[str | None, str | None, str]:
        unit = _counts(bare(type_))
        if bounds is None or type_ == UNKNOWN:
            return None, None, unit or "value"
        if unit is None:
            what = describe(bare(type_))
            self.report.error("SFT3013", f"a value of type {what} has no bounds", bounds.span, help="leave them out")
            return None, None, "value"
        ends = [end for end in (bounds.low, bounds.high) if end is not None]
        unit = self._unit(ends, unit, bounds) or unit
        if len(ends) == 2 and _key(ends[0]) > _key(ends[1]):
            self.report.error("SFT3013", "these bounds are the wrong way round", bounds.span, "the first is larger")
        texts = [None if end is None else end.text for end in (bounds.low, bounds.high)]
        return texts[0], texts[1], unit

    def _unit(self, ends: list[s.Number | s.Date], unit: str, bounds: s.Bounds) -> str | None:
        written = {end.unit for end in ends if isinstance(end, s.Number) and end.unit}
        if unit in ("items", "value"):
            if written:
                what = "entries" if unit == "items" else "the value itself"
                self.report.error("SFT3002", f"these bounds count {what}", bounds.span, help="write plain numbers")
            return None
        if not written:
            help = f"write `{bounds.span.text} chars` or `{bounds.span.text} words`"
            self.report.error("SFT3002", "the length of a text needs a unit", bounds.span, "of what?", help=help)
        elif written not in ({"chars"}, {"words"}):
            help = "a text's length is counted in `chars` or `words`"
            self.report.error(
                "SFT3002", f"a text is not measured in {' and '.join(sorted(written))}", bounds.span, help=help
            )
        return next(iter(written & {"chars", "words"}), None)

    def _pattern(self, field: s.Field, type_: Type) -> str | None:
        if field.matching is None:
            return None
        if bare(type_) != Scalar(name="Text"):
            self.report.error("SFT3012", "only a Text has a pattern", field.matching.span, help="leave it out")
            return None
        try:
            re2.compile(field.matching.text)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
            help = "patterns are RE2: linear time, so without backreferences and look-around"
            self.report.error("SFT3012", f"this pattern cannot be read: {reason}", field.matching.span, help=help)
            return None
        return field.matching.text

    def _default(self, field: s.Field, type_: Type) -> str | bool | None:
        default = field.default
        if default is None:
            return None
        inner = bare(type_)
        fits = {
            "Int": isinstance(default, s.Number),
            "Number": isinstance(default, s.Number),
            "Bool": isinstance(default, s.Truth),
            "Text": isinstance(default, s.Text),
            "Date": isinstance(default, s.Date),
        }
        if isinstance(inner, Enum):
            ok = isinstance(default, s.Word) and default.text in inner.members
        else:
            ok = isinstance(inner, Scalar) and fits.get(inner.name, False)
        if not ok:
            self.report.error("SFT3021", f"this default is not {_a(describe(inner))}", default.span)
            return None
        return default.value if isinstance(default, s.Truth) else default.text


def _a(what: str) -> str:
    return what if "|" in what or what.startswith("[") else f"of type {what}"


def _counts(type_: Type) -> str | None:
    """What the bounds of a type count, None if it has none."""
    if isinstance(type_, ListOf):
        return "items"
    if isinstance(type_, Scalar):
        return {"Text": "chars", "Int": "value", "Number": "value", "Date": "value"}.get(type_.name)
    return None


def _key(end: s.Number | s.Date) -> tuple[float, str]:
    return (float(end.text), "") if isinstance(end, s.Number) else (0.0, end.text)


def _refs_have_keys(symbols: Symbols, report: Report) -> None:
    for shape in list(symbols.shapes.values()):
        for field in shape.fields:
            inner = bare(field.type)
            inner = bare(inner.item) if isinstance(inner, ListOf) else inner
            if isinstance(inner, Ref) and inner.table in symbols.tables and symbols.tables[inner.table].key is None:
                span = symbols.field_spans.get(f"{shape.name}.{field.name}")
                if span is not None:
                    why = ((symbols.spans[inner.table], "declared without a key"),)
                    help = "declare it with `key` and the name of its identifying field"
                    report.error(
                        "SFT2010", f"rows of `{inner.table}` have no key to refer to", span, why=why, help=help
                    )


def _types_end(symbols: Symbols, report: Report) -> None:
    """No type contains itself except through an optional or a list."""
    for name in symbols.shapes:
        if name in symbols.spans and _reaches(name, name, symbols, set()):
            help = "make the field optional (`?`) or a list"
            report.error("SFT3014", f"`{name}` contains itself without end", symbols.spans[name], help=help)


def _reaches(start: str, goal: str, symbols: Symbols, seen: set[str]) -> bool:
    for field in symbols.shapes[start].fields:
        if isinstance(field.type, RecordOf) and field.type.name in symbols.shapes:
            inner = field.type.name
            if inner == goal or (inner not in seen and _reaches(inner, goal, symbols, seen | {inner})):
                return True
    return False
