"""A view to its charts: rows of strips, or plots, with every position worked out as a percentage of the drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Literal

from acceptance.figures import Census, Clusters, Histogram, Share, Slice
from acceptance.ledger import Entry
from acceptance.report.curves import Curve
from acceptance.report.view import View
from spec_lang.contract import Const, Expr, Op
from spec_lang.types import plain

SHOWN = 60
"""Strips of one chart."""
HUES = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape on a strip, from `at` to `to` in percent of its width."""

    kind: Literal["bar", "band", "part", "limit", "zero", "reach", "dot"]
    at: float
    to: float = 0.0


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: what it is, its drawing, and the same in words."""

    label: str
    value: str
    marks: tuple[Mark, ...]
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Strips:
    """Rows that share one scale, with the words under its ends."""

    title: str
    key: tuple[tuple[str, str], ...]
    """Kind of mark -> what it means."""
    ends: tuple[str, ...]
    rows: tuple[Strip, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points in percent, x from the left, y from the top."""

    hue: str
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars or curves over one axis; `bars` are x, width, height and words, in percent."""

    title: str
    key: tuple[tuple[str, str], ...]
    ends: tuple[str, ...]
    top: str
    bars: tuple[tuple[float, float, float, str], ...] = ()
    lines: tuple[Line, ...] = ()
    limits: tuple[tuple[float, str], ...] = ()
    note: str = ""


def of(view: View) -> tuple[Strips | Plot, ...]:
    """The charts that this view has something to draw for, in the order of the page."""
    figures = view.figures
    drawn: list[Strips | Plot] = [
        *gains(view),
        *mixture(view, figures.shares),
        *map(lengths, figures.histograms),
        *(chart for one in figures.census for chart in census(one)),
        *map(clusters, figures.clusters),
        *found(view),
        *curves(view.curves),
    ]
    return tuple(drawn)


# ------------------------------------------------------------------------------------------------ what was found


def found(view: View) -> Iterator[Strips]:
    """Rows that count against each clause."""
    entries = sorted((entry for entry in view.decided_here if entry.marked), key=lambda entry: -entry.marked)
    if entries:
        most = entries[0].marked
        rows = [Strip(entry.clause, f"{entry.marked:,}{' dropped' if entry.dropped else ''}",
                      (Mark("bar", 0, 100 * entry.marked / most),), entry.verdict) for entry in entries]  # fmt: skip
        yield strips("Rows that count against a clause", (("bar", "rows"),), ("0", f"{most:,}"), rows)


def mixture(view: View, shares: Sequence[Share]) -> Iterator[Strips]:
    """Each entry of a mixture: found, and what the contract allows."""
    if not shares:
        return
    verdicts = {entry.clause: entry.verdict for entry in view.ledger.entries}
    top = scale(max(max(share.high, share.most or 0, share.least or 0) for share in shares))
    rows = [Strip(share.clause.removeprefix("mixture."), between(share), tuple(share_marks(share, top)),
                  verdicts.get(share.clause, "")) for share in shares]  # fmt: skip
    key = (("bar", "found"), ("band", "allowed"))
    yield strips("Mixture: found and agreed", key, ("0 %", points(top / 2), points(top)), rows)


def share_marks(share: Share, top: float) -> Iterator[Mark]:
    if share.least is not None or share.most is not None:
        high = min(share.most, top) if share.most is not None else top
        yield Mark("band", 100 * (share.least or 0) / top, 100 * high / top)
    yield Mark("bar", 0, 100 * share.low / top)
    for end in (share.least, share.most):
        if end is not None and 0 < end < 1:
            yield Mark("limit", 100 * end / top)


def between(share: Share) -> str:
    """`21.0 % (18 % to 24 %)`."""
    value = points(share.low) if share.low == share.high else f"{points(share.low)} to {points(share.high)}"
    if share.least is None and share.most is None:
        return value
    if share.most is None or share.most >= 1:
        return f"{value} (at least {points(share.least or 0)})"
    return f"{value} ({points(share.least)} to {points(share.most)})" if share.least else (
        f"{value} (at most {points(share.most)})")  # fmt: skip


def clusters(one: Clusters) -> Strips:
    """How many clusters of each size."""
    most = max(one.sizes.values())
    rows = [Strip(f"{size:,} rows alike", f"{count:,} cluster{'s' if count > 1 else ''}",
                  (Mark("bar", 0, 100 * count / most),)) for size, count in sorted(one.sizes.items())]  # fmt: skip
    return strips(f"Clusters of {one.what}", (("bar", "clusters of this size"),), ("0", f"{most:,}"), rows)


# ------------------------------------------------------------------------------------------------ tokens


def lengths(one: Histogram) -> Plot:
    """A histogram with the bounds that clauses set."""
    past = one.start + one.step * len(one.counts)
    low, high = one.start, max([past, *(limit.value for limit in one.limits if limit.value <= 4 * past)])
    span, most = high - low, max(one.counts)
    bars = tuple(
        (100 * (at - low) / span, 100 * one.step / span, 100 * count / most, bin_words(one, at, count))
        for at, count in zip(range(one.start, past, one.step), one.counts, strict=True)
    )
    limits = tuple((100 * (limit.value - low) / span, f"{limit.clause}: {limit.value:,.0f} {one.unit}")
                   for limit in one.limits if low <= limit.value <= high)  # fmt: skip
    key = (("bar", "accepted rows"), *(("limit", words) for _, words in limits))
    ends = (f"{low:,}", f"{high:,.0f} {one.unit}")
    return Plot(one.what, key, ends, f"0 to {most:,} rows", bars, limits=limits)


def bin_words(one: Histogram, at: int, count: int) -> str:
    """`10 to 14 tokens: 3 rows`."""
    values = f"{at:,}" if one.step == 1 else f"{at:,} to {at + one.step - 1:,}"
    return f"{values} {one.unit}: {count:,} row{'' if count == 1 else 's'}"


def census(one: Census) -> Iterator[Strips]:
    """How much of what the model reads it is trained on, whole and by entry of the mixtures."""
    share = one.trained / one.tokens if one.tokens else 0
    rows = [Strip("all accepted rows", f"{one.trained:,} of {one.tokens:,} tokens ({points(share)})",
                  (Mark("bar", 0, 100), Mark("part", 0, 100 * share)))]  # fmt: skip
    key = (("part", "trained"), ("bar", "only read"))
    yield strips(f"Loss mask under {one.recipe}", key, ("0", f"{one.tokens:,} tokens"), rows)
    if any(part.trained for part in one.slices):
        yield strips(f"Trained tokens by entry, under {one.recipe}", (("part", "trained tokens"),),
                     ("0", f"{max(part.trained for part in one.slices):,}"), list(by_entry(one.slices)))  # fmt: skip


def by_entry(slices: Sequence[Slice]) -> Iterator[Strip]:
    most = max(part.trained for part in slices)
    for part in slices:
        each = f"{part.trained / part.rows:,.1f} a row" if part.rows else "no row"
        yield Strip(part.clause.removeprefix("mixture."), f"{part.trained:,} ({each})",
                    (Mark("part", 0, 100 * part.trained / most),))  # fmt: skip


# ------------------------------------------------------------------------------------------------ the trial


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
    rows = []
    for entry, one, asked in known:
        at = [100 * (float(value) - low) / (high - low) for value in (one.lower, one.upper, one.delta)]
        marks = [Mark("zero", -100 * low / (high - low)), Mark("reach", at[0], at[1]), Mark("dot", at[2])]
        if asked is not None:
            marks.insert(1, Mark("limit", 100 * (float(asked) - low) / (high - low)))
        words = f"{signed(one.delta)} ({signed(one.lower)} to {signed(one.upper)}); asked {entry.bound or 'nothing'}"
        label = entry.clause if len(entry.statistics) == 1 else f"{entry.clause}, {one.of}"
        rows.append(Strip(label, f"{words}; {entry.basis}", tuple(marks), entry.verdict))
    key = (("dot", "gain, with its one-sided bounds"), ("limit", "what the contract asks"))
    yield strips("Gains of the trial", key, (signed(low), signed(high)), rows)


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


def curves(known: Sequence[Curve]) -> Iterator[Plot]:
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


# ------------------------------------------------------------------------------------------------ words and scales


def strips(title: str, key: tuple[tuple[str, str], ...], ends: tuple[str, ...], rows: Sequence[Strip]) -> Strips:
    """At most `SHOWN` rows; what is left out is said."""
    more = f"{len(rows) - SHOWN:,} more are not drawn" if len(rows) > SHOWN else ""
    return Strips(title, key, ends, tuple(rows[:SHOWN]), more)


def scale(top: float) -> float:
    """The next round share at or above `top`, at most 1."""
    return next((end for end in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if top <= end), 1.0)


def points(share: float) -> str:
    """`0.2102` as `21.0 %`, and no decimal where it has none."""
    return f"{plain(Decimal(f'{100 * share:.1f}'))} %"


def signed(fraction: str | float) -> str:
    """`0.051` as `+5.1 pp`."""
    return f"{100 * float(fraction):+.1f} pp"
