"""A trial's statistics and losses to charts: a forest plot of the gains, what parts brought, a curve for every run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from acceptance.ledger import Entry, Statistics
from acceptance.report.curves import Curve
from acceptance.report.drawings import Line, Mark, Plot, Strip, Strips, signed, strips
from acceptance.report.view import View
from spec_lang import trialarms
from spec_lang.contract import Call, Const, Expr, Op

HUES = ("first", "second", "third")


def gains(view: View) -> tuple[Strips | Plot, ...]:
    """What the delivery brought, then what its parts did."""
    return (*forest(view), *worth(view))


def forest(view: View) -> Iterator[Strips]:
    """A forest plot: each gain with its bounds, what the contract asks of it, and the basis."""
    known = [(entry, one, asked) for entry in view.decided_here if entry.statistics and parts(view, entry) is None
             for one, asked in zip_longest(entry.statistics, bounds(view, entry)) if one is not None]  # fmt: skip
    if known:
        scale = span([one for _, one, _ in known], [float(asked) for *_, asked in known if asked is not None])
        rows = [gain(entry, one, asked, scale) for entry, one, asked in known]
        key = (("dot", "gain, with its one-sided bounds"), ("limit", "what the contract asks"))
        yield strips("Gains of the trial", key, tuple(map(signed, scale)), rows)


def gain(entry: Entry, one: Statistics, asked: Decimal | None, scale: tuple[float, float]) -> Strip:
    """One gain on a scale."""
    limit = () if asked is None else (Mark("limit", at(asked, scale)),)
    label = entry.clause if len(entry.statistics) == 1 else f"{entry.clause}, {one.of}"
    words = f"{figures(one)}; asked {entry.bound or 'nothing'}; {entry.basis}"
    return Strip(label, words, reach(one, scale, limit), entry.verdict)


def reach(one: Statistics, scale: tuple[float, float], limit: tuple[Mark, ...] = ()) -> tuple[Mark, ...]:
    """Zero, what is asked, the bounds, and the gain between them."""
    ends = at(one.lower, scale), at(one.upper, scale)
    return Mark("zero", at(0.0, scale)), *limit, Mark("reach", *ends), Mark("dot", at(one.delta, scale))


def figures(one: Statistics) -> str:
    """`+5.1 pp (+3.4 pp to +6.8 pp)`."""
    return f"{signed(one.delta)} ({signed(one.lower)} to {signed(one.upper)})"


def span(known: Sequence[Statistics], more: Sequence[float] = ()) -> tuple[float, float]:
    """The ends of a scale that holds all figures and zero, with some room."""
    values = [0.0, *more, *(float(value) for one in known for value in (one.lower, one.upper, one.delta))]
    margin = 0.05 * (max(values) - min(values) or 1)
    return min(values) - margin, max(values) + margin


def at(value: str | Decimal | float, scale: tuple[float, float]) -> float:
    """The place of a figure, in percent of the scale."""
    low, high = scale
    return 100 * (float(value) - low) / (high - low)


# ------------------------------------------------------------------------------------------------ parts of the delivery


def parts(view: View, entry: Entry) -> Call | None:
    """What the clause asks of parts of the delivery; None where it asks of the whole."""
    expr = next((one.expr for one in view.contract.clauses if one.name == entry.clause), None)
    return expr if isinstance(expr, Call) and expr.measure in ("scaling", "ablation") else None


def worth(view: View) -> Iterator[Strips | Plot]:
    """What shares and slices of the delivery brought."""
    for entry in view.decided_here:
        call = parts(view, entry)
        if call is not None and entry.statistics:
            yield from (scaling(entry, call),) if call.measure == "scaling" else slices(entry, call)


def scaling(entry: Entry, call: Call) -> Plot:
    """The gain over the base by share of the delivery, from none of it on."""
    scale = span(entry.statistics)
    shares = [float(share.percent) for share in trialarms.shares(call)]
    known = list(zip(shares, entry.statistics, strict=True))
    curve = ((0.0, 100 - at(0.0, scale)), *((x, 100 - at(one.delta, scale)) for x, one in known))
    reaches = tuple(
        (x, 100 - at(one.upper, scale), 100 - at(one.delta, scale), 100 - at(one.lower, scale),
         f"{x:g} %, {one.records:,} records: {figures(one)}")
        for x, one in known
    )  # fmt: skip
    key = (("dot", "gain over the base, with its one-sided bounds"),)
    return Plot(f"{entry.clause}: gain on {call.word('suite')} by share of the delivery", key,
                ("none", "100 % of the records"), f"{signed(scale[0])} to {signed(scale[1])}",
                lines=(Line("first", entry.clause, curve),), reaches=reaches, level=100 - at(0.0, scale),
                note="; ".join(words for *_, words in reaches))  # fmt: skip


def slices(entry: Entry, call: Call) -> Iterator[Strips]:
    """Each slice over as many records drawn at random, then over nothing in its place, on one scale."""
    scale, words = span(entry.statistics), [without.word for without in trialarms.slices(call)]
    key = (("dot", f"gain on {call.word('suite')}, with its one-sided bounds"),)
    for first, over in enumerate(("as many records at random", "nothing in its place")):
        rows = [Strip(word, valued(one), reach(one, scale))
                for word, one in zip(words, entry.statistics[first::2], strict=True)]  # fmt: skip
        yield strips(f"{entry.clause}: each slice over {over}", key, tuple(map(signed, scale)), rows)


def valued(one: Statistics) -> str:
    """The figures of a slice, and what a thousand of its records bring."""
    each = one.per_thousand()
    rate = f"; {figures(each)} per thousand" if each else ""
    return f"{figures(one)}; {one.records:,} records{rate}"


# ------------------------------------------------------------------------------------------------ what clauses ask


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


def losses(known: Sequence[Curve]) -> tuple[Plot, ...]:
    """The training loss of every run, one hue per arm; no chart where there are no runs."""
    if not known:
        return ()
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
    ends = f"step {first:,}", f"step {max(steps):,}"
    return (Plot("Training loss of every run", key, ends, f"0 to {highest:.3g}", lines=lines),)
