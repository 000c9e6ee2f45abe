"""Krippendorff's alpha of labels between raters: 1 - observed / expected disagreement.

Klaus Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): coincidence matrix, differences for nominal,
ordinal and interval labels. Units with one rating are left out; a rater counts once per unit, with the first label.

`bound: lower_95` is the one-sided lower bound of the percentile bootstrap over units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from acceptance.measures._bootstrap import alphas
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import ABSENT, Column
from acceptance.values.exact import Mask, objects
from acceptance.values.scalar import number
from spec_lang.types import Enum, bare

Totals = dict[Any, Fraction]
Delta = Callable[[Any, Any], Fraction]


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    for column in columns:
        chosen = chosen & column.known
    rows = zip(*(objects(column)[chosen].tolist() for column in columns), strict=True)
    units: dict[Any, dict[Any, Any]] = {}
    for label, unit, rater in rows:
        if ABSENT not in (label, unit, rater):
            units.setdefault(unit, {}).setdefault(rater, label)
    metric, words = use.word("metric"), order(use)
    value = alpha([list(labels.values()) for labels in units.values()], metric, words)
    rated = [[*units[unit].values()] for unit in sorted(units, key=repr) if len(units[unit]) > 1]
    note = f"{len(rated):,} of {len(units):,} units have two ratings or more"
    if value is None or use.word("bound") == "point":
        return Aggregated(value, note=note)
    spread = alphas(rated, metric, numbers(rated, metric, words))
    at = spread[int(LOWER[use.word("bound")] * len(spread))]
    return Aggregated(Fraction(str(round(float(at), 9))), note=f"alpha is {float(value):.3f}; {note}")


LOWER = {"lower_90": Fraction(1, 10), "lower_95": Fraction(1, 20), "lower_99": Fraction(1, 100)}
"""The share of resamples that lie below a one-sided bound."""


def numbers(units: Iterable[Sequence[Any]], metric: str, words: Sequence[Any]) -> dict[Any, float]:
    """Each label's number; its rank where labels are words or only their order counts."""
    labels = list(dict.fromkeys(label for unit in units for label in unit))
    if metric == "interval":
        return {label: float(number(label)) for label in labels}
    ranked = sorted(labels, key=list(words).index if words else repr if metric == "nominal" else None)
    return {label: float(rank) for rank, label in enumerate(ranked)}


def alpha(units: Iterable[Sequence[Any]], metric: str, words: Sequence[Any] = ()) -> Fraction | None:
    """Alpha of the labels of each unit; None without two labels of one unit. `words` gives the order of ordinal labels.

    Where all labels are the same there is no disagreement to expect, and alpha is 1.
    """
    pairs = coincidences(units)
    if not pairs:
        return None
    totals: Totals = {}
    for (label, _), weight in pairs.items():
        totals[label] = totals.get(label, Fraction(0)) + weight
    delta = difference(metric, totals, words)
    whole = sum(totals.values(), Fraction(0))
    seen = sum((weight * delta(one, two) for (one, two), weight in pairs.items()), Fraction(0))
    chance = sum((totals[one] * totals[two] * delta(one, two) for one in totals for two in totals), Fraction(0))
    return 1 - (whole - 1) * seen / chance if chance else Fraction(1)


def coincidences(units: Iterable[Sequence[Any]]) -> dict[tuple[Any, Any], Fraction]:
    """How often two labels meet in a unit, each unit weighing its number of labels."""
    pairs: dict[tuple[Any, Any], Fraction] = {}
    for labels in units:
        counts = Counter(labels)
        for one in counts:
            for two in counts:
                met = counts[one] * (counts[two] - (one == two))
                if met:
                    pairs[one, two] = pairs.get((one, two), Fraction(0)) + Fraction(met, len(labels) - 1)
    return pairs


def difference(metric: str, totals: Totals, words: Sequence[Any]) -> Delta:
    """The squared difference of two labels."""
    if metric == "nominal":
        return lambda one, two: Fraction(one != two)
    if metric == "interval":
        return lambda one, two: (Fraction(number(one)) - Fraction(number(two))) ** 2
    ranked = sorted(totals, key=list(words).index if words else None)
    position = {label: place for place, label in enumerate(ranked)}

    def ordinal(one: Any, two: Any) -> Fraction:
        low, high = sorted((position[one], position[two]))
        between = sum((totals[label] for label in ranked[low : high + 1]), Fraction(0))
        return (between - (totals[one] + totals[two]) / 2) ** 2

    return ordinal


def order(use: Use) -> Sequence[str]:
    """The declared order of the label's words; empty for numbers."""
    type_ = bare(use.call.arg("label").type)
    return type_.members if isinstance(type_, Enum) else ()


MEASURE = Aggregate(reduce)
