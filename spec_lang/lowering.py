"""Every shorthand to clauses: written clauses, field types, keys, references, mixtures and volume, all in one form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.blocks import head
from spec_lang.contract import (
    Argument,
    Basis,
    Call,
    Clause,
    Const,
    Expr,
    Op,
    Path,
    Quantified,
    Range,
    Stage,
    Statistic,
)
from spec_lang.signatures import signatures
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.typechecker import Checker, Typed
from spec_lang.types import BOOL, PERCENT, Enum, ListOf, Named, Quantity, RecordOf, Ref, Scalar, Type, bare, plain

WEAKEST: tuple[Basis, ...] = ("recomputed", "executed", "reviewed", "declared")
DECLARED_GROUPS = frozenset(("source", "governance"))
STRUCTURAL = frozenset(
    ("present", "size", "names", "well_formed", "resolves", "repeated", "duplicate", "has_secret", "tokens")
)
"""Measures that look at a field's presence or content, whatever the vendor says it means."""

STATISTICAL = frozenset(("gain", "defective"))


@dataclass(slots=True)
class Lowered:
    """A clause and where it was written, for the checks behind lowering."""

    clause: Clause
    span: Span


def lower(symbols: Symbols, record: str, volume: tuple[int, int] | None, report: Report) -> list[Lowered]:
    """All clauses in the order a reader expects: the delivery itself, fields, records, terms, mixtures."""
    out = [*_delivery(record, volume, symbols)]
    for table in _delivered(symbols, record):
        out += _fields(table, symbols)
    for table, written in symbols.clauses:
        if table in _delivered(symbols, record):
            out += _written(written, table, table, None, True, symbols, report)
    for terms in symbols.terms:
        out += _terms(terms, symbols, report)
    for mixture in symbols.mixtures:
        out += _mixture(mixture, symbols, report)
    _names_once(out, report)
    return out


def _delivered(symbols: Symbols, record: str) -> list[str]:
    return [record, *(name for name, table in symbols.tables.items() if table.file is not None)]


def _names_once(clauses: list[Lowered], report: Report) -> None:
    seen: dict[str, Span] = {}
    for item in clauses:
        if item.clause.name in seen:
            why = ((seen[item.clause.name], "named here first"),)
            report.error(
                "SFT2002", f"two clauses are named `{item.clause.name}`", item.span, why=why, help="rename one"
            )
        seen.setdefault(item.clause.name, item.span)


# --- the delivery and its fields


def _call(measure: str, type_: Type, *args: tuple[str, Expr]) -> Call:
    kind = signatures()[measure].kind
    return Call(measure=measure, kind=kind, args=tuple(Argument(name=n, value=v) for n, v in args), type=type_)


def _word(text: str) -> Const:
    return Const(value=text, type=Named(what="word"))


def _every(mark: Expr) -> Call:
    return _call("every", BOOL, ("condition", mark))


def _marking(name: str, table: str, mark: Expr, origin: str, text: str) -> Clause:
    return Clause(
        name=name,
        role="require",
        text=text,
        table=table,
        expr=_every(mark),
        mark=mark,
        stage="delivery",
        basis="recomputed",
        origin=cast("Literal['field']", origin),
    )


def _delivery(record: str, volume: tuple[int, int] | None, symbols: Symbols) -> Iterator[Lowered]:
    contract = symbols.contract
    span = head(contract) if contract is not None else symbols.spans[record]
    yield Lowered(
        _marking(
            "delivery.as_listed",
            "files",
            _call("as_listed", BOOL),
            "delivery",
            "Every file is the one that the manifest lists",
        ),
        span,
    )
    yield Lowered(
        _marking(
            "delivery.readable", "lines", _call("readable", BOOL), "delivery", "Every line is one strict JSON object"
        ),
        span,
    )
    if volume is not None:
        unit = Quantity(unit="records")
        count = _call("count", unit, ("condition", Const(value=True, type=BOOL)), ("of", _word("accepted")))
        low, high = (Const(value=str(end), type=unit) for end in volume)
        expr = Op(name="in", args=(count, Range(low=low, high=high, type=unit)), type=BOOL)
        clause = Clause(
            name="delivery.volume",
            role="require",
            text="The number of accepted records",
            table=record,
            expr=expr,
            stage="delivery",
            basis="recomputed",
            origin="volume",
        )
        yield Lowered(clause, span)


def _fields(table: str, symbols: Symbols) -> Iterator[Lowered]:
    span = symbols.spans[table]
    whole = Path(root="row", steps=(), type=RecordOf(name=table))
    mark = _call("well_formed", BOOL, ("field", whole))
    yield Lowered(_marking(f"{table}.closed", table, mark, "field", "No field that the contract does not name"), span)
    for path, type_, at in _leaves(table, (), table, symbols):
        field = Path(root="row", steps=path, type=type_)
        name = ".".join((table, *path))
        where = symbols.field_spans.get(at, span)
        yield Lowered(_marking(name, table, _call("well_formed", BOOL, ("field", field)), "field", ""), where)
        inner = bare(type_)
        inner = bare(inner.item) if isinstance(inner, ListOf) else inner
        if isinstance(inner, Ref):
            mark = _call("resolves", BOOL, ("field", field))
            yield Lowered(_marking(f"{name}.resolves", table, mark, "field", f"It names a row of {inner.table}"), where)
    key = symbols.tables[table].key
    if key is not None:
        field = Path(root="row", steps=(key,), type=next(f.type for f in symbols.shapes[table].fields if f.name == key))
        not_repeated = Op(name="not", args=(_call("repeated", BOOL, ("field", field)),), type=BOOL)
        yield Lowered(_marking(f"{table}.{key}.unique", table, not_repeated, "field", "No two rows share a key"), span)


def _leaves(
    shape: str, path: tuple[str, ...], table: str, symbols: Symbols
) -> Iterator[tuple[tuple[str, ...], Type, str]]:
    """Fields of a table, groups opened, named types kept whole."""
    for field in symbols.shapes[shape].fields:
        here = (*path, field.name)
        group = f"{shape}.{field.name}"
        if isinstance(field.type, RecordOf) and field.type.name == group:
            yield here, field.type, group
            yield from _leaves(group, here, table, symbols)
        else:
            yield here, field.type, group


# --- written clauses


def _terms(terms: s.Terms, symbols: Symbols, report: Report) -> list[Lowered]:
    if terms.table.text not in symbols.tables:
        report.unknown("SFT2011", "the table", terms.table.text, terms.table.span, list(symbols.tables))
        return []
    if terms.using is not None and terms.using.text not in symbols.recipes:
        report.unknown("SFT2001", "the recipe", terms.using.text, terms.using.span, list(symbols.recipes))
        return []
    out = []
    using = terms.using.text if terms.using else None
    for clause in terms.clauses:
        out += _written(clause, terms.name.text, terms.table.text, using, False, symbols, report)
    return out


def _written(
    clause: s.Clause, prefix: str, table: str, using: str | None, in_record: bool, symbols: Symbols, report: Report
) -> list[Lowered]:
    typed = Checker(symbols, report, table).expression(clause.expr)
    if typed is None:
        return []
    if clause.role != "report" and typed.type != BOOL:
        help = "compare it, or use `report` to have it measured"
        report.error("SFT3010", f"`{clause.role}` needs a statement, true or false", typed.span, help=help)
        return []
    typed = _standing_alone(typed, in_record, report)
    if typed is None:
        return []
    mark = _mark(typed.ir)
    statistic = _statistic(clause, typed, report)
    otherwise = _otherwise(clause, mark, report)
    if statistic is False or otherwise is None:
        return []
    lowered = Clause(
        name=f"{prefix}.{clause.name.text}",
        role=cast("Literal['require']", clause.role),
        text=clause.text.text if clause.text else "",
        table=typed.table or table,
        expr=typed.ir,
        mark=mark,
        otherwise=otherwise,
        each_lot=_each_lot(clause, report),
        stage=stage(typed.ir),
        basis=basis(typed.ir),
        statistic=statistic,
        recipe=using,
    )
    return [Lowered(lowered, clause.name.span)]


def _standing_alone(typed: Typed, in_record: bool, report: Report) -> Typed | None:
    """In a record a row statement means: of every row. In terms one has to say how many."""
    if typed.kind == "aggregate":
        return typed
    if typed.kind == "constant":
        report.error("SFT3010", "this says nothing about the data", typed.span, help="name a field or a measure")
        return None
    if in_record:
        return Typed(_every(typed.ir), BOOL, "aggregate", typed.span, typed.table)
    text = typed.span.text
    help = f"say how many rows: `every({text})` or `share({text}) >= 90%`"
    report.error("SFT3003", "this speaks of one row; terms speak of all rows", typed.span, help=help)
    return None


def _mark(expr: Expr) -> Expr | None:
    """The row predicate of `every(p)` and `no(p)`."""
    if isinstance(expr, Call) and expr.measure in ("every", "no"):
        inner = expr.arg("condition")
        return inner if expr.measure == "every" else Op(name="not", args=(inner,), type=BOOL)
    return None


def _otherwise(
    clause: s.Clause, mark: Expr | None, report: Report
) -> Literal["reject lot", "drop record", "none"] | None:
    if clause.otherwise is None:
        return "reject lot" if clause.role == "require" else "none"
    words = " ".join(word.text for word in clause.otherwise)
    span = Span(clause.span.source, clause.otherwise[0].span.start, clause.otherwise[1].span.end)
    if words not in ("drop record", "reject lot"):
        report.unknown("SFT2007", "after `otherwise`,", words, span, ["drop record", "reject lot"])
        return None
    if clause.role != "require":
        report.error("SFT3008", f"`{clause.role}` has no consequence", span, help="use `require`, or leave this out")
        return None
    if words == "drop record" and mark is None:
        help = "only `every(...)`, `no(...)` and statements in a record say which rows are wrong"
        report.error("SFT3008", "no record can be dropped here: the clause speaks of all rows", span, help=help)
        return None
    return cast("Literal['drop record']", words)


def _each_lot(clause: s.Clause, report: Report) -> bool:
    if clause.scope is not None and clause.scope.text != "lot":
        report.unknown("SFT2007", "after `each`,", clause.scope.text, clause.scope.span, ["lot"])
    return clause.scope is not None or (clause.otherwise is not None and clause.otherwise[0].text == "reject")


def _statistic(clause: s.Clause, typed: Typed, report: Report) -> Statistic | Literal[False] | None:
    measure = next((call.measure for call in calls(typed.ir) if call.measure in STATISTICAL), None)
    if clause.statistic is None:
        if measure is None or clause.role == "report":
            return None
        help = f"add `at 95% confidence`{' expecting 10pp' if measure == 'gain' else ' accepting 0.5% at 90%'}"
        report.error("SFT3009", f"`{measure}` is estimated; the clause does not say how surely", typed.span, help=help)
        return False
    if measure is None:
        help = "leave out `at ... confidence`"
        report.error("SFT3009", "this is counted exactly, not estimated", clause.statistic.span, help=help)
        return False
    if not _comparison_of(typed.ir):
        help = "write `gain(suite) >= 3pp`; several conditions are several clauses"
        report.error("SFT3009", "a statistical clause is one comparison with one number", typed.span, help=help)
        return False
    return _tail(clause.statistic, measure, report)


def _tail(tail: s.StatisticTail, measure: str, report: Report) -> Statistic | Literal[False]:
    if tail.confidence.unit != "%" or not 50 <= Decimal(tail.confidence.text) < 100:
        report.error("SFT3011", "a confidence lies between 50% and 100%", tail.confidence.span, help="write `95%`")
        return False
    unit = "pp" if measure == "gain" else "%"
    if tail.expecting is not None and tail.expecting.unit != unit:
        report.error("SFT3002", f"the expected effect of `{measure}` is in {unit}", tail.expecting.span)
        return False
    values = [
        _share(tail.confidence),
        *(_share(v) if v else None for v in (tail.expecting, tail.accepting, tail.accepting_at)),
    ]
    return Statistic(confidence=values[0] or "", expecting=values[1], accepting=values[2], accepting_at=values[3])


def _share(number: s.Number) -> str:
    return plain(Decimal(number.text) / 100)


def _comparison_of(expr: Expr) -> bool:
    return (
        isinstance(expr, Op)
        and expr.name in (">=", "<=", ">", "<")
        and len(expr.args) == 2
        and isinstance(expr.args[0], Call)
        and isinstance(expr.args[1], Const)
    )


# --- stage and basis


def calls(expr: Expr) -> Iterator[Call]:
    """All measures in an expression, outer ones first."""
    if isinstance(expr, Call):
        yield expr
        for argument in expr.args:
            yield from calls(argument.value)
    for inner in children(expr):
        yield from calls(inner)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The operands of an operator or quantifier."""
    if isinstance(expr, Op):
        return expr.args
    if isinstance(expr, Quantified):
        return (expr.over, expr.body)
    return ()


def stage(expr: Expr) -> Stage:
    """The last stage that a measure in the expression needs. What reads a sealed set waits for the buyer's intake."""
    found: set[Stage] = {"delivery"}
    for call in calls(expr):
        signature = signatures()[call.measure]
        if signature.source == "scores":
            found.add("trial")
        elif signature.source == "reviews" or any(item.sort == ("heldout",) for item in signature.parameters):
            found.add("review")
    return "trial" if "trial" in found else "review" if "review" in found else "delivery"


def basis(expr: Expr) -> Basis:
    """The weakest basis among the inputs of an expression."""
    found: set[Basis] = {"recomputed"}
    _collect(expr, found)
    return max(found, key=WEAKEST.index)


def _collect(expr: Expr, found: set[Basis]) -> None:
    if isinstance(expr, Call):
        source = signatures()[expr.measure].source
        found |= {
            cast(
                "Basis",
                {"scores": "executed", "executions": "executed", "reviews": "reviewed"}.get(source, "recomputed"),
            )
        }
        if expr.measure in STRUCTURAL:
            return
        for argument in expr.args:
            _collect(argument.value, found)
    elif isinstance(expr, Path) and _is_word_of_vendor(expr):
        found.add("declared")
    for inner in children(expr):
        _collect(inner, found)


def _is_word_of_vendor(path: Path) -> bool:
    """Provenance, rights, people and labels are the vendor's word; texts, numbers and settings are looked at."""
    if path.root != "row" or not path.steps:
        return False
    if path.steps[0] in DECLARED_GROUPS or any(step.startswith("->") for step in path.steps):
        return True
    if path.steps[0] in ("input", "target"):
        inner = bare(path.type)
        return isinstance(inner, Enum) or (
            isinstance(inner, Scalar) and inner.name in ("Bool", "Lang", "License", "Date")
        )
    return path.steps[0] not in ("training",) and len(path.steps) == 1 and isinstance(bare(path.type), Enum | Ref)


# --- mixtures


def _mixture(mixture: s.Mixture, symbols: Symbols, report: Report) -> list[Lowered]:
    if mixture.table.text not in symbols.tables:
        report.unknown("SFT2011", "the table", mixture.table.text, mixture.table.span, list(symbols.tables))
        return []
    if not _unit_known(mixture, symbols, report):
        return []
    prefix = mixture.name.text if mixture.name else "mixture"
    return [item for line in mixture.lines for item in _Line(mixture, line, prefix, symbols, report).clauses()]


def _unit_known(mixture: s.Mixture, symbols: Symbols, report: Report) -> bool:
    if mixture.by.text not in ("records", "tokens"):
        report.unknown("SFT2007", "a mixture is counted by", mixture.by.text, mixture.by.span, ["records", "tokens"])
        return False
    if mixture.by.text == "tokens" and mixture.of is None:
        report.error("SFT3006", "tokens of which recipe?", mixture.by.span, help="write `by tokens of <recipe>`")
        return False
    if mixture.of is not None and mixture.of.text not in symbols.recipes:
        report.unknown("SFT2001", "the recipe", mixture.of.text, mixture.of.span, list(symbols.recipes))
        return False
    return True


@dataclass(slots=True)
class _Line:
    """One line of a mixture: a dimension and its entries, or a crossing."""

    mixture: s.Mixture
    line: s.MixtureLine
    prefix: str
    symbols: Symbols
    report: Report

    def clauses(self) -> list[Lowered]:
        checker = Checker(self.symbols, self.report, self.mixture.table.text)
        dimensions = [checker.expression(s.Path(word.span, word)) for word in self.line.dimensions]
        if any(item is None for item in dimensions):
            return []
        typed = [item for item in dimensions if item is not None]
        if len(typed) > 1 or self.line.entries[0].member.text == "each":
            return self._crossing(typed)
        return self._entries(typed[0])

    def _name(self) -> str:
        return f"{self.prefix}.{'*'.join(word.text for word in self.line.dimensions)}"

    def _crossing(self, typed: list[Typed]) -> list[Lowered]:
        entry = self.line.entries[0]
        if entry.member.text != "each" or len(self.line.entries) > 1 or entry.amount.kind not in (">=", ">"):
            help = "write `a * b: each >= 2%`"
            self.report.error("SFT3018", "a crossing has one floor for each of its cells", entry.span, help=help)
            return []
        for item in typed:
            if not isinstance(bare(item.type), Enum):
                self.report.error("SFT3018", "only enums can be crossed", item.span, help="name an enum field")
                return []
        floor = self._percent(entry.amount.first)
        if floor is None:
            return []
        args = [("values", item.ir) for item in typed]
        measured = _call("least_share", PERCENT, *args, ("of", _word("accepted")))
        return [
            self._clause(
                f"{self._name()}.each",
                measured,
                Op(name=cast("Literal['>=']", entry.amount.kind), args=(measured, floor), type=BOOL),
                entry.span,
            )
        ]

    def _entries(self, dimension: Typed) -> list[Lowered]:
        inner = bare(dimension.type)
        out: list[Lowered] = []
        seen: dict[str, Span] = {}
        for entry in self.line.entries:
            member = self._member(entry, inner)
            if member is None:
                continue
            if member in seen:
                why = ((seen[member], "named here first"),)
                self.report.error("SFT2002", f"`{member}` is named twice in this mixture", entry.member.span, why=why)
                continue
            seen[member] = entry.member.span
            out += self._entry(entry, dimension, member, inner)
        return out

    def _member(self, entry: s.Entry, inner: Type) -> str | None:
        text = entry.member.text
        if isinstance(inner, Enum):
            if text not in inner.members:
                self.report.unknown(
                    "SFT2007",
                    f"`{'.'.join(self.line.dimensions[0].parts)}` has no word",
                    text,
                    entry.member.span,
                    list(inner.members),
                )
                return None
        elif not isinstance(entry.member, s.Text):
            help = f'write it in quotes: "{text}"'
            self.report.error("SFT3018", f"`{text}` is not a word of an enum", entry.member.span, help=help)
            return None
        return text

    def _entry(self, entry: s.Entry, dimension: Typed, member: str, inner: Type) -> list[Lowered]:
        literal = Const(value=member, type=inner if isinstance(inner, Enum) else Scalar(name="Text"))
        condition = Op(name="==", args=(dimension.ir, literal), type=BOOL)
        if self.mixture.by.text == "tokens":
            assert self.mixture.of is not None
            recipe = Const(value=self.mixture.of.text, type=Named(what="recipe"))
            measured = _call("token_share", PERCENT, ("condition", condition), ("by", recipe))
        else:
            measured = _call("share", PERCENT, ("condition", condition), ("of", _word("accepted")))
        name = f"{self._name()}.{member}"
        bound = self._bound(entry, measured)
        return [self._clause(name, measured, bound, entry.member.span)] if bound is not None else []

    def _bound(self, entry: s.Entry, measured: Call) -> Expr | None:
        """The comparison of an entry; for `rest` the bare measure, which is reported."""
        amount = entry.amount
        if amount.kind == "rest":
            return measured
        first = self._percent(amount.first)
        if first is None:
            if amount.first is None:
                self.report.unknown("SFT2007", "in a mixture, the word", amount.kind, amount.span, ["rest"])
            return None
        if amount.kind == "exactly":
            help = f"write `{amount.span.text} +- 2pp` or a range"
            self.report.error(
                "SFT3019", "no delivery meets a share exactly; say how far it may be off", amount.span, help=help
            )
            return None
        if amount.kind in (">=", "<=", ">", "<"):
            return Op(name=cast("Literal['>=']", amount.kind), args=(measured, first), type=BOOL)
        if amount.kind not in ("around", "between"):
            self.report.error("SFT3018", f"`{amount.kind}` does not bound a share", amount.span, help="use <= or >=")
            return None
        return self._interval(amount, first, measured)

    def _interval(self, amount: s.Amount, first: Const, measured: Call) -> Expr | None:
        if amount.kind == "around":
            off = amount.second
            if not isinstance(off, s.Number) or off.unit != "pp":
                help = f"write `+- {amount.second.text if amount.second else ''}pp`"
                self.report.error("SFT3002", "a tolerance of a share is in points (pp)", amount.span, help=help)
                return None
            middle, width = Decimal(str(first.value)), Decimal(off.text)
            low, high = max(Decimal(0), middle - width), min(Decimal(100), middle + width)
        else:
            second = self._percent(amount.second)
            if second is None:
                return None
            low, high = Decimal(str(first.value)), Decimal(str(second.value))
        if low > high:
            self.report.error("SFT3013", "these bounds are the wrong way round", amount.span, "the first is larger")
            return None
        ends = [Const(value=plain(end), type=PERCENT) for end in (low, high)]
        return Op(name="in", args=(measured, Range(low=ends[0], high=ends[1], type=PERCENT)), type=BOOL)

    def _percent(self, number: s.Number | s.Date | None) -> Const | None:
        if number is None:
            return None
        if not isinstance(number, s.Number) or number.unit != "%":
            help = f"write `{number.text}%`"
            self.report.error("SFT3002", "a mixture is in shares", number.span, "% is missing", help=help)
            return None
        if not 0 <= Decimal(number.text) <= 100:
            self.report.error("SFT3011", f"`{number.span.text}` is not a share; a share lies in 0%..100%", number.span)
            return None
        return Const(value=number.text, type=PERCENT)

    def _clause(self, name: str, measured: Call, expr: Expr, span: Span) -> Lowered:
        role: Literal["require", "report"] = "report" if expr is measured else "require"
        clause = Clause(
            name=name,
            role=role,
            table=self.mixture.table.text,
            expr=expr,
            stage="delivery",
            basis=basis(expr),
            otherwise="none" if role == "report" else "reject lot",
            recipe=self.mixture.of.text if self.mixture.of else None,
            origin="mixture",
        )
        return Lowered(clause, span)
