"""Written fields to the shapes of records, tables and types: every written type gets its meaning."""

from __future__ import annotations

from spec_lang import limits
from spec_lang import syntax as s
from spec_lang.contract import FieldDef, Shape
from spec_lang.diagnostics import listing
from spec_lang.symbols import Report, Symbols
from spec_lang.types import SCALARS, UNKNOWN, Enum, ListOf, OptionalOf, RecordOf, Ref, Scalar, Type, describe

Container = s.TypeDecl | s.Table | s.Record | s.Group


def qualified(alias: str, name: str) -> str:
    return f"{alias}.{name}" if alias else name


class Shapes:
    """Fills in the shapes of one file's types, tables and records."""

    def __init__(self, alias: str, owner: str, symbols: Symbols, report: Report) -> None:
        self.alias = alias
        self.owner = owner
        self.symbols = symbols
        self.report = report

    def container(self, item: Container, name: str) -> None:
        fields: dict[str, FieldDef] = {}
        for part in item.items:
            if isinstance(part, s.Clause):
                self.symbols.clauses.append((self.owner, part))
                continue
            if isinstance(part, s.Let):
                self.symbols.lets.append((self.owner, part))
                continue
            path = f"{name}.{part.name.text}"
            if part.name.text in fields:
                why = ((self.symbols.field_spans[path], "named here first"),)
                self.report.error(
                    "SFT2002", f"`{part.name.text}` is named twice", part.name.span, why=why, help="rename one"
                )
                continue
            self.symbols.field_spans[path] = part.name.span
            fields[part.name.text] = self._group(part, path) if isinstance(part, s.Group) else self._field(part)
        doc = item.doc.text if item.doc else ""
        self.symbols.shapes[name] = Shape(name=name, fields=tuple(fields.values()), doc=doc)
        self._key(item, name, fields)

    def _key(self, item: Container, name: str, fields: dict[str, FieldDef]) -> None:
        key = item.key if isinstance(item, s.Record | s.Table) else None
        if key is None:
            return
        if key.text not in fields:
            message = f"{name} has no field `{key.text}` to be its key"
            help = f"its fields are {listing(fields)}"
            self.report.error("SFT2010", message, key.span, help=help, known=fields)
            return
        self.report.means(key.span, "field", f"{name}.{key.text}")
        if not isinstance(fields[key.text].type, Scalar):
            message = f"`{key.text}` cannot be a key: it is {describe(fields[key.text].type)}"
            self.report.error("SFT2010", message, key.span, help="a key is a plain value, such as Text, in every row")

    def _group(self, group: s.Group, path: str) -> FieldDef:
        self.container(group, path)
        return FieldDef(name=group.name.text, type=RecordOf(name=path), doc=group.doc.text if group.doc else "")

    def _field(self, field: s.Field) -> FieldDef:
        type_ = self.type(field.type)
        written = self._written_bounds(field)
        ends = limits.bounds(written, type_, self.report)
        return FieldDef(
            name=field.name.text,
            type=type_,
            pattern=limits.pattern(field.matching, type_, self.report),
            low=ends[0],
            high=ends[1],
            unit=ends[2],
            default=limits.default(field.default, type_, ends, self.report),
            doc=field.doc.text if field.doc else "",
        )

    def _written_bounds(self, field: s.Field) -> s.Bounds | None:
        """The one pair of bounds of a field: behind its type, or behind the list that is its type."""
        outer = field.type.item if isinstance(field.type, s.OptionalType) else field.type
        own = outer.bounds if isinstance(outer, s.ListType) else None
        inner = outer.item if isinstance(outer, s.ListType) else None
        spare = [own] if own is not None and field.bounds is not None else []
        for bounds in [*spare, *_inner_bounds(inner)]:
            help = "bound the field itself; for the entries, declare a type with a bounded field"
            self.report.error("SFT3013", "only the field itself has bounds", bounds.span, help=help)
        return field.bounds or own

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
                self.report.error("SFT2002", f"`{member.text}` is named twice", member.span, why=why, help="remove one")
            elif "." in member.text or self._is_type(member.text):
                help = "declare a field for each type, or use Json"
                message = f"`{member.text}` is a type; `|` stands between words"
                self.report.error("SFT3022", message, member.span, help=help)
                return UNKNOWN
            seen.setdefault(member.text, member)
        self.symbols.word_spans.setdefault(tuple(seen), {text: member.span for text, member in seen.items()})
        return Enum(members=tuple(seen))

    def _is_type(self, name: str) -> bool:
        declared = (self.symbols.enums, self.symbols.tables, self.symbols.shapes)
        return name in SCALARS or any(self.symbols.near(self.alias, name, known) for known in declared)

    def _target(self, word: s.Word) -> str:
        found = self.symbols.meant(self.alias, word, self.symbols.tables, self.report)
        if found is None:
            self.report.unknown("SFT2011", "the table", word.text, word.span, list(self.symbols.tables))
        return found or ""

    def _named(self, word: s.Word) -> Type:
        meant, symbols, report = self.symbols.meant, self.symbols, self.report
        if word.text in SCALARS:
            report.means(word.span, "type", word.text)
            return Scalar(name=word.text)  # type: ignore[arg-type]
        if (enum := meant(self.alias, word, symbols.enums, report)) is not None:
            return Enum(name=enum, members=symbols.enums[enum].members)
        if meant(self.alias, word, symbols.tables, report) is not None:
            help = f"write `ref {word.text}`"
            message = f"`{word.text}` is a table, not a type"
            report.error("SFT2001", message, word.span, help=help, fix=f"ref {word.text}")
        elif (shape := meant(self.alias, word, symbols.shapes, report)) is not None:
            return RecordOf(name=shape)
        else:
            known = [*SCALARS, *symbols.enums, *(name for name in symbols.shapes if name not in symbols.tables)]
            report.unknown("SFT2001", "the type", word.text, word.span, known)
        return UNKNOWN


def _inner_bounds(written: s.TypeExpr | None) -> list[s.Bounds]:
    """Bounds inside a list's entries."""
    match written:
        case s.OptionalType(item=item):
            return _inner_bounds(item)
        case s.ListType(item=item, bounds=bounds):
            return [*([bounds] if bounds is not None else []), *_inner_bounds(item)]
        case _:
            return []
