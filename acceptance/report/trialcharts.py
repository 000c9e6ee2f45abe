"""A trial's statistics and losses to charts: a forest plot of the gains, a curve for every run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from acceptance.ledger import Entry, Statistics
from acceptance.report.curves import Curve
from acceptance.report.drawings import Line, Mark, Plot, Strip, Strips, signed, strips
from acceptance.report.view import View
from spec_lang.contract import Const, Expr, Op

HUES = ("first", "second", "third")


def gains(view: View) -> Iterator[Strips]:
    """A forest plot: each gain with its bounds, what the contract asks of it, and the basis."""
    known = [(entry, one, asked) for entry in view.decided_here if entry.statistics
             for one, asked in zip_longest(entry.statistics, bounds(view, entry)) if one is not None]  # fmt: skip
    if not known:
        return
    values = [float(value) for _, one, asked in known
              for value in (one.lower, one.upper, one.delta, *([asked] if asked is not None else []))]  # fmt: skip
    low, high = min(0.0, *values), max(0.0, *values)
    margin = 0.05 * (high - low or 1)
    low, high = low - margin, high + margin
    rows = [gain(entry, one, asked, low, high) for entry, one, asked in known]
    key = (("dot", "gain, with its one-sided bounds"), ("limit", "what the contract asks"))
    yield strips("Gains of the trial", key, (signed(low), signed(high)), rows)


def gain(entry: Entry, one: Statistics, asked: Decimal | None, low: float, high: float) -> Strip:
    """One gain on the scale from `low` to `high`."""

    def at(value: str | Decimal | float) -> float:
        return 100 * (float(value) - low) / (high - low)

    limit = () if asked is None else (Mark("limit", at(asked)),)
    marks = (Mark("zero", at(0.0)), *limit, Mark("reach", at(one.lower), at(one.upper)), Mark("dot", at(one.delta)))
    words = f"{signed(one.delta)} ({signed(one.lower)} to {signed(one.upper)}); asked {entry.bound or 'nothing'}"
    label = entry.clause if len(entry.statistics) == 1 else f"{entry.clause}, {one.of}"
    return Strip(label, f"{words}; {entry.basis}", marks, entry.verdict)


def bounds(view: View, entry: Entry) -> list[Decimal | None]:
    """For each comparison of the clause, the bound as a fraction; None where it is no written number."""
    clause = next((one for one in view.contract.clauses if one.name == entry.clause), None)
    return list(limits_of(clause.expr)) if clause else []


def limits_of(expr: Expr) -> Iterator[Decimal | None]:
    if isinstance(expr, Op) and expr.name in ("and", "or"):
        for arg in expr.args:
            yield from limits_of(arg)
    elif isinstance(expr, Op):
        right = expr.args[-1]
        yield Decimal(str(right.value)) / 100 if isinstance(right, Const) and right.type.kind == "quantity" else None


def losses(known: Sequence[Curve]) -> Iterator[Plot]:
    """The training loss of every run, one hue per arm."""
    if not known:
        return
    steps = [step for curve in known for step, _ in curve.points]
    highest = max(loss for curve in known for _, loss in curve.points) or 1.0
    first, span = min(steps), max(steps) - min(steps) or 1
    arms = list(dict.fromkeys(curve.arm for curve in known))
    lines = tuple(
        Line(HUES[arms.index(curve.arm) % len(HUES)], f"{curve.arm}, seed {curve.seed}",
             tuple((100 * (step - first) / span, 100 - 100 * max(loss, 0) / highest) for step, loss in curve.points))
        for curve in known
    )  # fmt: skip
    key = tuple((HUES[place % len(HUES)], arm) for place, arm in enumerate(arms))
    yield Plot("Training loss of every run", key, (f"step {first:,}", f"step {max(steps):,}"), f"0 to {highest:.3g}",
               lines=lines)  # fmt: skip
