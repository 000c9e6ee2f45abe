"""Clauses to warnings about those that say nothing new."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from spec_lang.claims import Bound, bounded
from spec_lang.contract import Clause, Expr
from spec_lang.lowered import Lowered
from spec_lang.symbols import Report


def duplicates(clauses: list[Lowered], report: Report) -> None:
    """No clause says what another one says already."""
    seen: dict[Clause, Lowered] = {}
    for item in clauses:
        clause = item.clause
        key = clause.model_copy(update={"name": "", "text": ""})
        if key in seen and clause.origin == "written":
            why = ((seen[key].span, "said here"),)
            message = f"`{clause.name}` repeats `{seen[key].clause.name}`"
            report.error("SFT4003", message, item.span, why=why, help="remove one of them", warning=True)
        seen.setdefault(key, item)


def implied(clauses: list[Lowered], report: Report) -> None:
    """No clause about a measure is weaker than another one about the same measure."""
    known: dict[tuple[str, str | None, Expr], list[_Interval]] = {}
    for item in clauses:
        found = bounded(item.clause)
        if found is not None and item.clause.role != "report":
            key = (item.clause.table, item.clause.recipe, found[0])
            known.setdefault(key, []).append(_Interval(item, _end(found[1], 1), _end(found[2], -1)))
    for weak, strong in (pair for group in known.values() if len(group) > 1 for pair in _weaker(group)):
        name, other = weak.item.clause.name, strong.item.clause.name
        why = ((strong.item.span, "asks for more"),)
        message = f"`{name}` says nothing that `{other}` does not say already"
        report.error("SFT4009", message, weak.item.span, "weaker", why=why, help="remove it", warning=True)


End = tuple[Fraction | int, ...]
"""One end of an interval: the greater, the stricter; empty where nothing is asked."""


@dataclass(frozen=True, slots=True)
class _Interval:
    item: Lowered
    low: End
    high: End


def _end(bound: Bound | None, sign: int) -> End:
    return (bound.value * sign, bound.strict) if bound is not None else ()


def _weaker(group: list[_Interval]) -> Iterator[tuple[_Interval, _Interval]]:
    """Each interval that one of a required clause lies inside of, with that one."""
    front: list[_Interval] = []  # those inside of which no other lies, the strictest lower end first
    required = (one for one in group if one.item.clause.role == "require")
    for one in sorted(required, key=lambda one: (one.low, one.high), reverse=True):
        if not front or one.high > front[-1].high:
            front.append(one)
    front.reverse()
    for weak in group:
        for strong in front[bisect_left(front, weak.low, key=lambda one: one.low) :][:1]:
            inside = strong.high >= weak.high and (strong.low, strong.high) != (weak.low, weak.high)
            if inside and _binds(strong, weak):
                yield weak, strong


def _binds(strong: _Interval, weak: _Interval) -> bool:
    """Whether the stronger one holds wherever the weaker one would, and as surely."""
    one, other = strong.item.clause, weak.item.clause
    sure = one.statistic is None or other.statistic is None or one.statistic.confidence >= other.statistic.confidence
    return (one.each_lot or not other.each_lot) and sure
