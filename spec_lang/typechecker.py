"""Written expressions to typed ones: units agree, rows and aggregates do not mix, every measure gets its arguments.

A mistake is reported once, where it was made; the expression around it then has no type and is not judged further.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from spec_lang import operators
from spec_lang import syntax as s
from spec_lang.fieldpaths import path
from spec_lang.literals import is_day, is_payable
from spec_lang.measurecalls import call
from spec_lang.quantifiers import quantified
from spec_lang.scope import Scope
from spec_lang.typed import Typed
from spec_lang.types import BOOL, DATE, NUMBER, SECONDS, TEXT, Quantity, Type, plain


@dataclass(slots=True)
class Checker(Scope):
    """Types the expressions of one place in the contract."""

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
                return self.const(text, TEXT, expr.span)
            case s.Truth(value=value):
                return self.const(value, BOOL, expr.span)
            case s.Path(word=word):
                return path(self, word, expected)
            case s.Call():
                return call(self, expr)
            case s.Unary(op="not"):
                return operators.logic(self, "not", (expr.operand,), expr.span)
            case s.Unary():
                return operators.arithmetic(self, "-", expr, expr.operand)
            case s.Binary(op="and" | "or" | "implies"):
                return operators.logic(self, expr.op, (expr.left, expr.right), expr.span)
            case s.Binary() if expr.op in operators.COMPARISONS:
                return operators.comparison(self, expr)
            case s.Binary():
                return operators.arithmetic(self, expr.op, expr, expr.left, expr.right)
            case s.Membership():
                return operators.membership(self, expr)
            case s.Set():
                return operators.set_of(self, expr, expected)
            case s.Quantified():
                return quantified(self, expr)
            case s.Interval():
                help = "a range stands on the right of `in`"
                self.report.error("SFT3001", "a range is not a value", expr.span, help=help)
                return None

    def _number(self, expr: s.Number) -> Typed | None:
        if expr.unit == "%" and not Decimal(0) <= Decimal(expr.text) <= Decimal(100):
            message = f"`{expr.span.text}` is not a share; a share lies in 0%..100%"
            help = "a difference of shares is written in points: `pp`"
            self.report.error("SFT3011", message, expr.span, help=help)
            return None
        if expr.unit in ("minutes", "hours"):
            length = plain(Decimal(expr.text) * SECONDS[expr.unit])
            return self.const(length, Quantity(unit="seconds"), expr.span)
        if expr.unit.isupper() and not is_payable(expr, self.report):
            return None
        type_: Type = Quantity(unit=expr.unit) if expr.unit else NUMBER
        return self.const(expr.text, type_, expr.span)

    def _date(self, expr: s.Date) -> Typed | None:
        if not is_day(expr, self.report):
            return None
        return self.const(expr.text, DATE, expr.span)
