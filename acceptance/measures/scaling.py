"""Scores of arms trained on parts of the delivery to a table of gains: what more of the same data is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from acceptance.measures.gain import gain_in_points
from acceptance.measures.protocol import Aggregated, FromTable, Unavailable, Use
from acceptance.statistics.cells import BASE, VENDOR
from spec_lang.contract import Expr, SetExpr
from spec_lang.types import plain


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """`value` is the gain of the largest part in pp, `note` the whole table."""
    parts = fractions(use.call.arg("fractions"))
    if not parts:
        raise Unavailable("`scaling` names no fractions; write `fractions: { 25%, 50%, 100% }`")
    gains = [gain_in_points(evidence, use.word("suite"), part_arm(part), BASE) for part in parts]
    rows = (f"{plain(part)} %: {gain:.2f} pp" for part, gain in zip(parts, gains, strict=True))
    return Aggregated(value=gains[-1], note="; ".join(rows))


def fractions(expr: Expr) -> list[Decimal]:
    """The parts asked for, in percent, from small to large."""
    return sorted(Decimal(str(item.value)) for item in expr.items) if isinstance(expr, SetExpr) else []


def part_arm(percent: Decimal) -> str:
    """How the arm trained on a part is called in the scores: `vendor@25%`; all of it is `vendor`."""
    return VENDOR if percent == 100 else f"{VENDOR}@{plain(percent)}%"


MEASURE = FromTable("scores", _reduce)
