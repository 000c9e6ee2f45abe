"""Syntax trees to symbols: every name gets its declaration, every written type its type."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang import syntax as s
from spec_lang.contract import EnumDef, Heading, Shape, TableDef
from spec_lang.diagnostics import listing
from spec_lang.loader import Module
from spec_lang.shapes import Shapes, qualified
from spec_lang.signatures import signature
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.types import BUILT_IN, UNITS, JsonOf, ListOf, RecordOf, Ref, bare


def resolve(modules: list[Module], report: Report) -> Symbols:
    """All declarations of a contract and what it uses. Names of a used file carry its alias: `agent.Step`."""
    symbols = Symbols()
    for module in modules:
        _measures(module, symbols, report)
        for item in module.file.declarations:
            _declare(item, module.alias, symbols, report)
    for module in modules:
        for item in module.file.declarations:
            if isinstance(item, s.TypeDecl | s.Table | s.Record):
                name = qualified(module.alias, item.name.text)
                if symbols.spans.get(name) == item.name.span:  # not a second one of that name
                    Shapes(module.alias, name, symbols, report).container(item, name)
    _refs_have_keys(symbols, report)
    _types_end(symbols, report)
    return symbols


FROM_OUTSIDE = frozenset(("Any", "Text", "Bool", "Number", "Int", "Date", "List", "Enum", *UNITS))


def _measures(module: Module, symbols: Symbols, report: Report) -> None:
    """A plug-in's measures say whether something holds of a row, from values and from what is written in the call."""
    for item in module.file.declarations if module.plugin is not None else ():
        if not isinstance(item, s.Measure) or module.plugin is None:
            continue
        found = signature(item, module.alias, module.plugin.identity())
        if found.name in symbols.measures:
            help = "rename one of them"
            report.error("SFT2002", f"`{found.name}` is declared twice", item.name.span, help=help)
        elif (found.kind, found.sort, found.source) != ("row", "Bool", ""):
            help = "a plug-in's measure ends in `): row Bool` and its words"
            report.error("SFT2007", "a plug-in says true or false of a row", item.name.span, help=help)
        for parameter in found.parameters:
            named = len(parameter.sort) == 1 and parameter.sort[0] not in FROM_OUTSIDE
            if parameter.name == "plugin" or (named and (parameter.row or not parameter.sort[0].islower())):
                message = f"`{parameter.name}: {' | '.join(parameter.sort)}` is nothing that a plug-in can be given"
                report.error("SFT2007", message, parameter.at, help=f"it takes {listing(sorted(FROM_OUTSIDE), 20)}")
        symbols.measures.setdefault(found.name, found)


def _declare(item: s.Declaration, alias: str, symbols: Symbols, report: Report) -> None:
    match item:
        case s.Contract():
            _single(item, "contract", symbols, report)
        case s.Payment():
            _single(item, "payment", symbols, report)
        case s.Terms():
            symbols.terms.append((alias, item))
        case s.Mixture():
            symbols.mixtures.append((alias, item))
        case s.Waive():
            _waived(item, symbols, report)
        case s.Amends() | s.Use() | s.Measure():
            pass
        case _:
            _named(item, alias, symbols, report)


def _single(item: s.Contract | s.Payment, block: str, symbols: Symbols, report: Report) -> None:
    earlier = symbols.contract if block == "contract" else symbols.payment
    if earlier is not None:
        why = ((earlier.span, "the first one"),)
        report.error(
            "SFT2002",
            f"a contract has one `{block}` block",
            _head(item.span),
            "and here is another",
            why=why,
            help="join them",
        )
    elif isinstance(item, s.Contract):
        symbols.contract = item
    else:
        symbols.payment = item


def _waived(item: s.Waive, symbols: Symbols, report: Report) -> None:
    name = item.name.text
    if name in symbols.waivers:
        why = ((symbols.waivers[name].span, "waived here first"),)
        report.error("SFT2002", f"`{name}` is waived twice", item.name.span, why=why, help="keep one reason")
    symbols.waivers.setdefault(name, item)


def _head(span: Span) -> Span:
    end = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, end if end > 0 else span.end)


def _named(
    item: s.Enum | s.TypeDecl | s.Table | s.Record | s.Recipe | s.HeldOut | s.Reference,
    alias: str,
    symbols: Symbols,
    report: Report,
) -> None:
    name = qualified(alias, item.name.text)
    if name in symbols.spans or name in BUILT_IN:
        why = ((symbols.spans[name], "declared here first"),) if name in symbols.spans else ()
        note = "" if why else "it is a built-in type"
        report.error("SFT2002", f"`{name}` is declared twice", item.name.span, note, why=why, help="rename one of them")
        return
    symbols.spans[name] = item.name.span
    symbols.aliases[name] = alias
    match item:
        case s.Enum():
            symbols.enums[name] = _enum(item, name, symbols, report)
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


def _enum(item: s.Enum, name: str, symbols: Symbols, report: Report) -> EnumDef:
    words = report.first(_words(item, name, "", report), lambda member: member.name.span)
    symbols.word_spans[name] = {path: member.name.span for path, member in words.items()}
    narrowest = {path: _doc(member) for path, member in words.items() if not member.members}
    return EnumDef(
        name=name,
        members=tuple(narrowest),
        docs=tuple(narrowest.values()),
        headings=tuple(Heading(name=path, doc=_doc(member)) for path, member in words.items() if member.members),
    )


def _doc(member: s.Member) -> str:
    return member.doc.text if member.doc else ""


def _words(item: s.Enum | s.Member, name: str, above: str, report: Report) -> Iterator[tuple[str, s.Member]]:
    """Each word with the words above it; one that has members is the heading of narrower ones."""
    seen: dict[str, s.Member] = {}
    for member in item.members:
        if member.name.text in seen:
            why = ((seen[member.name.text].name.span, "named here first"),)
            message = f"`{member.name.text}` is named twice in `{name}`"
            report.error("SFT2002", message, member.name.span, why=why, help="remove one")
            continue
        seen[member.name.text] = member
        path = f"{above}{member.name.text}"
        yield path, member
        yield from _words(member, path, f"{path}.", report)


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
    """No type contains itself except through an optional or a list. One report for each circle."""
    reported: set[str] = set()
    for name in _not_ending(symbols):
        circle = _held(name, symbols) if name in symbols.spans and name not in reported else set()
        if name in circle:
            reported |= circle
            help = "make the field optional (`?`) or a list"
            report.error("SFT3014", f"`{name}` contains itself without end", symbols.spans[name], help=help)


def _holds(name: str, symbols: Symbols) -> set[str]:
    """The types that a value of this one holds directly; of a union, those that it holds in every case."""
    shape = symbols.shapes[name]
    found = {case: set[str]() for field in shape.fields for case in field.cases or ("",)}
    for field in shape.fields:
        if isinstance(field.type, RecordOf | JsonOf) and field.type.name in symbols.shapes:
            for case in field.cases or ("",):
                found[case].add(field.type.name)
    always = found.pop("", set())
    return always | (set.intersection(*found.values()) if found else set())


def _not_ending(symbols: Symbols) -> list[str]:
    """What remains when types that hold nothing more are taken away again and again."""
    holds = {name: _holds(name, symbols) for name in symbols.shapes}
    holders: dict[str, list[str]] = {}
    for name, inner in holds.items():
        for held in inner:
            holders.setdefault(held, []).append(name)
    open_parts = {name: len(inner) for name, inner in holds.items()}
    ending = [name for name, parts in open_parts.items() if parts == 0]
    for name in ending:  # grows while it is read
        for holder in holders.get(name, ()):
            open_parts[holder] -= 1
            if open_parts[holder] == 0:
                ending.append(holder)
    return [name for name in holds if open_parts[name]]


def _held(name: str, symbols: Symbols) -> set[str]:
    """Every type that a value of this one must hold."""
    found: set[str] = set()
    pending = [name]
    while pending:
        inner = _holds(pending.pop(), symbols) - found
        found |= inner
        pending += inner
    return found
