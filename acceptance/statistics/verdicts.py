"""Measured figures in, verdicts out: met, breached or undecided, with the reason. Values in, one value back."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from acceptance.ledger import Statistics, Verdict
from acceptance.statistics.gains import enough
from acceptance.values import scalar
from spec_lang.contract import Clause, Const, Expr, Op
from spec_lang.types import Quantity, bare, plain

HOPELESS = 1_000
"""A trial this many times as large is no advice."""

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def comparison(clause: Clause) -> tuple[str, Decimal]:
    """The operator and bound of `m >= g`, the bound as a fraction (`3pp` is 0.03). Raises ValueError otherwise."""
    name = clause.expr.name if isinstance(clause.expr, Op) else ""
    if name in _FLIPPED:
        match _sides(clause):
            case [_, Const() as figure]:
                return name, fraction(figure)
            case [Const() as figure, _]:
                return _FLIPPED[name], fraction(figure)
    raise ValueError(f"clause `{clause.name}` is not one comparison with a figure")


def _sides(clause: Clause) -> list[Expr]:
    return list(clause.expr.args) if isinstance(clause.expr, Op) else []


def fraction(const: Const) -> Decimal:
    """A literal as a plain number; `3pp` and `3%` as 0.03."""
    type_ = bare(const.type)
    share = isinstance(type_, Quantity) and type_.unit in ("%", "pp")
    return Decimal(str(const.value)) / (100 if share else 1)


def decide(clause: Clause, stats: Statistics) -> tuple[Verdict, str]:
    """Met if the one-sided bound lies beyond the asked figure, breached if the other one falls short of it.

    The bounds already have the confidence of one attempt: see `trial_statistics`.
    """
    if clause.role == "report":
        return "reported", ""
    name, bound = comparison(clause)
    if too_few := enough(stats):
        return "undecided", too_few
    lower, upper = Decimal(stats.lower), Decimal(stats.upper)
    above = name in (">", ">=")
    if lower > bound if above else upper < bound:  # touching the bound is not beyond it
        return "met", ""
    if upper < bound if above else lower > bound:
        return "breached", f"{interval(stats)}; asked is {'at least' if above else 'at most'} {points(bound)}"
    return "undecided", f"{interval(stats)}, and {points(bound)} lies between; {_settle(stats, bound)}"


def interval(stats: Statistics) -> str:
    return f"the gain lies between {low(stats)} and {high(stats)} ({_percent(stats.confidence)} each side)"


def _settle(stats: Statistics, bound: Decimal) -> str:
    """What would decide: the distance to the bound shrinks with the root of items and seeds."""
    delta = Decimal(stats.delta)
    reach = max(Decimal(stats.upper) - delta, delta - Decimal(stats.lower))
    times = (reach / (delta - bound)) ** 2 if delta != bound else Decimal("Infinity")
    if times > HOPELESS:
        return "no trial of reasonable size settles a gain so close to the bound; agree on another bound"
    return f"if it stays at {points(delta)}, {times:.1f} times the items, clusters and seeds would settle it"


def points(share: Decimal, rounding: str | None = None) -> str:
    """A fraction as percentage points, two digits: `0.0512` is `5.12 pp`."""
    return f"{plain((share * 100).quantize(Decimal('0.01'), rounding=rounding))} pp"


def low(stats: Statistics) -> str:
    return points(Decimal(stats.lower), ROUND_FLOOR)  # outward, so that 2.996 is never shown as 3


def high(stats: Statistics) -> str:
    return points(Decimal(stats.upper), ROUND_CEILING)


def _percent(share: str) -> str:
    return f"{plain((Decimal(share) * 100).quantize(Decimal('0.01')))} %"


def decide_value(clause: Clause, value: Any) -> tuple[Verdict, str]:
    """A clause without statistics: one exact comparison, edges included, in the unit the clause is written in."""
    if clause.role == "report":
        return "reported", ""
    if value is None:
        return "undecided", "there are no rows to measure"
    if isinstance(value, bool):
        return ("met" if value else "breached"), ""
    name, _ = comparison(clause)
    return ("met" if scalar.compare(name, scalar.number(value), _figure(clause)) else "breached"), ""


def _figure(clause: Clause) -> Any:
    """The asked figure in its own unit: 30 for `30%`."""
    const = next(arg for arg in _sides(clause) if isinstance(arg, Const))
    return scalar.literal(const.value, const.type)
