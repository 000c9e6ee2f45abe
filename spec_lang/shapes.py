"""Written fields to the shapes of records, tables and types: every written type gets its meaning."""

from __future__ import annotations

from spec_lang import limits, parameters
from spec_lang import syntax as s
from spec_lang.bounds import bounds
from spec_lang.contract import FieldDef, Shape
from spec_lang.diagnostics import closest, listing
from spec_lang.symbols import Report, Symbols
from spec_lang.types import (
    BUILT_IN,
    FIELD_UNITS,
    SCALARS,
    SECONDS,
    UNKNOWN,
    Enum,
    File,
    JsonOf,
    ListOf,
    Money,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    Scalar,
    Type,
    describe,
)  # fmt: skip
from spec_lang.unions import Cases, has_cases, joined, names_differ, tag_field
from spec_lang.untrained import marked

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
        fields = self._fields(item, name)
        doc = item.doc.text if item.doc else ""
        tag = item.tag.text if isinstance(item, s.TypeDecl) and item.tag is not None else None
        self.symbols.shapes[name] = Shape(name=name, fields=tuple(fields.values()), doc=doc, tag=tag)
        self._key(item, name, fields)

    def _fields(self, item: Container, name: str) -> dict[str, FieldDef]:
        """The fields by name; those of a union's cases behind the common ones."""
        union = item if isinstance(item, s.TypeDecl) and item.tag is not None else None
        fields: dict[str, FieldDef] = {}
        cases: Cases = {}
        marks: dict[str, s.Untrained] = {}
        for part in item.items:
            if isinstance(part, s.Clause):
                self.symbols.clauses.append((self.owner, part))
                continue
            if isinstance(part, s.Let):
                self.symbols.lets.append((self.owner, part))
                continue
            path = f"{name}.{part.name.text}"
            if part.name.text in fields or part.name.text in cases:
                why = ((self.symbols.field_spans[path], "named here first"),)
                self.report.error(
                    "SFT2002", f"`{part.name.text}` is named twice", part.name.span, why=why, help="rename one"
                )
                continue
            self.symbols.field_spans[path] = part.name.span
            if part.untrained is not None:
                marks[part.name.text] = part.untrained
            if union is not None and isinstance(part, s.Group):
                cases[part.name.text] = (part, self._fields(part, path))
            else:
                fields[part.name.text] = self._group(part, path) if isinstance(part, s.Group) else self._field(part)
        whole = self._with_cases(union, name, fields, cases) if union is not None else fields
        return marked(whole, marks, name, self.report)

    def _with_cases(
        self, union: s.TypeDecl, name: str, common: dict[str, FieldDef], cases: Cases
    ) -> dict[str, FieldDef]:
        good = names_differ(union, common, cases, name, self.symbols, self.report)
        if not has_cases(union, cases, self.report) or not good:
            return common
        tag, spans = tag_field(union, name, cases, self.symbols), self.symbols.field_spans
        for case, (_, fields) in cases.items():
            for field in fields:
                spans.setdefault(f"{name}.{field}", spans[f"{name}.{case}.{field}"])
        return {field.name: field for field in (tag, *common.values(), *joined(cases, tag.name))}

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
        outer = field.type.item if isinstance(field.type, s.OptionalType) else field.type
        behind_list = outer.bounds if isinstance(outer, s.ListType) else None
        if behind_list is not None and field.bounds is not None:
            self.report.error("SFT3013", "this field is bounded twice", field.bounds.span, help="leave one out")
        bounded = self._limited(field.type, behind_list or field.bounds, field.matching)
        default = limits.default(field.default, bounded, self.report)
        doc = field.doc.text if field.doc else ""
        return bounded.model_copy(update={"name": field.name.text, "default": default, "doc": doc})

    def _limited(self, written: s.TypeExpr, bounds_: s.Bounds | None, matching: s.Text | None) -> FieldDef:
        """A type with its pattern and bounds, and those of its entries; without a name."""
        type_ = self.type(written)
        ends = bounds(bounds_, type_, self.report)
        return FieldDef(
            name="",
            type=type_,
            pattern=limits.pattern(matching, type_, self.report),
            low=ends.low,
            high=ends.high,
            unit=ends.unit,
            entries=self._entries(written.item if isinstance(written, s.OptionalType) else written),
        )

    def _entries(self, written: s.TypeExpr) -> FieldDef | None:
        """What a list asks of its entries beyond their type."""
        if not isinstance(written, s.ListType):
            return None
        inner = written.item.item if isinstance(written.item, s.OptionalType) else written.item
        own = inner.bounds if isinstance(inner, s.ListType) else None
        entry = self._limited(written.item, written.entry_bounds or own, written.matching)
        plain = (entry.pattern, entry.low, entry.high, entry.entries) == (None, None, None, None)
        return None if plain else entry

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
            case s.Parametrised():
                return self._parametrised(written)
            case s.NamedType(name=name):
                return self._named(name)

    def _parametrised(self, written: s.Parametrised) -> Type:
        name, values = written.name, written.values
        if name.text == "Money":
            return parameters.money(values, self.report) or UNKNOWN
        if name.text == "File":
            return parameters.file(values, self.report) or UNKNOWN
        if name.text != "Json":
            parameters.refused(name, self.report)
            return UNKNOWN
        if len(values) > 1 or not isinstance(values[0], s.Word):
            message = "Json takes the name of one type"
            self.report.error("SFT3024", message, values[-1].span, help=f"write {parameters.USAGE['Json']}")
            return UNKNOWN
        table = self.symbols.near(self.alias, values[0].text, self.symbols.tables) is not None
        held = self._named(values[0]) if not table else None
        if isinstance(held, RecordOf):
            return JsonOf(name=held.name) if held != UNKNOWN else UNKNOWN
        message = f"Json takes a type with fields; `{values[0].text}` is {'a table' if table else 'none'}"
        self.report.error("SFT3024", message, values[0].span, help="declare a `type`, or write `Json` alone")
        return UNKNOWN

    def _alternatives(self, members: tuple[s.Word, ...]) -> Type:
        seen: dict[str, s.Word] = {}
        for member in members:
            if member.text in seen:
                why = ((seen[member.text].span, "named here first"),)
                self.report.error("SFT2002", f"`{member.text}` is named twice", member.span, why=why, help="remove one")
            elif "." in member.text or self._is_type(member.text):
                help = "declare a field for each, or a union of cases: `type Value by kind { ... }`"
                message = f"`{member.text}` is a type; `|` stands between words"
                self.report.error("SFT3022", message, member.span, help=help)
                return UNKNOWN
            seen.setdefault(member.text, member)
        seen = self.report.first(seen.items(), lambda word: word.span)
        self.symbols.word_spans.setdefault(tuple(seen), {text: member.span for text, member in seen.items()})
        return Enum(members=tuple(seen))

    def _is_type(self, name: str) -> bool:
        declared = (self.symbols.enums, self.symbols.tables, self.symbols.shapes)
        return name in BUILT_IN or any(self.symbols.near(self.alias, name, known) for known in declared)

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
        if word.text in FIELD_UNITS:
            return Quantity(unit=word.text)
        if word.text in ("Money", "File"):
            report.means(word.span, "type", word.text)
            return Money() if word.text == "Money" else File()
        if (enum := meant(self.alias, word, symbols.enums, report)) is not None:
            return Enum(name=enum, members=symbols.enums[enum].members)
        if meant(self.alias, word, symbols.tables, report) is not None:
            help = f"write `ref {word.text}`"
            message = f"`{word.text}` is a table, not a type"
            report.error("SFT2001", message, word.span, help=help, fix=f"ref {word.text}")
        elif (shape := meant(self.alias, word, symbols.shapes, report)) is not None:
            return RecordOf(name=shape)
        elif word.text in SECONDS:
            help = "write `Duration`, or `seconds` for a plain number of them"
            report.error("SFT2001", f"a field is not a number of {word.text}", word.span, help=help, fix="Duration")
        else:
            own = [*symbols.enums, *(name for name in symbols.shapes if name not in symbols.tables)]
            known = [*BUILT_IN, *own, *FIELD_UNITS]
            if word.text.islower() and closest(word.text, known) is None:
                help = f"if it is a word: `enum Name {{ {word.text} }}` declares it, and `Name` is the type"
                report.error("SFT2001", f"the type `{word.text}` is not known", word.span, help=help, known=known)
                return UNKNOWN
            report.unknown("SFT2001", "the type", word.text, word.span, known)
        return UNKNOWN
