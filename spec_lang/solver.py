"""A contract's clauses to the conflicts among them: what no delivery could meet, what no trial could decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from spec_lang.contract import Call, Clause, Const, Op, Path, Range
from spec_lang.lowered import Lowered
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.types import Enum, bare, plain

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Bound:
    """One share of a dimension and the interval it must lie in, in %."""

    member: str
    low: Decimal
    high: Decimal
    span: Span


def satisfiable(clauses: list[Lowered], symbols: Symbols, report: Report) -> None:
    """The shares required of each enum field can be met together."""
    for key, bounds in _dimensions(clauses).items():
        merged = _merge(bounds, report)
        if merged is None:
            continue
        _minimums(merged, report)
        members = _members(key, clauses)
        if members is not None:
            _maximums(merged, members, report)


def _dimensions(clauses: list[Lowered]) -> dict[tuple[str, ...], list[Bound]]:
    out: dict[tuple[str, ...], list[Bound]] = {}
    for item in clauses:
        found = _share_bound(item)
        if found is not None:
            out.setdefault(found[0], []).append(found[1])
    return out


def _share_bound(item: Lowered) -> tuple[tuple[str, ...], Bound] | None:
    """`share(field == word)` compared with a number, as a bound."""
    clause = item.clause
    expr = clause.expr
    if clause.role != "require" or not isinstance(expr, Op) or len(expr.args) != 2:
        return None
    call, right = expr.args
    if not isinstance(call, Call) or call.measure not in ("share", "token_share"):
        return None
    condition = call.arg("condition")
    if not isinstance(condition, Op) or condition.name != "==" or not isinstance(condition.args[0], Path):
        return None
    member = condition.args[1]
    interval = _interval(expr.name, right)
    if not isinstance(member, Const) or interval is None:
        return None
    weight = (clause.recipe or "") if call.measure == "token_share" else ""
    return (clause.table, weight, *condition.args[0].steps), Bound(str(member.value), *interval, item.span)


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
    for member, group in merged.items():
        for a, b in combinations(group, 2):
            if max(a.low, b.low) > min(a.high, b.high):
                why = ((a.span, f"{_range(a)} here"),)
                report.error(
                    "SFT4001",
                    f"two clauses about `{member}` contradict each other",
                    b.span,
                    f"{_range(b)} here",
                    why=why,
                    help="keep one of them",
                )
                return None
    return merged


def _range(bound: Bound) -> str:
    return f"{plain(bound.low)}%..{plain(bound.high)}%"


def _tightest(merged: dict[str, list[Bound]], low: bool) -> list[Bound]:
    pick = (lambda b: b.low) if low else (lambda b: -b.high)
    return [max(group, key=pick) for group in merged.values()]


def _minimums(merged: dict[str, list[Bound]], report: Report) -> None:
    """The least shares add up to at most 100 %. The smallest conflicting set is the largest minimums that exceed it."""
    tight = sorted(_tightest(merged, low=True), key=lambda bound: -bound.low)
    total = sum((bound.low for bound in tight), Decimal(0))
    if total <= HUNDRED:
        return
    core: list[Bound] = []
    for bound in tight:
        core.append(bound)
        if sum((item.low for item in core), Decimal(0)) > HUNDRED:
            break
    _conflict(core, "at least", [bound.low for bound in core], total - HUNDRED, report)


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
    why = tuple((bound.span, labels[bound.member]) for bound in ordered[:-1])
    sums = " + ".join(plain(amounts[bound.member]) for bound in ordered)
    sign = ">" if excess > 0 else "<"
    note = f"{sums} = {plain(sum(amounts.values(), Decimal(0)))}% {sign} 100%"
    help = f"{'lower' if excess > 0 else 'raise'} one of these by {plain(abs(excess))}pp, or widen a tolerance"
    report.error(
        "SFT4001", "the mixture cannot be satisfied", last.span, labels[last.member], why=why, notes=(note,), help=help
    )


def _members(key: tuple[str, ...], clauses: list[Lowered]) -> tuple[str, ...] | None:
    """The words of the enum that a dimension speaks of."""
    for path in (path for item in clauses for path in _paths(item.clause)):
        if path.steps == key[2:]:
            inner = bare(path.type)
            return inner.members if isinstance(inner, Enum) else None
    return None


def _paths(clause: Clause) -> Iterator[Path]:
    expr = clause.expr
    if isinstance(expr, Op) and isinstance(expr.args[0], Call) and expr.args[0].measure in ("share", "token_share"):
        condition = expr.args[0].arg("condition")
        if isinstance(condition, Op) and isinstance(condition.args[0], Path):
            yield condition.args[0]


def duplicates(clauses: list[Lowered], report: Report) -> None:
    """No clause says what another one says already."""
    seen: dict[str, Lowered] = {}
    for item in clauses:
        clause = item.clause
        key = clause.model_dump_json(exclude={"name", "text"})
        if key in seen and clause.origin == "written":
            why = ((seen[key].span, "said here"),)
            report.error(
                "SFT4003",
                f"`{clause.name}` repeats `{seen[key].clause.name}`",
                item.span,
                why=why,
                help="remove one",
                warning=True,
            )
        seen.setdefault(key, item)
