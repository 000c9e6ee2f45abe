"""Measured figures in, verdicts out: met, breached or undecided, with the reason. Values in, one value back."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from acceptance.ledger import Statistics, Verdict
from acceptance.statistics.gains import enough, holm
from acceptance.values import scalar
from spec_lang.comparisons import comparison, comparisons, sides
from spec_lang.contract import Clause, Const, Expr
from spec_lang.types import plain

UNSAID = (
    "gains are certified under this recipe, on this base model and these held-out sets only",
    "seeds and items are samples: over many deals a met clause is wrong about as often as its stated error, and more "
    "often where whole clusters go wrong together and are too few to show it",
)
"""What no gain says, in certificates and reports."""
HOPELESS = 1_000
"""A trial this many times as large is no advice."""


def decide(clause: Clause, stats: tuple[Statistics, ...]) -> tuple[Verdict, str]:
    """Met if the one-sided bound lies beyond the asked figure, breached if the other one falls short of it.

    The bounds already have the confidence of one attempt: see `trial_statistics`.
    """
    if clause.role == "report":
        return "reported", ""
    parts = list(zip(comparisons(clause), stats, strict=True))
    decided = [_decided(part, one) for part, one in parts]
    return decided[0] if len(decided) == 1 else _any_of(clause, decided, stats)


def _any_of(clause: Clause, decided: list[tuple[Verdict, str]], stats: tuple[Statistics, ...]) -> tuple[Verdict, str]:
    """Met if one gain is shown at a k-th of the error; Holm (1979) then says which others are shown with it.

    Breached if each falls short; at a k-th of the error, which is more than that needs.
    """
    verdicts = [verdict for verdict, _ in decided]
    if "met" in verdicts:
        alpha = len(stats) * (1 - float(stats[0].confidence))
        fallen = holm([float(one.p) for one in stats], alpha)
        shown = [one.of for one, f, v in zip(stats, fallen, verdicts, strict=True) if f or v == "met"]
        return "met", f"shown: {', '.join(shown)}"
    reasons = "; ".join(f"{one.of}: {reason}" for one, (_, reason) in zip(stats, decided, strict=True))
    return ("breached" if set(verdicts) == {"breached"} else "undecided"), reasons


def _decided(part: Expr, stats: Statistics) -> tuple[Verdict, str]:
    name, bound = comparison(part)
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
    name, _ = comparison(clause.expr)
    return ("met" if scalar.compare(name, scalar.number(value), _figure(clause.expr)) else "breached"), ""


def _figure(expr: Expr) -> Any:
    """The asked figure in its own unit: 30 for `30%`."""
    const = next(arg for arg in sides(expr) if isinstance(arg, Const))
    return scalar.literal(const.value, const.type)
