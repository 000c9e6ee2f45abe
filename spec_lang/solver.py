"""A contract's clauses to the conflicts among them: what no delivery could meet, what no trial could decide."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import prod
from typing import cast

from spec_lang.contract import Call, Clause, Const, Op, Path, Range
from spec_lang.lowered import Lowered
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.types import Enum, bare, plain

HUNDRED = Decimal(100)
Key = tuple[str, ...]
"""Table, what is counted, and the steps to the field."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One share of a dimension and the interval it must lie in, in %."""

    member: str
    low: Decimal
    high: Decimal
    span: Span


def satisfiable(clauses: list[Lowered], symbols: Symbols, report: Report) -> None:
    """The shares required of each enum field can be met together."""
    dimensions: dict[Key, list[Bound]] = {}
    for item in clauses:
        for key, bound in [*_share_bound(item), *_crossing_bounds(item, report)]:
            dimensions.setdefault(key, []).append(bound)
    words = _words(clauses)
    for key, bounds in dimensions.items():
        merged = _merge(bounds, report)
        if merged is None or not _minimums(merged, report):
            continue
        if key in words:
            _maximums(merged, words[key], report)


def _crossing_bounds(item: Lowered, report: Report) -> list[tuple[Key, Bound]]:
    """`a * b: each >= 2%` asks of each word of `a` at least 2 % times the number of words of `b`."""
    clause = item.clause
    floor = _floor(clause)
    if floor is None:
        return []
    paths = [path for path in clause.expr.args[0].all("values") if isinstance(path, Path)]  # type: ignore[union-attr]
    sizes = [len(inner.members) for path in paths if isinstance(inner := bare(path.type), Enum)]
    cells = prod(sizes)
    if len(sizes) < len(paths):
        return []
    if floor * cells > HUNDRED:
        note = (
            f"{' * '.join(map(str, sizes))} = {cells} cells; {cells} * {plain(floor)}% = {plain(floor * cells)}% > 100%"
        )
        help = f"ask for at most {plain((HUNDRED / cells).quantize(Decimal('0.01'), ROUND_FLOOR))}%"
        message = "no mixture has so large a share in each of its cells"
        report.error("SFT4001", message, item.span, f"at least {plain(floor)}%", notes=(note,), help=help)
        return []
    return [
        ((clause.table, "", *path.steps), Bound(word, floor * cells / size, HUNDRED, item.span))
        for path, size in zip(paths, sizes, strict=True)
        for word in cast("Enum", bare(path.type)).members
    ]


def _floor(clause: Clause) -> Decimal | None:
    """The number of a `least_share(...) >= number`."""
    expr = clause.expr
    if clause.role != "require" or not isinstance(expr, Op) or expr.name not in (">=", ">"):
        return None
    call, right = expr.args
    if not isinstance(call, Call) or call.measure != "least_share" or not isinstance(right, Const):
        return None
    return Decimal(str(right.value))


def _share_bound(item: Lowered) -> list[tuple[Key, Bound]]:
    """`share(field == word)` compared with a number, as a bound."""
    clause = item.clause
    expr = clause.expr
    found = _share_of(clause)
    if clause.role != "require" or not isinstance(expr, Op) or found is None:
        return []
    key, _, word = found
    interval = _interval(expr.name, expr.args[1])
    return [(key, Bound(word, *interval, item.span))] if interval is not None else []


def _share_of(clause: Clause) -> tuple[Key, Path, str] | None:
    """What a clause about the share of one word speaks of: table, recipe and field; the path; the word."""
    call = clause.expr.args[0] if isinstance(clause.expr, Op) and len(clause.expr.args) == 2 else None
    if not isinstance(call, Call) or call.measure not in ("share", "token_share"):
        return None
    condition = call.arg("condition")
    if not isinstance(condition, Op) or condition.name != "==":
        return None
    path, word = condition.args
    if not isinstance(path, Path) or not isinstance(word, Const) or path.root != "row":
        return None
    counted = call.word("by") if call.measure == "token_share" else call.word("of")
    weight = "" if counted == "accepted" else counted
    return (clause.table, weight, *path.steps), path, str(word.value)


def _interval(op: str, right: object) -> tuple[Decimal, Decimal] | None:
    if isinstance(right, Range) and right.low is not None and right.high is not None:
        return Decimal(str(right.low.value)), Decimal(str(right.high.value))
    if isinstance(right, Const) and op in (">=", ">"):
        return Decimal(str(right.value)), HUNDRED
    if isinstance(right, Const) and op in ("<=", "<"):
        return Decimal(0), Decimal(str(right.value))
    return None


def _merge(bounds: list[Bound], report: Report) -> dict[str, list[Bound]] | None:
    """Bounds by word; a word with contradicting bounds is reported."""
    merged: dict[str, list[Bound]] = {}
    for bound in bounds:
        merged.setdefault(bound.member, []).append(bound)
    sound = True
    for member, group in merged.items():
        least, most = max(group, key=lambda bound: bound.low), min(group, key=lambda bound: bound.high)
        if least.low > most.high:
            sound = False
            first, second = sorted((least, most), key=lambda bound: bound.span.start)
            message = f"two clauses about `{member}` contradict each other"
            why = ((first.span, _range(first)),)
            report.error("SFT4001", message, second.span, _range(second), why=why, help="change one of them")
    return merged if sound else None


def _range(bound: Bound) -> str:
    if bound.high == HUNDRED:
        return f"at least {plain(bound.low)}%"
    return f"at most {plain(bound.high)}%" if not bound.low else f"{plain(bound.low)}%..{plain(bound.high)}%"


def _tightest(merged: dict[str, list[Bound]], low: bool) -> list[Bound]:
    pick = (lambda b: b.low) if low else (lambda b: -b.high)
    return [max(group, key=pick) for group in merged.values()]


def _minimums(merged: dict[str, list[Bound]], report: Report) -> bool:
    """The least shares add up to at most 100 %. The smallest conflicting set is the largest minimums that exceed it."""
    tight = sorted(_tightest(merged, low=True), key=lambda bound: -bound.low)
    total = sum((bound.low for bound in tight), Decimal(0))
    if total <= HUNDRED:
        return True
    core: list[Bound] = []
    for bound in tight:
        core.append(bound)
        if sum((item.low for item in core), Decimal(0)) > HUNDRED:
            break
    _conflict(core, "at least", [bound.low for bound in core], total - HUNDRED, report)
    return False


def _maximums(merged: dict[str, list[Bound]], members: tuple[str, ...], report: Report) -> None:
    """If every word of the enum has a ceiling, the ceilings reach 100 %."""
    if not set(members) <= merged.keys():
        return
    tight = _tightest(merged, low=False)
    total = sum((bound.high for bound in tight), Decimal(0))
    if total < HUNDRED:
        _conflict(tight, "at most", [bound.high for bound in tight], total - HUNDRED, report)


def _conflict(core: list[Bound], word: str, shares: list[Decimal], excess: Decimal, report: Report) -> None:
    ordered = sorted(core, key=lambda bound: bound.span.start)
    amounts = {bound.member: share for bound, share in zip(core, shares, strict=True)}
    last = ordered[-1]
    labels = {bound.member: f"{word} {plain(amounts[bound.member])}%" for bound in ordered}
    why = tuple((bound.span, f"{bound.member}: {labels[bound.member]}") for bound in ordered[:-1])
    sums = " + ".join(plain(amounts[bound.member]) for bound in ordered)
    sign = ">" if excess > 0 else "<"
    note = f"{sums} = {plain(sum(amounts.values(), Decimal(0)))}% {sign} 100%"
    help = f"{'lower' if excess > 0 else 'raise'} one of these by {plain(abs(excess))}pp, or widen a tolerance"
    report.error(
        "SFT4001",
        "the mixture cannot be satisfied",
        last.span,
        f"{last.member}: {labels[last.member]}",
        why=why,
        notes=(note,),
        help=help,
    )


def _words(clauses: list[Lowered]) -> dict[Key, tuple[str, ...]]:
    """All words of the enum that each dimension speaks of, where a row must have one."""
    out: dict[Key, tuple[str, ...]] = {}
    for item in clauses:
        found = _share_of(item.clause)
        if found is not None and isinstance(found[1].type, Enum):
            out[found[0]] = found[1].type.members
    return out


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
