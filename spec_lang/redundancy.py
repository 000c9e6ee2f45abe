"""Clauses to warnings about those that say nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spec_lang.claims import Bound, bounded
from spec_lang.lowered import Lowered
from spec_lang.symbols import Report


def duplicates(clauses: list[Lowered], report: Report) -> None:
    """No clause says what another one says already."""
    seen: dict[str, Lowered] = {}
    for item in clauses:
        clause = item.clause
        key = clause.model_dump_json(exclude={"name", "text"})
        if key in seen and clause.origin == "written":
            why = ((seen[key].span, "said here"),)
            message = f"`{clause.name}` repeats `{seen[key].clause.name}`"
            report.error("SFT4003", message, item.span, why=why, help="remove one of them", warning=True)
        seen.setdefault(key, item)


def implied(clauses: list[Lowered], report: Report) -> None:
    """No clause about a measure is weaker than another one about the same measure."""
    known: dict[str, list[_Interval]] = {}
    for item in clauses:
        found = bounded(item.clause)
        if found is not None and item.clause.role != "report":
            key = f"{item.clause.table} {item.clause.recipe} {found[0].model_dump_json()}"
            known.setdefault(key, []).append(_Interval(item, found[1], found[2]))
    for weak, strong in (pair for group in known.values() if len(group) > 1 for pair in _weaker(group)):
        name, other = weak.item.clause.name, strong.item.clause.name
        why = ((strong.item.span, "asks for more"),)
        message = f"`{name}` says nothing that `{other}` does not say already"
        report.error("SFT4009", message, weak.item.span, "weaker", why=why, help="remove it", warning=True)


@dataclass(frozen=True, slots=True)
class _Interval:
    item: Lowered
    low: Bound | None
    high: Bound | None


def _weaker(group: list[_Interval]) -> Iterator[tuple[_Interval, _Interval]]:
    """Each interval that another one lies inside of, with that one."""
    for weak in group:
        strong = next((one for one in group if one is not weak and _inside(one, weak) and not _inside(weak, one)), None)
        if strong is not None and _binds(strong, weak):
            yield weak, strong


def _inside(inner: _Interval, outer: _Interval) -> bool:
    return _reaches(inner.low, outer.low, 1) and _reaches(inner.high, outer.high, -1)


def _reaches(inner: Bound | None, outer: Bound | None, sign: int) -> bool:
    """Whether the inner end lies at the outer one or further in."""
    if outer is None:
        return True
    return inner is not None and (inner.value * sign, inner.strict) >= (outer.value * sign, outer.strict)


def _binds(strong: _Interval, weak: _Interval) -> bool:
    """Whether the stronger one holds wherever the weaker one would, and as surely."""
    one, other = strong.item.clause, weak.item.clause
    sure = one.statistic is None or other.statistic is None or one.statistic.confidence >= other.statistic.confidence
    return one.role == "require" and (one.each_lot or not other.each_lot) and sure
