"""Written clauses to clauses: their statement, statistic and consequence."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.basis import basis, calls, stage
from spec_lang.contract import Call, Clause, Const, Expr, Op, Statistic
from spec_lang.diagnostics import hint, listing
from spec_lang.lowered import Lowered, every
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.typechecker import Checker, Typed
from spec_lang.types import BOOL, Quantity, describe, plain

STATISTICAL = frozenset(("gain", "defective"))


def terms_clauses(alias: str, terms: s.Terms, delivered: list[str], symbols: Symbols, report: Report) -> list[Lowered]:
    """The clauses of a `terms` block that stands in the file `alias`."""
    table = delivered_table(alias, terms.table, delivered, symbols, report)
    using = symbols.near(alias, terms.using.text, symbols.recipes) if terms.using is not None else None
    if terms.using is not None and using is None:
        report.unknown("SFT2001", "the recipe", terms.using.text, terms.using.span, list(symbols.recipes))
    if table is None or (terms.using is not None and using is None):
        return []
    lists = [written_clause(clause, terms.name.text, table, using, False, symbols, report) for clause in terms.clauses]
    return [clause for found in lists for clause in found]


def delivered_table(alias: str, word: s.Word, delivered: list[str], symbols: Symbols, report: Report) -> str | None:
    """The table that a block speaks of, if rows of it are delivered."""
    table = symbols.near(alias, word.text, symbols.tables)
    if table is None:
        report.unknown("SFT2011", "the table", word.text, word.span, delivered)
    elif table not in delivered:
        _not_delivered(table, word.span, delivered, report)
        return None
    return table


def _not_delivered(table: str, span: Span, delivered: list[str], report: Report) -> None:
    message = f"no rows of `{table}` are delivered, so nothing could decide this"
    report.error("SFT3020", message, span, help=f"speak of {listing(delivered)}")


def record_clause(
    owner: str, clause: s.Clause, delivered: list[str], symbols: Symbols, report: Report
) -> list[Lowered]:
    """A clause written inside a record, a table or a type."""
    if owner not in delivered:
        _not_delivered(owner, clause.name.span, delivered, report)
        return []
    return written_clause(clause, owner, owner, None, True, symbols, report)


def written_clause(
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


def _otherwise(
    clause: s.Clause, mark: Expr | None, report: Report
) -> Literal["reject lot", "drop record", "none"] | None:
    if clause.otherwise is None:
        return "reject lot" if clause.role == "require" else "none"
    words = " ".join(word.text for word in clause.otherwise)
    span = Span(clause.span.source, clause.otherwise[0].span.start, clause.otherwise[1].span.end)
    if words not in ("drop record", "reject lot"):
        help = "write `otherwise drop record` or `otherwise reject lot`"
        label = hint(words, ["drop record", "reject lot"])
        report.error("SFT2007", f"`{words}` is not a consequence", span, label, help=help)
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
        message = f"a clause is not binding for each `{clause.scope.text}`"
        report.error("SFT2007", message, clause.scope.span, hint(clause.scope.text, ["lot"]), help="write `each lot`")
    return clause.scope is not None or (clause.otherwise is not None and clause.otherwise[0].text == "reject")


def _statistic(clause: s.Clause, typed: Typed, report: Report) -> Statistic | Literal[False] | None:
    measure = next((call.measure for call in calls(typed.ir) if call.measure in STATISTICAL), None)
    if clause.statistic is None:
        if measure is None or clause.role == "report":
            return None
        tail = "expecting 10pp" if measure == "gain" else "accepting 0.5% at 90%"
        help = f"add `at 95% confidence {tail}`"
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
    if measure == "gain" and tail.accepting is not None:
        help = "leave it out; `expecting 10pp` says what both sides plan for"
        report.error("SFT3009", "`accepting` belongs to a sample of reviews", tail.accepting.span, help=help)
        return False
    planned = [_planned(tail.expecting, "expecting", unit, report), _planned(tail.accepting, "accepting", "%", report)]
    at = _planned(tail.accepting_at, "at", "%", report)
    if False in (*planned, at):
        return False
    values = [_share(value) if isinstance(value, s.Number) else None for value in (*planned, at)]
    return Statistic(
        confidence=_share(tail.confidence), expecting=values[0], accepting=values[1], accepting_at=values[2]
    )


def _planned(
    written: s.Number | s.Date | None, word: str, unit: str, report: Report
) -> s.Number | Literal[False] | None:
    """What the parties plan for, in its unit; False if that was reported."""
    if written is None:
        return None
    if not isinstance(written, s.Number) or written.unit != unit:
        sample = f"{written.text}{unit}" if isinstance(written, s.Number) else f"1{unit}"
        message = f"`{word}` takes {describe(Quantity(unit=unit))}"
        report.error("SFT3002", message, written.span, help=f"write `{word} {sample}`")
        return False
    if unit == "%" and not 0 <= Decimal(written.text) <= 100:
        message = f"`{written.span.text}` is not a share; a share lies in 0%..100%"
        report.error("SFT3011", message, written.span, help="correct it")
        return False
    return written


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
