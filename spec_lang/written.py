"""Written clauses to clauses: their statement and its consequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.basis import basis, stage
from spec_lang.confidence import any_of, statistic
from spec_lang.contract import Call, Clause, Expr, Op
from spec_lang.definitions import unused, within
from spec_lang.diagnostics import listing
from spec_lang.lowered import Lowered, every
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.typechecker import Checker
from spec_lang.typed import Typed
from spec_lang.types import BOOL


def terms_clauses(alias: str, terms: s.Terms, delivered: list[str], symbols: Symbols, report: Report) -> list[Lowered]:
    """The clauses of a `terms` block that stands in the file `alias`."""
    table = delivered_table(alias, terms.table, delivered, symbols, report)
    using = symbols.meant(alias, terms.using, symbols.recipes, report) if terms.using is not None else None
    if terms.using is not None and using is None:
        report.unknown("SFT2001", "the recipe", terms.using.text, terms.using.span, list(symbols.recipes))
    if table is None or (terms.using is not None and using is None):
        return []
    known = within(terms, table, symbols, report)
    block = Block(terms.name.text, False, using, Checker(symbols, report, table, definitions=known))
    out = [lowered for clause in terms.clauses for lowered in block.clause(clause)]
    own = {item.name.text for item in terms.items if isinstance(item, s.Let)}
    unused((item for name, item in known.items() if name in own), report)
    return out


def delivered_table(alias: str, word: s.Word, delivered: list[str], symbols: Symbols, report: Report) -> str | None:
    """The table that a block speaks of, if rows of it are delivered."""
    table = symbols.meant(alias, word, symbols.tables, report)
    if table is None:
        report.unknown("SFT2011", "the table", word.text, word.span, delivered)
    elif table not in delivered:
        _not_delivered(table, word.span, delivered, report)
        return None
    return table


def _not_delivered(table: str, span: Span, delivered: list[str], report: Report) -> None:
    message = f"no rows of `{table}` are delivered, so nothing could decide this"
    report.error("SFT3020", message, span, help=f"speak of {listing(delivered)}")


@dataclass(frozen=True, slots=True)
class Block:
    """Where clauses stand: before which names, over which table, under which recipe."""

    prefix: str
    in_record: bool
    using: str | None
    checker: Checker

    def clause(self, written: s.Clause) -> list[Lowered]:
        """The clause, or nothing if a mistake in it was reported."""
        report = self.checker.report
        consequent = _is_consequence(written, report)
        typed = self._typed(written)
        if typed is None:
            return []
        mark = _mark(typed.ir)
        decided = statistic(written, typed, report)
        otherwise = _otherwise(written, mark, report) if consequent else None
        if decided is False or otherwise is None:
            return []
        lowered = Clause(
            name=f"{self.prefix}.{written.name.text}",
            role=cast("Literal['require']", written.role),
            text=written.text.text if written.text else "",
            table=typed.table or self.checker.table,
            expr=typed.ir,
            mark=mark,
            otherwise=otherwise,
            each_lot=_each_lot(written, report),
            stage=stage(typed.ir),
            basis=basis(typed.ir),
            statistic=decided,
            recipe=self.using,
        )
        return [Lowered(lowered, written.name.span)]

    def _typed(self, written: s.Clause) -> Typed | None:
        expr, report = written.expr, self.checker.report
        typed = any_of(expr, self.checker) if isinstance(expr, s.AnyOf) else self.checker.expression(expr)
        if typed is not None and written.role != "report" and typed.type != BOOL:
            help = "compare it, or use `report` to have it measured"
            report.error("SFT3010", f"`{written.role}` needs a statement, true or false", typed.span, help=help)
            return None
        return _standing_alone(typed, self.in_record, report) if typed is not None else None


def record_clause(
    owner: str, clause: s.Clause, delivered: list[str], symbols: Symbols, report: Report
) -> list[Lowered]:
    """A clause written inside a record, a table or a type."""
    if owner not in delivered:
        _not_delivered(owner, clause.name.span, delivered, report)
        return []
    return Block(owner, True, None, Checker(symbols, report, owner)).clause(clause)


def _standing_alone(typed: Typed, in_record: bool, report: Report) -> Typed | None:
    """In a record a row statement means: of every row. In terms one has to say how many."""
    if typed.kind == "aggregate":
        return typed
    if typed.kind == "constant":
        report.error("SFT3010", "this says nothing about the data", typed.span, help="name a field or a measure")
        return None
    if in_record:
        return Typed(every(typed.ir), BOOL, "aggregate", typed.span, typed.table)
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


CONSEQUENCES = ("drop record", "reject lot")


def _is_consequence(clause: s.Clause, report: Report) -> bool:
    """Whether the words after `otherwise` are known, whatever the statement before them says."""
    if clause.otherwise is None:
        return True
    words, span = _consequence(clause.otherwise)
    if words not in CONSEQUENCES:
        help = "write `otherwise drop record` or `otherwise reject lot`"
        report.error("SFT2007", f"`{words}` is not a consequence", span, help=help, known=CONSEQUENCES)
    return words in CONSEQUENCES


def _consequence(words: tuple[s.Word, s.Word]) -> tuple[str, Span]:
    first, last = words
    return f"{first.text} {last.text}", Span(first.span.source, first.span.start, last.span.end)


def _otherwise(
    clause: s.Clause, mark: Expr | None, report: Report
) -> Literal["reject lot", "drop record", "none"] | None:
    if clause.otherwise is None:
        return "reject lot" if clause.role == "require" else "none"
    words, span = _consequence(clause.otherwise)
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
        message = f"a clause is not binding for each `{clause.scope.text}`"
        report.error("SFT2007", message, clause.scope.span, help="write `each lot`", known=("lot",))
    return clause.scope is not None or (clause.otherwise is not None and clause.otherwise[0].text == "reject")
