"""A clause to what it compares, and a comparison to its figure."""

from __future__ import annotations

from decimal import Decimal

from spec_lang.contract import Clause, Const, Expr, Op
from spec_lang.types import Quantity, bare

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def comparisons(clause: Clause) -> tuple[Expr, ...]:
    """What a clause compares: its statement, or each of the statements under `any of`."""
    choice = clause.statistic is not None and clause.statistic.effects
    return clause.expr.args if choice and isinstance(clause.expr, Op) else (clause.expr,)


def comparison(expr: Expr) -> tuple[str, Decimal]:
    """The operator and bound of `m >= g`, the bound as a fraction (`3pp` is 0.03). Raises ValueError otherwise."""
    name = expr.name if isinstance(expr, Op) else ""
    if name in FLIPPED:
        match sides(expr):
            case [_, Const() as figure]:
                return name, fraction(figure)
            case [Const() as figure, _]:
                return FLIPPED[name], fraction(figure)
    raise ValueError("this is not one comparison with a figure")


def sides(expr: Expr) -> list[Expr]:
    """Both sides of an operation; nothing for any other expression."""
    return list(expr.args) if isinstance(expr, Op) else []


def fraction(const: Const) -> Decimal:
    """A literal as a plain number; `3pp` and `3%` as 0.03."""
    type_ = bare(const.type)
    share = isinstance(type_, Quantity) and type_.unit in ("%", "pp")
    return Decimal(str(const.value)) / (100 if share else 1)
