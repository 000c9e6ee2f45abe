"""A clause's `at ... confidence` to how it is decided: one comparison, or the first of several that is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from spec_lang import syntax as s
from spec_lang.basis import calls
from spec_lang.contract import Call, Const, Expr, Op, Statistic
from spec_lang.scope import Scope
from spec_lang.symbols import Report
from spec_lang.typed import Typed
from spec_lang.types import BOOL, Quantity, describe, plain

STATISTICAL = frozenset(("gain", "defective"))


def any_of(written: s.AnyOf, scope: Scope) -> Typed | None:
    """The comparisons of an `any of`, joined by `or`: each of them one gain against one number."""
    typed = [scope.expression(option.expr) for option in written.options]
    present = [item for item in typed if item is not None]
    if len(present) < len(typed):
        return None
    for item in present:
        if not (_comparison_of(item.ir, (">=", ">")) and any(call.measure == "gain" for call in calls(item.ir))):
            message = "`any of` chooses among gains, each with a least figure"
            help = "write `gain(suite) >= 3pp`; statements that are counted exactly are joined by `or`"
            scope.report.error("SFT3009", message, item.span, help=help)
            return None
    if len(present) == 1:
        help = "write it without `any of`, or add another one"
        scope.report.error("SFT3009", "`any of` needs two comparisons or more", written.span, help=help)
        return None
    return scope.joined("or", present, BOOL, written.span)


def statistic(clause: s.Clause, typed: Typed, report: Report) -> Statistic | Literal[False] | None:
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
    if isinstance(clause.expr, s.AnyOf):
        return _with_effects(clause.expr, clause.statistic, report)
    if not _comparison_of(typed.ir):
        help = "write `gain(suite) >= 3pp`; several conditions are several clauses, or `any of { ... }`"
        report.error("SFT3009", "a statistical clause is one comparison with one number", typed.span, help=help)
        return False
    return _tail(clause.statistic, measure, report)


def _with_effects(written: s.AnyOf, tail: s.StatisticTail, report: Report) -> Statistic | Literal[False]:
    """Behind `any of`, what is planned for stands with each comparison."""
    if tail.expecting is not None:
        help = "move it behind the comparison that it is about"
        report.error("SFT3009", "which of these is expected?", tail.expecting.span, help=help)
        return False
    found = _tail(tail, "gain", report)
    planned = [_planned(option.expecting, "expecting", "pp", report) for option in written.options]
    if found is False or False in planned:
        return False
    effects = tuple(_share(value) if isinstance(value, s.Number) else None for value in planned)
    return found.model_copy(update={"effects": effects})


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


def _comparison_of(expr: Expr, operators: tuple[str, ...] = (">=", "<=", ">", "<")) -> bool:
    return (
        isinstance(expr, Op)
        and expr.name in operators
        and len(expr.args) == 2
        and isinstance(expr.args[0], Call)
        and isinstance(expr.args[1], Const)
    )
