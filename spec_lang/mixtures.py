"""Mixtures to clauses about shares: one for each entry, one for each crossing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.agreement import TEXT_LIKE, narrower
from spec_lang.basis import basis
from spec_lang.contract import Call, Clause, Const, Expr, Op, Range, SetExpr
from spec_lang.diagnostics import listing
from spec_lang.lowered import Lowered, call, word
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.typechecker import Checker
from spec_lang.typed import Typed
from spec_lang.types import BOOL, PERCENT, TEXT, Enum, Named, Scalar, SetOf, Type, bare, describe, plain
from spec_lang.written import delivered_table

UNITS = ["records", "tokens"]


def mixture_clauses(
    alias: str, mixture: s.Mixture, delivered: list[str], symbols: Symbols, report: Report
) -> list[Lowered]:
    """The clauses of a mixture that stands in the file `alias`."""
    table = delivered_table(alias, mixture.table, delivered, symbols, report)
    if table is None or not _unit_known(mixture, report):
        return []
    recipe = symbols.meant(alias, mixture.of, symbols.recipes, report) if mixture.of is not None else None
    if mixture.of is not None and recipe is None:
        report.unknown("SFT2001", "the recipe", mixture.of.text, mixture.of.span, list(symbols.recipes))
        return []
    prefix = mixture.name.text if mixture.name else "mixture"
    lines = [_Line(table, recipe, line, prefix, symbols, report).clauses() for line in mixture.lines]
    return [item for found in lines for item in found]


def _unit_known(mixture: s.Mixture, report: Report) -> bool:
    if mixture.by.text not in ("records", "tokens"):
        message = f"a mixture is not counted by `{mixture.by.text}`"
        help = "write `by records` or `by tokens of <recipe>`"
        report.error("SFT2007", message, mixture.by.span, help=help, known=UNITS)
        return False
    if mixture.by.text == "tokens" and mixture.of is None:
        report.error("SFT3006", "tokens of which recipe?", mixture.by.span, help="write `by tokens of <recipe>`")
        return False
    if mixture.by.text == "records" and mixture.of is not None:
        help = "leave out `of`, or write `by tokens of ...`"
        report.error("SFT3005", "records are counted without a recipe", mixture.of.span, help=help)
        return False
    return True


@dataclass(slots=True)
class _Line:
    """One line of a mixture: a dimension and its entries, or a crossing."""

    table: str
    recipe: str | None
    """Its tokens are counted; records if there is none."""
    line: s.MixtureLine
    prefix: str
    symbols: Symbols
    report: Report

    def clauses(self) -> list[Lowered]:
        checker = Checker(self.symbols, self.report, self.table)
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
        if self.recipe is not None:
            help = "put this line into a mixture `by records`"
            self.report.error("SFT3018", "the cells of a crossing are counted by records", entry.span, help=help)
            return []
        for item in typed:
            if not isinstance(bare(item.type), Enum):
                self.report.error("SFT3018", "only enums can be crossed", item.span, help="name an enum field")
                return []
        floor = self._percent(entry.amount.first)
        if floor is None:
            return []
        args = [("values", item.ir) for item in typed]
        measured = call("least_share", PERCENT, *args, ("of", word("accepted")))
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
        if not isinstance(inner, Enum) and not (isinstance(inner, Scalar) and inner.name in TEXT_LIKE):
            help = "name an enum or a text; a number or a date is bounded with `share(...)` in a clause"
            message = f"a mixture divides by words; this is {describe(inner)}"
            self.report.error("SFT3018", message, dimension.span, help=help)
            return []
        out: list[Lowered] = []
        seen: dict[str, Span] = {}
        for entry in self.line.entries:
            member = self._member(entry, inner)
            if member is None:
                continue
            if member in seen:
                why = ((seen[member], "named here first"),)
                self.report.error(
                    "SFT2002", f"`{member}` is named twice in this mixture", entry.member.span, why=why, help="keep one"
                )
                continue
            seen[member] = entry.member.span
            out += self._entry(entry, dimension, member, inner)
        return out

    def _member(self, entry: s.Entry, inner: Type) -> str | None:
        text = entry.member.text
        if isinstance(inner, Enum):
            if text not in inner.members and not narrower(inner, text):
                message = f"`{self.line.dimensions[0].text}` has no word `{text}`"
                help = f"the words are {listing(inner.members)}"
                self.report.error("SFT2007", message, entry.member.span, help=help, known=inner.members)
                return None
            self.report.means(entry.member.span, "word", text, of=inner)
        elif not isinstance(entry.member, s.Text):
            help = f'write it in quotes: "{text}"'
            self.report.error("SFT3018", f"`{text}` is not a word of an enum", entry.member.span, help=help)
            return None
        return text

    def _entry(self, entry: s.Entry, dimension: Typed, member: str, inner: Type) -> list[Lowered]:
        condition = _condition(dimension.ir, member, inner)
        if self.recipe is not None:
            recipe = Const(value=self.recipe, type=Named(what="recipe"))
            measured = call("token_share", PERCENT, ("condition", condition), ("by", recipe))
        else:
            measured = call("share", PERCENT, ("condition", condition), ("of", word("accepted")))
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
                message = f"`{amount.kind}` is not an amount"
                help = "write a share such as `25% +- 5pp`, `20%..30%`, `>= 20%`, or `rest`"
                self.report.error("SFT2007", message, amount.span, help=help, known=("rest",))
            return None
        if amount.kind == "exactly":
            edge = {"0": "<= 0%", "100": ">= 100%"}.get(str(first.value))
            help = f"write `{edge or amount.span.text + ' +- 2pp'}`{'' if edge else ' or a range'}"
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
            help = "write the smaller one first"
            self.report.error(
                "SFT3013", "these bounds are the wrong way round", amount.span, "the first is larger", help=help
            )
            return None
        ends = [Const(value=plain(end), type=PERCENT) for end in (low, high)]
        return Op(name="in", args=(measured, Range(low=ends[0], high=ends[1], type=PERCENT)), type=BOOL)

    def _percent(self, number: s.Number | s.Date | None) -> Const | None:
        if number is None:
            return None
        if not isinstance(number, s.Number) or number.unit != "%":
            fix = f"{number.text}%"
            message = "a mixture is in shares"
            self.report.error("SFT3002", message, number.span, "% is missing", help=f"write `{fix}`", fix=fix)
            return None
        if not 0 <= Decimal(number.text) <= 100:
            message = f"`{number.span.text}` is not a share; a share lies in 0%..100%"
            self.report.error("SFT3011", message, number.span, help="correct it")
            return None
        return Const(value=number.text, type=PERCENT)

    def _clause(self, name: str, measured: Call, expr: Expr, span: Span) -> Lowered:
        role: Literal["require", "report"] = "report" if expr is measured else "require"
        clause = Clause(
            name=name,
            role=role,
            table=self.table,
            expr=expr,
            stage="delivery",
            basis=basis(expr),
            otherwise="none" if role == "report" else "reject lot",
            recipe=self.recipe,
            origin="mixture",
        )
        return Lowered(clause, span)


def _condition(field: Expr, member: str, inner: Type) -> Op:
    """The field is this word, or one of those under this heading."""
    if not isinstance(inner, Enum):
        return Op(name="==", args=(field, Const(value=member, type=TEXT)), type=BOOL)
    below = tuple(Const(value=word, type=inner) for word in narrower(inner, member))
    if below:
        return Op(name="in", args=(field, SetExpr(items=below, type=SetOf(item=inner))), type=BOOL)
    return Op(name="==", args=(field, Const(value=member, type=inner)), type=BOOL)
