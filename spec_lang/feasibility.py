"""Claims about rows to the smallest conflict among them: kinds of rows as columns, bounds as inequalities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from spec_lang.claims import Bound, Claim, Part, Side
from spec_lang.domains import COMPARED, Space, Statement, Value
from spec_lang.simplex import Inequality, conflict

WHOLE = Fraction(100)
LARGEST = 40_000
"""Entries of a table that the exact check goes through; a few seconds at worst."""


class TooLarge(Exception):
    """More inequalities and kinds of rows than LARGEST."""


@dataclass(frozen=True, slots=True)
class Read:
    """A claim whose statements have been read. `allowed`: for one about every row, the kinds of rows it lets pass."""

    claim: Claim
    statements: list[Statement]
    """One for each part of the claim."""
    among: Statement | None
    keys: tuple[str, ...]
    allowed: frozenset[tuple[Value, ...]] | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """One bound of a conflict and how often it counts in the sum that cannot be."""

    claim: Claim
    part: Part
    side: Side
    weight: Fraction

    @property
    def bound(self) -> Bound:
        found = self.part.low if self.side == "low" else self.part.high
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Conflict:
    """Bounds that cannot all hold: weighed least values exceed weighed greatest values."""

    weighed: tuple[Weighed, ...]
    whole: Fraction
    """How often the whole, 100 %, counts among the greatest values; below 0 among the least."""
    counting: bool
    """Whether records are counted, so that the whole is the volume and not 100 %."""
    excess: Fraction
    """By how much the weighed least values exceed; 0 where only an edge that is left out stands against them."""

    def blamed(self) -> set[int]:
        """Identities of the claims in it."""
        return {id(one.claim) for one in self.weighed}


Line = tuple[Read, Part, Side, Inequality]


def smallest(parts: list[list[Read]], space: Space) -> Conflict | None:
    """A conflict none of whose claims could be spared; None if all hold together. Raises TooLarge."""
    if (boxed := _boxes(parts, space)) is not None:
        return boxed[0]
    found = _conflict(parts, space)
    if found is None:
        return None
    for claim in found.blamed():
        if claim in found.blamed():
            found = _conflict(_only(parts, found.blamed() - {claim}), space) or found
    return _conflict(_only(parts, found.blamed()), space) or found


def _only(parts: list[list[Read]], claims: set[int]) -> list[list[Read]]:
    return [[read for read in part if id(read.claim) in claims] for part in parts]


def _conflict(parts: list[list[Read]], space: Space) -> Conflict | None:
    counting = any(read.claim.unit == "records" for part in parts for read in part)
    if (boxed := _boxes(parts, space)) is not None:
        return boxed[0]
    lines: list[Line] = []
    columns: list[range] = []
    for part in parts:
        kinds = _kinds(part, space)
        start = columns[-1].stop if columns else 0
        columns.append(range(start, start + len(kinds)))
        lines += [line for at, read in enumerate(part) for line in _lines(read, at, kinds, start, counting)]
    rows = [*(line[3] for line in lines), *_totals(columns, counting)]
    weights = _weights(rows, columns[-1].stop if columns else 0)
    if weights is None:
        return None
    weighed = tuple(
        Weighed(read.claim, part, side, weights[at]) for at, (read, part, side, _) in enumerate(lines) if at in weights
    )
    least, most = (weights.get(len(lines) + at, Fraction(0)) for at in (0, 1))
    excess = sum((weight * rows[at].bound for at, weight in weights.items()), Fraction(0))
    return Conflict(weighed, Fraction(0) if counting else most - least, counting, excess)


def _weights(rows: list[Inequality], width: int) -> dict[int, Fraction] | None:
    """Farkas multipliers. A floor on a single column is no row: the column then counts from there."""
    floors: dict[int, tuple[Fraction, int]] = {}
    for at, row in enumerate(rows):
        if len(row.coefficients) == 1 and not row.strict:
            column, factor = next(iter(row.coefficients.items()))
            if factor > 0 and row.bound > 0:
                floors[column] = max(floors.get(column, (Fraction(0), at)), (row.bound / factor, at))
    used = {at for _, at in floors.values()}
    kept = [at for at in range(len(rows)) if at not in used]
    if len(kept) * width > LARGEST:
        raise TooLarge
    shifted = [_from_floors(rows[at], floors) for at in kept]
    found = conflict(shifted, width)
    if found is None:
        return None
    weights = {kept[at]: weight for at, weight in found.items()}
    for column, (_, at) in floors.items():
        over = [weight * rows[one].coefficients.get(column, 0) for one, weight in weights.items() if one not in used]
        slack = -sum(over, Fraction(0))
        if slack > 0:
            weights[at] = slack / rows[at].coefficients[column]
    return weights


def _from_floors(row: Inequality, floors: dict[int, tuple[Fraction, int]]) -> Inequality:
    taken = [value * floors[column][0] for column, value in row.coefficients.items() if column in floors]
    return Inequality(row.coefficients, row.bound - sum(taken, Fraction(0)), row.strict)


Kind = tuple[tuple[int, ...], bool]
"""Of one claim and one kind of row: the parts that it falls under, and whether it counts among the claim's whole."""


def _kinds(part: list[Read], space: Space) -> list[tuple[Kind, ...]]:
    """Rows that no claim tells apart are one kind; for each, what every claim says of it."""
    keys = tuple(dict.fromkeys(key for read in part for key in read.keys))
    if len(part) * prod(len(space.of(key)) for key in keys) > COMPARED:
        raise TooLarge
    cells = [_cells(read) for read in part]
    found = {
        tuple(_says(read, cell, row) for read, cell in zip(part, cells, strict=True)): None for row in space.rows(keys)
    }
    return list(found)


def _cells(read: Read) -> dict[tuple[Value, ...], int] | None:
    """Where each part is one cell of the same fields: the cell's values to the part."""
    fields = {tuple(key for key, _ in one.cell) for one in read.statements}
    if len(fields) != 1 or fields == {()}:
        return None
    return {tuple(value for _, value in one.cell): at for at, one in enumerate(read.statements)}


def _says(read: Read, cells: dict[tuple[Value, ...], int] | None, row: dict[str, Value]) -> Kind:
    if read.allowed is not None:
        return () if tuple(row[key] for key in read.keys) in read.allowed else (0,), True
    counts = read.among is None or read.among.holds(row)
    if cells is not None:
        at = cells.get(tuple(row[key] for key, _ in read.statements[0].cell))
        return () if at is None else (at,), counts
    return tuple(at for at, one in enumerate(read.statements) if one.holds(row)), counts


def _lines(read: Read, at: int, kinds: list[tuple[Kind, ...]], start: int, counting: bool) -> Iterator[Line]:
    under: dict[int, list[int]] = {}
    for column, kind in enumerate(kinds, start):
        for position in kind[at][0]:
            under.setdefault(position, []).append(column)
    whole = [column for column, kind in enumerate(kinds, start) if kind[at][1]]
    relative = read.claim.unit == "%" and (counting or read.among is not None)
    for position, part in enumerate(read.claim.parts):
        if part.low is not None:
            yield read, part, "low", _inequality(under.get(position, []), part.low, 1, whole if relative else None)
        if part.high is not None:
            yield read, part, "high", _inequality(under.get(position, []), part.high, -1, whole if relative else None)


def _inequality(columns: list[int], bound: Bound, sign: int, whole: list[int] | None) -> Inequality:
    """These columns together against a figure; or against so many % of a whole that is itself to be found."""
    coefficients = {column: Fraction(sign) for column in columns}
    if whole is None:
        return Inequality(coefficients, bound.value * sign, bound.strict)
    for column in whole:
        coefficients[column] = coefficients.get(column, Fraction(0)) - sign * bound.value / WHOLE
    return Inequality(coefficients, Fraction(0), bound.strict)


def _totals(columns: list[range], counting: bool) -> Iterator[Inequality]:
    """All kinds together make 100 %; or, where records are counted, as many in each part, and at least one."""
    if not columns:
        return
    first = {column: Fraction(1) for column in columns[0]}
    less = {column: Fraction(-1) for column in columns[0]}
    if not counting:
        yield from (Inequality(first, WHOLE), Inequality(less, -WHOLE))
        return
    yield Inequality(first, Fraction(1))
    for other in columns[1:]:
        same = first | {column: Fraction(-1) for column in other}
        yield Inequality(same, Fraction(0))
        yield Inequality({column: -value for column, value in same.items()}, Fraction(0))


def _boxes(parts: list[list[Read]], space: Space) -> tuple[Conflict | None] | None:
    """The same answer without a search where each claim bounds one word of one field; None for any other form."""
    reads = [read for part in parts for read in part]
    if any(read.claim.unit == "records" for read in reads):
        return None
    key = _one_field(reads, space) if all(_is_box(read) for read in reads) else None
    if key is None:
        return None
    lows: dict[Value, Weighed] = {}
    highs: dict[Value, Weighed] = {}
    for read in reads:
        for statement, part in zip(read.statements, read.claim.parts, strict=True):
            word = statement.cell[0][1]
            _tighten(lows, word, read.claim, part, "low")
            _tighten(highs, word, read.claim, part, "high")
    for word, low in lows.items():
        if word in highs and _beyond(low.bound, highs[word].bound):
            return (_boxed((low, highs[word]), 0),)
    for high in highs.values():
        if _beyond(Bound(Fraction(0)), high.bound):
            return (_boxed((high,), 0),)
    least = sorted(lows.values(), key=lambda one: one.bound.value, reverse=True)
    total = Bound(Fraction(0))
    for count, one in enumerate(least, 1):
        total = Bound(total.value + one.bound.value, total.strict or one.bound.strict)
        if _beyond(total, Bound(WHOLE)):
            return (_boxed(tuple(least[:count]), 1),)
    values = space.of(key)
    most = [highs[word] for word in values if word in highs]
    if len(most) == len(values) and _falls_short([one.bound for one in most]):
        return (_boxed(tuple(most), -1),)
    return (None,)


def _boxed(weighed: tuple[Weighed, ...], whole: int) -> Conflict:
    values = [one.bound.value if one.side == "low" else -one.bound.value for one in weighed]
    return Conflict(weighed, Fraction(whole), False, sum(values, Fraction(0)) - whole * WHOLE)


def _is_box(read: Read) -> bool:
    return read.allowed is None and read.among is None and all(len(one.cell) == 1 for one in read.statements)


def _one_field(reads: list[Read], space: Space) -> str | None:
    """The only dimension that the claims look at, if each asks for values that a row can have."""
    keys = {key for read in reads for key in read.keys}
    if len(keys) != 1:
        return None
    key = keys.pop()
    asked = {one.cell[0][1] for read in reads for one in read.statements}
    return key if asked <= set(space.of(key)) else None


def _tighten(found: dict[Value, Weighed], word: Value, claim: Claim, part: Part, side: Side) -> None:
    bound, earlier = (part.low if side == "low" else part.high), found.get(word)
    sign = 1 if side == "low" else -1
    if bound is None:
        return
    if earlier is None or (bound.value * sign, bound.strict) > (earlier.bound.value * sign, earlier.bound.strict):
        found[word] = Weighed(claim, part, side, Fraction(1))


def _beyond(low: Bound, high: Bound) -> bool:
    return low.value > high.value or (low.value == high.value and (low.strict or high.strict))


def _falls_short(highs: list[Bound]) -> bool:
    total = sum((one.value for one in highs), Fraction(0))
    return _beyond(Bound(WHOLE), Bound(total, any(one.strict for one in highs)))
