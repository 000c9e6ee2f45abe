"""Conflicts among claims to diagnostics: the fewest lines that cannot hold together, their sum, and a repair."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import gcd, lcm

from spec_lang.claims import Claim
from spec_lang.diagnostics import listing
from spec_lang.domains import Dimension, Space
from spec_lang.feasibility import Conflict, Weighed
from spec_lang.source import Span
from spec_lang.symbols import Report
from spec_lang.types import Enum, plain

SHOWN = 8
"""Terms of a sum; a longer one explains nothing."""
CENT = Decimal("0.01")


def impossible(claim: Claim, space: Space, keys: tuple[str, ...], report: Report) -> None:
    """One clause about every row that no row can satisfy, given what the fields are."""
    why = _declarations(space, keys)
    message = f"no row can satisfy `{claim.name}`"
    help = "correct the clause or the field's declaration"
    report.error("SFT4008", message, claim.item.span, "never true", why=why, help=help)


def certain(claim: Claim, space: Space, keys: tuple[str, ...], report: Report) -> None:
    """One clause about every row that every row satisfies, given what the fields are."""
    message = f"`{claim.name}` is true of every row, so it says nothing"
    why = _declarations(space, keys)
    report.error("SFT4011", message, claim.item.span, "always true", why=why, help="remove it", warning=True)


def _declarations(space: Space, keys: tuple[str, ...]) -> tuple[tuple[Span, str], ...]:
    found = (space.dimensions[key] for key in keys)
    return tuple((one.at, text) for one in found if one.at is not None and (text := _is(one)))


def unproven(left_out: list[Claim], report: Report) -> None:
    """Clauses that were not held against the others, said openly."""
    names = listing(claim.item.clause.name for claim in left_out)
    message = f"{names} {'is' if len(left_out) == 1 else 'are'} not proven to go together with the other clauses"
    help = "nothing is wrong with this; whether a delivery can meet all of them is for you to judge"
    notes = ("there are more combinations of their fields than can be gone through",)
    report.error("SFT4010", message, left_out[0].item.span, "", notes=notes, help=help, warning=True)


def report_conflict(found: Conflict, report: Report) -> None:
    """The last clause of the conflict in the text is where it shows; the others say why."""
    by_claim: dict[int, list[Weighed]] = {}
    for one in found.weighed:
        by_claim.setdefault(id(one.claim), []).append(one)
    groups = sorted(by_claim.values(), key=lambda group: _place(group[0].claim.item.span))
    last = groups[-1]
    why = tuple((group[0].claim.item.span, _label(group)) for group in groups[:-1])
    notes = _sum(found)
    report.error(
        "SFT4001",
        _message(groups, found),
        last[0].claim.item.span,
        _label(last),
        why=why,
        notes=notes,
        help=_repair(groups, found),
    )


def _place(span: Span) -> tuple[str, int]:
    return span.source.name, span.start


def _message(groups: list[list[Weighed]], found: Conflict) -> str:
    claims = [group[0].claim for group in groups]
    if all(claim.every for claim in claims):
        return "no row can satisfy these clauses together"
    if len(claims) == 1 and len(claims[0].parts) > 1:
        if groups[0][0].side == "high":
            return f"{len(claims[0].parts)} words cannot all have so small a share"
        return "no mixture has so large a share in each of its cells"
    if len(claims) == 1:
        return f"no delivery can meet `{claims[0].name}`"
    words = {one.part.word for group in groups for one in group}
    if len(claims) == 2 and len(found.weighed) == 2 and len(words) == 1 and "" not in words:
        return f"two clauses about `{words.pop()}` contradict each other"
    if any(claim.item.clause.origin == "mixture" for claim in claims):
        return "the mixture cannot be satisfied"
    return "no delivery can meet these clauses together"


def _label(group: list[Weighed]) -> str:
    claim = group[0].claim
    if claim.every:
        return "of every row"
    words = " and ".join(dict.fromkeys(_at(one, claim) for one in group[:2]))
    if len(claim.parts) > 1:
        return f"{words} in each cell" if len(group) > 1 else f"{words} of `{group[0].part.word}`"
    entry = claim.item.clause.origin == "mixture" and group[0].part.word
    return f"{group[0].part.word}: {words}" if entry else words


def _at(one: Weighed, claim: Claim) -> str:
    strict = one.bound.strict
    ends = {"low": "more than" if strict else "at least", "high": "less than" if strict else "at most"}
    lots = f" in each of {claim.lots} lots" if claim.lots > 1 else ""
    return f"{ends[one.side]} {amount(one.bound.value / claim.lots, claim.unit)}{lots}"


def amount(value: Fraction, unit: str, rounding: str | None = None) -> str:
    """`27%`, `1,500 records`; with a rounding, in hundredths."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    shown = plain(exact.quantize(CENT, rounding) if rounding else exact)
    return f"{shown}%" if unit == "%" else f"{Decimal(shown):,} records"


def _sum(found: Conflict) -> tuple[str, ...]:
    """The least values, added, against the greatest ones, where that is a plain sum."""
    if found.counting:
        return _part_of_volume(found)
    if len(found.weighed) == 2 and not found.whole:
        return ()
    scale = lcm(found.whole.denominator, *(one.weight.denominator for one in found.weighed))
    weights = [int(one.weight * scale) for one in found.weighed]
    shrink = gcd(int(found.whole * scale), *weights) or 1
    terms: dict[str, dict[tuple[int, Fraction], int]] = {"low": {}, "high": {}}
    for one, weight in zip(found.weighed, weights, strict=True):
        if one.bound.value:
            key = id(one.claim), one.bound.value
            terms[one.side][key] = terms[one.side].get(key, 0) + weight // shrink
    whole = int(found.whole * scale) // shrink
    sides = [[(count, value) for (_, value), count in terms[side].items()] for side in ("low", "high")]
    sides[0 if whole < 0 else 1] += [(abs(whole), Fraction(100))] if whole else []
    if max(len(side) for side in sides) > SHOWN or not all(sides):
        return ()
    lower, upper = (_added(side) for side in sides)
    if _total(sides[0]) == _total(sides[1]):
        return (f"{upper if whole < 0 else lower}, and `more than` or `less than` leaves the edge out",)
    return (f"{upper} < {lower}" if whole < 0 and len(sides[0]) == 1 else f"{lower} > {upper}",)


def _part_of_volume(found: Conflict) -> tuple[str, ...]:
    """A share of the volume against a count: `60% of 2,100 records is 1,260 records`."""
    volume = [one for one in found.weighed if one.claim.item.clause.origin == "volume"]
    shares = [one for one in found.weighed if one.claim.unit == "%" and not one.claim.every]
    if len(volume) != 1 or len(shares) != 1 or len(found.weighed) != 3 or shares[0].claim.among is not None:
        return ()
    share, whole = shares[0].bound.value, volume[0].bound.value
    return (
        f"{amount(share, '%')} of {amount(whole, 'records')} is {amount(share * whole / 100, 'records', ROUND_FLOOR)}",
    )


def _total(side: list[tuple[int, Fraction]]) -> Fraction:
    return sum((count * value for count, value in side), Fraction(0))


def _added(side: list[tuple[int, Fraction]]) -> str:
    figures = [f"{count} * {_figure(value)}" if count > 1 else _figure(value) for count, value in side]
    if len(side) == 1 and side[0][0] == 1:
        return f"{figures[0]}%"
    return f"{' + '.join(figures)} = {_figure(_total(side))}%"


def _figure(value: Fraction) -> str:
    return amount(value, "%").removesuffix("%")


def _repair(groups: list[list[Weighed]], found: Conflict) -> str:
    """One bound, moved just as far as the conflict needs; both where there are two."""
    excess = found.excess
    moves = [move for group in groups if (move := _move(group, found, excess))]
    if not moves:
        return "change one of them" if len(groups) > 1 else "correct it"
    if len(groups) == 2 and len(moves) == 2:
        return f"{moves[1]}, or {moves[0]}"
    alike = len(moves) == len(groups) > 1 and len({abs(one.weight) for one in found.weighed}) == 1 and excess
    every = f", or move one of the others by {amount(excess / found.weighed[0].weight, '%')[:-1]}pp" if alike else ""
    return moves[-1] + every


def _moves(one: Weighed, found: Conflict) -> bool:
    """Whether the bound stands in the sum as it is written: shares do not where records are counted."""
    return not found.counting or one.claim.unit == "records"


def _move(group: list[Weighed], found: Conflict, excess: Fraction) -> str:
    one, claim = group[0], group[0].claim
    alike = all(other.side == one.side and other.bound == one.bound for other in group)
    if claim.every or not alike or not _moves(one, found) or claim.among is not None:
        return ""
    step = excess / sum((other.weight for other in group), Fraction(0))
    low = one.side == "low"
    moved = one.bound.value - step if low else one.bound.value + step
    if moved < 0 or (claim.unit == "%" and moved > 100) or (low and not moved):
        return ""
    where = amount(moved / claim.lots, claim.unit, ROUND_FLOOR if low else ROUND_CEILING)
    floor, minimum = ("floor", "minimum") if low else ("cap", "maximum")
    what = f"the {floor} of each cell" if len(claim.parts) > 1 else f"the {minimum} of `{claim.name}`"
    edge_out = any(other.bound.strict for other in found.weighed)  # then it is not enough to be equal
    to = ("below" if low else "above") if edge_out else "to"
    return f"{'lower' if low else 'raise'} {what} {to} {where}"


def _is(dimension: Dimension) -> str:
    """What a declaration says about a field."""
    declared = dimension.declared
    if declared is None:
        return ""
    if isinstance(dimension.type, Enum):
        return f"one of {listing(dimension.type.members)}"
    if declared.pattern is not None:
        return "its pattern is declared here"
    bounds = f"{declared.low or ''}..{declared.high or ''}"
    return f"it lies in {bounds}" if bounds != ".." else "" if dimension.optional else "always given"
