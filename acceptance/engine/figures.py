"""The judged tables to figures for charts: columns that clauses asked for anyway, counted; no row is read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor, log10

import numpy as np
import numpy.typing as npt

from acceptance.engine import aggregation
from acceptance.engine.entries import Desk
from acceptance.engine.strata import Strata
from acceptance.engine.wording import describe
from acceptance.figures import Census, Clusters, Figures, Histogram, Limit, Share, Slice
from acceptance.tables import Column
from acceptance.values import exact
from spec_lang.contract import Call, Clause, Const, Expr, Op
from spec_lang.types import Quantity

LENGTHS = ("tokens", "chars", "words")
"""Units of columns that are drawn as histograms."""
BINS = 30


def figures(clauses: Sequence[Clause], desk: Desk) -> Figures:
    """What the decided clauses have counted."""
    tables = [desk.strata[table.name] for table in desk.contract.tables]
    mixtures = [clause for clause in clauses if clause.origin == "mixture"]
    return Figures(
        shares=tuple(share for clause in mixtures for share in shares(clause, desk)),
        histograms=tuple(one for strata in tables for one in histograms(clauses, strata)),
        clusters=tuple(one for strata in tables for one in clusters(strata)),
        census=tuple(census(mixtures, desk.strata[desk.contract.record])),
    )


def shares(clause: Clause, desk: Desk) -> Iterator[Share]:
    """The share of a mixture's entry and the bounds that the contract sets it."""
    strata = desk.strata[clause.table]
    for call in aggregation.aggregates(clause.expr):
        found = aggregation.measure(call, strata, clause, strata.everything(), desk.workshop)
        if found.value is not None:
            least, most = ends(clause.expr)
            yield Share(clause.name, float(found.value.low) / 100, float(found.value.high) / 100, least, most)


def ends(expr: Expr) -> tuple[float | None, float | None]:
    """The least and the greatest share that `share in 18%..24%`, `share >= 8%` or `share <= 8%` allows."""
    if not isinstance(expr, Op) or len(expr.args) != 2:
        return None, None
    limit = expr.args[1]
    if limit.op == "range":
        return percent(limit.low), percent(limit.high)
    if not isinstance(limit, Const):
        return None, None
    return (percent(limit), None) if expr.name in (">", ">=") else (None, percent(limit))


def percent(limit: Const | None) -> float | None:
    return float(str(limit.value)) / 100 if limit else None


def histograms(clauses: Sequence[Clause], strata: Strata) -> Iterator[Histogram]:
    """Lengths of the accepted rows."""
    for call in strata.columns.calls():
        if isinstance(call.type, Quantity) and call.type.unit in LENGTHS:
            found = exact.tally(strata.columns.column(call), strata.final())
            lengths = {int(value): count for value, count in found.items()}
            if lengths:
                start, step, counts = binned(lengths)
                yield Histogram(describe(call), call.type.unit, start, step, counts, tuple(limits(clauses, call)))


def binned(lengths: Mapping[int, int]) -> tuple[int, int, tuple[int, ...]]:
    """Start, width and counts of at most `BINS` + 1 bins of a round width, from how often each length was found."""
    low, high = min(lengths), max(lengths)
    rough = max((high - low + 1) / BINS, 1)
    magnitude = 10 ** floor(log10(rough))
    step = next(int(magnitude * factor) for factor in (1, 2, 5, 10) if magnitude * factor >= rough)
    start = low // step * step
    counts = [0] * ((high - start) // step + 1)
    for length, count in lengths.items():
        counts[(length - start) // step] += count
    return start, step, tuple(counts)


def limits(clauses: Sequence[Clause], call: Call) -> Iterator[Limit]:
    """The bounds that clauses set to an aggregate of these values."""
    for clause in clauses:
        if isinstance(clause.expr, Op) and len(clause.expr.args) == 2:
            left, right = clause.expr.args
            inside = isinstance(left, Call) and any(one.value == call for one in left.args)
            if inside and isinstance(right, Const):
                yield Limit(clause.name, float(str(right.value)))


def clusters(strata: Strata) -> Iterator[Clusters]:
    """Rows that repeat each other."""
    for call in strata.columns.calls():
        sizes = strata.columns.column(call).clusters
        if sizes:
            yield Clusters(describe(call), sizes)


def census(mixtures: Sequence[Clause], strata: Strata) -> Iterator[Census]:
    """Tokens that each recipe renders and trains, where clauses have had both counted."""
    by_recipe: dict[str, dict[str, Column]] = {}
    for call in strata.columns.calls():
        if call.measure in ("rendered_tokens", "trained_tokens"):
            by_recipe.setdefault(call.word("by"), {})[call.measure] = strata.columns.column(call)
    for recipe, columns in by_recipe.items():
        if len(columns) == 2:
            rendered, trained = columns["rendered_tokens"], columns["trained_tokens"]
            rows = strata.final() & rendered.known & trained.known
            yield Census(recipe, int(rows.sum()), int(rendered.values[rows].sum()), int(trained.values[rows].sum()),
                         tuple(slices(mixtures, strata, trained, rows)))  # fmt: skip


def slices(mixtures: Sequence[Clause], strata: Strata, trained: Column, rows: npt.NDArray[np.bool_]) -> Iterator[Slice]:
    """The trained tokens of each entry of the mixtures of the record."""
    for clause in mixtures:
        for call in aggregation.aggregates(clause.expr) if clause.table == strata.table else ():
            condition = strata.columns.column(call.arg("condition"))
            inside = rows & condition.known & exact.truth(condition)
            yield Slice(clause.name, int(inside.sum()), int(trained.values[inside].sum()))
