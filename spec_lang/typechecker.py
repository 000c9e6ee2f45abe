"""Written expressions to typed ones: units agree, rows and aggregates do not mix, every measure gets its arguments.

A mistake is reported once, where it was made; the expression around it then has no type and is not judged further.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.arguments import bind
from spec_lang.contract import Argument, Call, Const, Expr, Kind, Op, Path, Quantified, Range, SetExpr
from spec_lang.diagnostics import closest
from spec_lang.signatures import Parameter, Signature, signatures
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.types import (
    BOOL,
    DATE,
    INT,
    NUMBER,
    TEXT,
    UNITS,
    UNKNOWN,
    Enum,
    ListOf,
    Named,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    Scalar,
    SetOf,
    Type,
    bare,
    describe,
)

TEXT_LIKE = frozenset(("Text", "Lang", "License", "Url", "Sha256"))
ORDERED = frozenset(("Int", "Number", "Date", "Time", "Duration"))
COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression with its type, kind and span. `table` is the table whose rows it reads, empty for constants."""

    ir: Expr
    type: Type
    kind: Kind
    span: Span
    table: str = ""


@dataclass(slots=True)
class Checker:
    """Types the expressions of one place in the contract: a table's rows, or a held-out item and its `answer`."""

    symbols: Symbols
    report: Report
    table: str
    answer: bool = False
    variables: dict[str, Type] = field(default_factory=dict)

    # --- entry

    def expression(self, expr: s.Expr, expected: Type | None = None) -> Typed | None:
        """The typed expression, or None if a mistake in it was reported."""
        match expr:
            case s.Parens(inner=inner):
                return self.expression(inner, expected)
            case s.Number():
                return self._number(expr)
            case s.Date():
                return self._date(expr)
            case s.Text(text=text):
                return self._const(text, TEXT, expr.span)
            case s.Truth(value=value):
                return self._const(value, BOOL, expr.span)
            case s.Path(word=word):
                return self._path(word, expected)
            case s.Call():
                return self._call(expr)
            case s.Unary(op="not"):
                return self._logic("not", (expr.operand,), expr.span)
            case s.Unary():
                return self._arithmetic("-", expr, expr.operand)
            case s.Binary(op="and" | "or" | "implies"):
                return self._logic(expr.op, (expr.left, expr.right), expr.span)
            case s.Binary() if expr.op in COMPARISONS:
                return self._comparison(expr)
            case s.Binary():
                return self._arithmetic(expr.op, expr, expr.left, expr.right)
            case s.Membership():
                return self._membership(expr)
            case s.Set():
                return self._set(expr, expected)
            case s.Quantified():
                return self._quantified(expr)
            case s.Interval():
                help = "a range stands on the right of `in`"
                self.report.error("SFT3001", "a range is not a value", expr.span, help=help)
                return None

    # --- leaves

    def _const(self, value: str | bool, type_: Type, span: Span) -> Typed:
        return Typed(Const(value=value, type=type_), type_, "constant", span)

    def _number(self, expr: s.Number) -> Typed | None:
        if expr.unit == "%" and not Decimal(0) <= Decimal(expr.text) <= Decimal(100):
            help = "a difference of shares is written in points: `pp`"
            self.report.error(
                "SFT3011", f"`{expr.span.text}` is not a share; a share lies in 0%..100%", expr.span, help=help
            )
            return None
        type_: Type = Quantity(unit=expr.unit) if expr.unit else NUMBER
        return self._const(expr.text, type_, expr.span)

    def _date(self, expr: s.Date) -> Typed | None:
        try:
            date.fromisoformat(expr.text)
        except ValueError:
            self.report.error("SFT3016", f"there is no day {expr.text}", expr.span, help="dates are YYYY-MM-DD")
            return None
        return self._const(expr.text, DATE, expr.span)

    def _path(self, word: s.Word, expected: Type | None) -> Typed | None:
        parts = word.parts
        if parts[0] in self.variables:
            return self._walk(word, parts[0], self.variables[parts[0]], parts[1:], "")
        wanted = bare(expected) if expected is not None else None
        if len(parts) == 1 and isinstance(wanted, Enum) and parts[0] in wanted.members:
            return self._const(parts[0], wanted, word.span)
        if self.answer and parts == ("answer",):
            return Typed(Path(root="answer", steps=(), type=TEXT), TEXT, "row", word.span, self.table)
        shape = self.symbols.shapes[self.table]
        if any(item.name == parts[0] for item in shape.fields):
            return self._walk(word, "row", RecordOf(name=self.table), parts, self.table)
        if parts[0] in self.symbols.tables and len(parts) > 1:
            return self._walk(word, "row", RecordOf(name=parts[0]), parts[1:], parts[0])
        self._unknown_name(word, wanted)
        return None

    def _unknown_name(self, word: s.Word, wanted: Type | None) -> None:
        shape = self.symbols.shapes[self.table]
        fields = [item.name for item in shape.fields]
        if isinstance(wanted, Enum) and len(word.parts) == 1:
            what = f"`{wanted.name or describe(wanted)}` has no"
            meant = closest(word.text, wanted.members)
            label = f"did you mean `{meant}`?" if meant else ""
            words = ", ".join(f"`{member}`" for member in wanted.members)
            self.report.error("SFT2007", f"{what} `{word.text}`", word.span, label, help=f"its words are {words}")
            return
        inner = {f"{item.name}.{leaf}" for item in shape.fields for leaf in self._leaves(item.type)}
        whole = next((path for path in sorted(inner) if path.endswith(f".{word.text}")), None)
        if whole is not None:
            label = f"did you mean `{whole}`?"
            self.report.error("SFT2003", f"{self.table} has no field `{word.text}`", word.span, label)
            return
        known = [*fields, *self.variables, *(["answer"] if self.answer else [])]
        self.report.unknown("SFT2003", f"{self.table} has no field of this name:", word.text, word.span, known)

    def _leaves(self, type_: Type) -> list[str]:
        inner = bare(type_)
        return [item.name for item in self.symbols.shapes[inner.name].fields] if isinstance(inner, RecordOf) else []

    def _walk(self, word: s.Word, root: str, type_: Type, parts: tuple[str, ...], table: str) -> Typed | None:
        steps: list[str] = []
        optional = False
        for part in parts:
            inner = bare(type_)
            if _unknown(inner):
                return None
            optional = optional or isinstance(type_, OptionalOf)
            if isinstance(inner, Ref):
                steps.append(f"->{inner.table}")
                inner = RecordOf(name=inner.table)
            if not isinstance(inner, RecordOf) or inner.name not in self.symbols.shapes:
                self._not_a_record(word, part, inner)
                return None
            found = next((item for item in self.symbols.shapes[inner.name].fields if item.name == part), None)
            if found is None:
                names = [item.name for item in self.symbols.shapes[inner.name].fields]
                self.report.unknown(
                    "SFT2003", f"{inner.name} has no field of this name:", part, _part(word, part), names
                )
                return None
            steps.append(part)
            type_ = found.type
        if _unknown(bare(type_)):
            return None
        if optional and not isinstance(type_, OptionalOf):
            type_ = OptionalOf(item=type_)
        return Typed(Path(root=root, steps=tuple(steps), type=type_), type_, "row", word.span, table)

    def _not_a_record(self, word: s.Word, part: str, inner: Type) -> None:
        what = describe(inner)
        help = "use `all x in ... satisfies ...` or `any`" if isinstance(inner, ListOf) else ""
        self.report.error("SFT2003", f"a value of type {what} has no field `{part}`", _part(word, part), help=help)

    # --- operators

    def _logic(self, op: str, operands: tuple[s.Expr, ...], span: Span) -> Typed | None:
        typed = [self.expression(operand) for operand in operands]
        for item in typed:
            if item is not None and item.type != BOOL:
                what = describe(item.type)
                self.report.error("SFT3010", f"`{op}` joins statements; this is {what}", item.span, help="compare it")
                return None
        if any(item is None for item in typed):
            return None
        return self._joined(op, [item for item in typed if item is not None], BOOL, span)

    def _joined(self, op: str, typed: list[Typed], type_: Type, span: Span) -> Typed | None:
        kind = self._kind(typed, span)
        table = self._one_table(typed, span) if kind is not None else None
        if kind is None or table is None:
            return None
        name = cast("Literal['and']", op)
        return Typed(Op(name=name, args=tuple(item.ir for item in typed), type=type_), type_, kind, span, table)

    def _kind(self, typed: list[Typed], span: Span) -> Kind | None:
        kinds = {item.kind for item in typed} - {"constant"}
        if len(kinds) < 2:
            return next(iter(kinds), "constant")
        row = next(item for item in typed if item.kind == "row")
        total = next(item for item in typed if item.kind == "aggregate")
        why = ((total.span, "this speaks of all rows"),)
        help = f"say how many rows: `share({row.span.text})`, or use `every(...)`, `no(...)`, `p99(...)`"
        self.report.error(
            "SFT3003",
            "one row cannot be compared with all rows",
            row.span,
            "this speaks of one row",
            why=why,
            help=help,
        )
        return None

    def _one_table(self, typed: list[Typed], span: Span) -> str | None:
        tables = list(dict.fromkeys(item.table for item in typed if item.table))
        if len(tables) < 2:
            return tables[0] if tables else ""
        message = f"one expression cannot speak of `{tables[0]}` and `{tables[1]}`"
        self.report.error("SFT3017", message, span, help="write two clauses, or follow a `ref`")
        return None

    def _comparison(self, expr: s.Binary) -> Typed | None:
        left, right = self._both(expr.left, expr.right)
        if left is None or right is None or not self._comparable(left, right, expr):
            return None
        return self._joined(expr.op, [left, right], BOOL, expr.span)

    def _both(self, left: s.Expr, right: s.Expr) -> tuple[Typed | None, Typed | None]:
        """Each side may tell the other which enum its bare words belong to."""
        if isinstance(left, s.Path) and not self._known(left.word):
            typed_right = self.expression(right)
            return self.expression(left, typed_right.type if typed_right else None), typed_right
        typed_left = self.expression(left)
        if typed_left is None:
            if not isinstance(right, s.Path):
                self.expression(right)
            return None, None
        return typed_left, self.expression(right, typed_left.type)

    def _known(self, word: s.Word) -> bool:
        first = word.parts[0]
        names = {item.name for item in self.symbols.shapes[self.table].fields}
        return first in names or first in self.variables or first in self.symbols.tables or len(word.parts) > 1

    def _comparable(self, left: Typed, right: Typed, expr: s.Binary) -> bool:
        a, b = bare(left.type), bare(right.type)
        for this, other in ((left, right), (right, left)):
            unit = bare(other.type)
            if isinstance(unit, Quantity) and bare(this.type) == NUMBER and this.kind == "constant":
                self._unit_missing(this, unit.unit)
                return False
        if isinstance(a, Quantity) and isinstance(b, Quantity) and a.unit != b.unit:
            why = ((left.span, describe(a)),)
            help = f"write it in `{a.unit}`"
            self.report.error(
                "SFT3002", f"{describe(b)} is not {describe(a)}", right.span, describe(b), why=why, help=help
            )
            return False
        if not _same_sort(a, b):
            why = ((left.span, describe(a)),)
            self.report.error("SFT3001", f"{describe(a)} is never {describe(b)}", right.span, describe(b), why=why)
            return False
        if expr.op in ("<", "<=", ">", ">=") and not _ordered(a):
            help = "use `==`, `!=` or `in`"
            self.report.error("SFT3001", f"values of type {describe(a)} have no order", expr.op_span, help=help)
            return False
        return True

    def _unit_missing(self, number: Typed, unit: str) -> None:
        written = number.span.text
        help = f"write `{written}{unit if unit in ('%', 'pp') else ' ' + unit}`"
        self.report.error(
            "SFT3002",
            f"`{written}` has no unit",
            number.span,
            f"{describe(Quantity(unit=unit))} is expected",
            help=help,
        )

    def _arithmetic(self, op: str, whole: s.Expr, *operands: s.Expr) -> Typed | None:
        typed = [self.expression(operand) for operand in operands]
        if any(item is None for item in typed):
            return None
        present = [item for item in typed if item is not None]
        types = [bare(item.type) for item in present]
        for item, type_ in zip(present, types, strict=True):
            if type_ not in (INT, NUMBER) and not isinstance(type_, Quantity):
                self.report.error("SFT3001", f"`{op}` works on numbers; this is {describe(type_)}", item.span)
                return None
        result = _arithmetic_type(op, types)
        if result is None:
            message = f"`{op}` does not join {describe(types[0])} and {describe(types[1])}"
            self.report.error("SFT3002", message, whole.span, help="bring both to the same unit")
            return None
        return self._joined(op, present, result, whole.span)

    def _membership(self, expr: s.Membership) -> Typed | None:
        left = self.expression(expr.left)
        if left is None:
            return None
        right = (
            self._range(expr.right, left)
            if isinstance(expr.right, s.Interval)
            else self.expression(expr.right, left.type)
        )
        if right is None:
            return None
        wanted = bare(left.type)
        if isinstance(right.type, SetOf | ListOf) or isinstance(bare(right.type), ListOf):
            inner = cast("SetOf | ListOf", bare(right.type)).item
            if not _same_sort(wanted, bare(inner)):
                why = ((left.span, describe(wanted)),)
                self.report.error(
                    "SFT3001", f"{describe(wanted)} is never in {describe(right.type)}", right.span, why=why
                )
                return None
        elif not isinstance(right.ir, Range):
            help = "write a set `{ a, b }`, a range `a..b` or a list field"
            self.report.error("SFT3001", "`in` needs a set, a range or a list on its right", right.span, help=help)
            return None
        return self._joined("in", [left, right], BOOL, expr.span)

    def _range(self, expr: s.Interval, left: Typed) -> Typed | None:
        ends = [self.expression(end) if end is not None else None for end in (expr.low, expr.high)]
        if ends[0] is None or (expr.high is not None and ends[1] is None):
            return None
        ends = self._lend_unit(ends, expr)
        for end in ends:
            if end is None:
                continue
            if end.kind != "constant" or not isinstance(end.ir, Const):
                self.report.error("SFT3001", "the ends of a range are written numbers or dates", end.span)
                return None
            if not self._comparable(left, end, s.Binary(expr.span, "<=", expr.low, expr.low, expr.span)):
                return None
        low, high = (end.ir if end is not None and isinstance(end.ir, Const) else None for end in ends)
        if low is not None and high is not None and _value(low) > _value(high):
            self.report.error("SFT3013", "this range is the wrong way round", expr.span, "the first end is larger")
            return None
        return Typed(Range(low=low, high=high, type=bare(left.type)), bare(left.type), "constant", expr.span)

    def _lend_unit(self, ends: list[Typed | None], expr: s.Interval) -> list[Typed | None]:
        """In `1_900..2_100 records` the first number has the second one's unit."""
        low, high = ends
        if low is None or high is None or low.type != NUMBER or not isinstance(high.type, Quantity):
            return ends
        if high.type.unit in ("%", "pp") or not isinstance(low.ir, Const):
            return ends
        return [self._const(low.ir.value, high.type, low.span), high]

    def _set(self, expr: s.Set, expected: Type | None) -> Typed | None:
        typed = [self.expression(item, expected) for item in expr.items]
        if any(item is None for item in typed):
            return None
        present = [item for item in typed if item is not None]
        for item in present:
            if not isinstance(item.ir, Const):
                self.report.error("SFT3001", "a set lists written values", item.span)
                return None
            if not _same_sort(bare(present[0].type), bare(item.type)):
                why = ((present[0].span, describe(present[0].type)),)
                self.report.error(
                    "SFT3001", f"{describe(item.type)} among {describe(present[0].type)}", item.span, why=why
                )
                return None
        type_ = SetOf(item=bare(present[0].type))
        items = tuple(cast("Const", item.ir) for item in present)
        return Typed(SetExpr(items=items, type=type_), type_, "constant", expr.span)

    def _quantified(self, expr: s.Quantified) -> Typed | None:
        over = self.expression(expr.over)
        if over is None:
            return None
        inner = bare(over.type)
        if not isinstance(inner, ListOf):
            self.report.error(
                "SFT3001", f"`{expr.which}` goes through a list; this is {describe(over.type)}", over.span
            )
            return None
        name = expr.variable.text
        if name in self.variables or any(item.name == name for item in self.symbols.shapes[self.table].fields):
            self.report.error(
                "SFT2002", f"`{name}` already has a meaning here", expr.variable.span, help="choose another name"
            )
            return None
        self.variables[name] = inner.item
        body = self.expression(expr.body)
        del self.variables[name]
        if body is None:
            return None
        if body.type != BOOL or body.kind == "aggregate":
            self.report.error("SFT3010", "a statement about one entry belongs after `satisfies`", body.span)
            return None
        which = cast("Literal['all', 'any']", expr.which)
        ir = Quantified(which=which, variable=name, over=over.ir, body=body.ir, type=BOOL)
        return Typed(ir, BOOL, "row", expr.span, over.table or self.table)

    # --- measures

    def _call(self, expr: s.Call) -> Typed | None:
        signature = signatures().get(expr.name.text)
        if signature is None:
            known = list(signatures())
            meant = closest(expr.name.text, known)
            label = f"did you mean `{meant}`?" if meant else ""
            help = "" if meant else "`sftspec explain measures` lists what can be measured"
            self.report.error("SFT2006", f"there is no measure `{expr.name.text}`", expr.name.span, label, help=help)
            return None
        bound = bind(signature, expr, self.report)
        if bound is None:
            return None
        arguments: list[Argument] = []
        read: list[Typed] = []
        for parameter, written in bound:
            typed = self._argument(signature, parameter, written, expr)
            if typed is None:
                return None
            arguments.append(Argument(name=parameter.name, value=typed.ir))
            if parameter.row or parameter.sort == ("field",):
                read.append(typed)
        table = self._one_table(read, expr.span)
        if table is None:
            return None
        type_ = self._result(signature, read)
        ir = Call(measure=signature.name, kind=signature.kind, args=tuple(arguments), type=type_)
        return Typed(
            ir,
            type_,
            signature.kind,
            expr.span,
            signature.source if signature.source and signature.kind == "aggregate" else table or self.table,
        )

    def _argument(
        self, signature: Signature, parameter: Parameter, written: s.Expr | str, call: s.Call
    ) -> Typed | None:
        if isinstance(written, str):
            if parameter.row:
                return self._const(written == "true", BOOL, call.span)
            return self._const(written, Named(what="word"), call.span)
        sort = parameter.sort[0]
        if parameter.row:
            return self._row_argument(signature, parameter, written)
        if sort in ("recipe", "heldout", "reference"):
            return self._named(sort, written)
        if sort == "field":
            return self.expression(written)
        if sort in UNITS or sort in ("Text", "Number", "Set", "%"):
            return self._literal(parameter, written)
        return self._word(parameter, written)

    def _row_argument(self, signature: Signature, parameter: Parameter, written: s.Expr) -> Typed | None:
        typed = self.expression(written)
        if typed is None:
            return None
        if typed.kind == "aggregate":
            help = f"`{signature.name}` looks at one row at a time; give it a field or a statement about a row"
            self.report.error(
                "SFT3004",
                "an aggregate stands where a row is looked at",
                typed.span,
                "this speaks of all rows",
                help=help,
            )
            return None
        if not _fits(parameter.sort[0], bare(typed.type)):
            wanted = {"Bool": "a statement, true or false", "T": "a number"}.get(parameter.sort[0], parameter.sort[0])
            help = "compare it with something" if parameter.sort[0] == "Bool" else ""
            self.report.error(
                "SFT3007", f"`{signature.name}` needs {wanted}; this is {describe(typed.type)}", typed.span, help=help
            )
            return None
        return typed

    def _named(self, sort: str, written: s.Expr) -> Typed | None:
        known = {"recipe": self.symbols.recipes, "heldout": self.symbols.heldouts, "reference": self.symbols.references}
        names = list(known[sort])
        if isinstance(written, s.Path) and (
            written.word.text in names or (sort == "reference" and written.word.text == "base")
        ):
            return self._const(written.word.text, Named(what=cast("Literal['recipe']", sort)), written.span)
        word = written.word.text if isinstance(written, s.Path) else written.span.text
        what = {"recipe": "the recipe", "heldout": "the held-out set", "reference": "the reference"}[sort]
        self.report.unknown("SFT2001", what, word, written.span, names)
        return None

    def _literal(self, parameter: Parameter, written: s.Expr) -> Typed | None:
        sort = parameter.sort[0]
        typed = self.expression(written)
        if typed is None:
            return None
        if sort in UNITS and typed.type == NUMBER:
            self._unit_missing(typed, sort)
            return None
        fits = {"Text": typed.type == TEXT, "Number": typed.type == NUMBER, "Set": isinstance(typed.type, SetOf)}
        if typed.kind != "constant" or not fits.get(sort, typed.type == Quantity(unit=sort)):
            wanted = (
                describe(Quantity(unit=sort))
                if sort in UNITS
                else {"Text": "a text", "Number": "a plain number"}.get(sort, "a set")
            )
            self.report.error(
                "SFT3007", f"`{parameter.name}` is {wanted}", typed.span, f"this is {describe(typed.type)}"
            )
            return None
        return typed

    def _word(self, parameter: Parameter, written: s.Expr) -> Typed | None:
        if isinstance(written, s.Path) and written.word.text in parameter.sort:
            return self._const(written.word.text, Named(what="word"), written.span)
        word = written.word.text if isinstance(written, s.Path) else written.span.text
        meant = closest(word, parameter.sort)
        label = f"did you mean `{meant}`?" if meant else ""
        words = ", ".join(f"`{item}`" for item in parameter.sort)
        self.report.error(
            "SFT2007", f"`{parameter.name}` cannot be `{word}`", written.span, label, help=f"it is one of {words}"
        )
        return None

    def _result(self, signature: Signature, read: list[Typed]) -> Type:
        sort = signature.sort
        if sort == "T":
            return bare(read[0].type)
        if sort in UNITS:
            return Quantity(unit=sort)
        if sort == "Texts":
            return ListOf(item=TEXT)
        if sort == "Table":
            return Scalar(name="Json")
        return Scalar(name=cast("Literal['Int']", sort))


def _unknown(type_: Type) -> bool:
    return (
        type_ == UNKNOWN
        or (isinstance(type_, ListOf) and _unknown(bare(type_.item)))
        or (isinstance(type_, Ref) and not type_.table)
    )


def _part(word: s.Word, part: str) -> Span:
    """The span of one part of a path."""
    offset = 0
    for name in word.text.split("."):
        if name == part:
            break
        offset += len(name) + 1
    return Span(word.span.source, word.span.start + offset, word.span.start + offset + len(part))


def _fits(sort: str, type_: Type) -> bool:
    match sort:
        case "Any":
            return True
        case "Bool":
            return type_ == BOOL
        case "T":
            return isinstance(type_, Quantity) or type_ in (INT, NUMBER)
        case "List":
            return isinstance(type_, ListOf)
        case "Enum":
            return isinstance(type_, Enum) or type_ in (Scalar(name="Lang"), BOOL)
        case "Text":
            return isinstance(type_, Scalar) and type_.name in TEXT_LIKE
        case _:
            return isinstance(type_, Scalar) and type_.name == sort


def _same_sort(a: Type, b: Type) -> bool:
    """Whether values of the two types can be equal."""
    if a == b:
        return True
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return {a.name, b.name} <= TEXT_LIKE or {a.name, b.name} <= {"Int", "Number"}
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Ref):
            return other == TEXT or (isinstance(other, Ref) and other.table == one.table)
        if isinstance(one, Enum) and isinstance(other, Enum):
            return one.members == other.members
    return False


def _ordered(type_: Type) -> bool:
    return isinstance(type_, Quantity) or (isinstance(type_, Scalar) and type_.name in ORDERED)


def _arithmetic_type(op: str, types: list[Type]) -> Type | None:
    if len(types) == 1:
        return types[0]
    a, b = types
    plain = (INT, NUMBER)
    if a in plain and b in plain:
        return INT if a == b == INT and op != "/" else NUMBER
    if op in ("+", "-"):
        return a if a == b else None
    if op == "*" and (a in plain or b in plain):
        return b if a in plain else a
    if op == "/":
        return NUMBER if a == b else a if b in plain else None
    return None


def _value(end: Const) -> tuple[Decimal, str]:
    text = str(end.value)
    return (Decimal(0), text) if end.type == DATE else (Decimal(text), "")
