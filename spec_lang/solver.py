"""A contract's clauses to the smallest sets of them that no delivery could meet together.

Rows of one table fall into kinds (`domains`); how many there are of each kind is unknown and at least 0. Clauses about
shares and counts are linear bounds on these numbers (`claims`), so one exact check (`simplex`) decides whether some
delivery meets all of them. Shares are real numbers here: that a share of 37 records has steps is not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod

from spec_lang.claims import ACCEPTED, Cell, Claim, claims
from spec_lang.conflicts import certain, impossible, report_conflict, unproven
from spec_lang.contract import Expr
from spec_lang.domains import CELLS, COMPARED, Space, Statement, TooMany, Value
from spec_lang.feasibility import Read, TooLarge, smallest
from spec_lang.lowered import Lowered
from spec_lang.symbols import Report, Symbols


def satisfiable(clauses: list[Lowered], lots: int, symbols: Symbols, report: Report) -> None:
    """The clauses about shares, counts and single rows can be met together."""
    found = list(claims(clauses, lots))
    for table in dict.fromkeys(claim.table for claim in found):
        own = [claim for claim in found if claim.table == table]
        for counted in dict.fromkeys([ACCEPTED, *(claim.counted for claim in own)]):
            inside = [claim for claim in own if claim.counted == counted or (claim.every and counted != "delivered")]
            _World(Space(table, symbols), counted == ACCEPTED, report).judge(inside)


@dataclass(slots=True)
class _World:
    """The rows of one table, counted in one way: accepted or delivered records, a recipe's tokens."""

    space: Space
    first: bool
    """Whether what every row must be is reported here; other worlds would only repeat it."""
    report: Report
    compared: int = 0
    """Kinds of rows that clauses about every row were held against."""

    def judge(self, inside: list[Claim]) -> None:
        """Report each smallest conflict once; clauses of one conflict are left out of the search for the next."""
        parts, left_out = _components(self._read(inside), self.space)
        for group in _coupled(parts):
            try:
                while found := smallest(group, self.space):
                    if self.first or not all(one.claim.every for one in found.weighed):
                        report_conflict(found, self.report)
                    blamed = found.blamed()
                    group = [[read for read in part if id(read.claim) not in blamed] for part in group]
            except TooLarge:
                left_out += [read for part in group for read in part if not read.claim.every]
        if left_out:
            unproven([read.claim for read in left_out], self.report)

    def _read(self, inside: list[Claim]) -> list[Read]:
        statements = [[self._statement(part.condition) for part in claim.parts] for claim in inside]
        whole = [self.space.read(claim.among) if claim.among is not None else None for claim in inside]
        reads = [self._complete(*found) for found in zip(inside, statements, whole, strict=True)]
        return _without_free([read for read in reads if read is not None], self.space)

    def _statement(self, condition: Expr | Cell) -> Statement:
        return self.space.cell(condition) if isinstance(condition, tuple) else self.space.read(condition)

    def _complete(self, claim: Claim, statements: list[Statement], among: Statement | None) -> Read | None:
        """A claim with the dimensions it looks at; for one about every row, with the kinds of rows that it allows."""
        if not claim.parts:
            return Read(claim, [], None, (), None)
        looked_at = [*statements, *([among] if among is not None else [])]
        keys = dict.fromkeys(key for one in looked_at for key in one.keys)
        if not claim.every:
            return Read(claim, statements, among, tuple(keys), None)
        broken = statements[0]
        try:
            self._within_bounds(keys)
            allowed = {tuple(row.values()) for row in self.space.rows(tuple(keys)) if not broken.holds(row)}
        except TooMany:
            if self.first:
                unproven([claim], self.report)
            return None
        if not allowed:
            if self.first:
                impossible(claim, self.space, tuple(keys), self.report)
            return None
        if len(allowed) == prod(len(values) for values in self.space.values(keys)) and self.first:
            certain(claim, self.space, tuple(keys), self.report)
        return Read(claim, statements, among, tuple(keys), frozenset(allowed))

    def _within_bounds(self, keys: Iterable[str]) -> None:
        """Raises TooMany beyond what one world may cost."""
        self.compared += prod(len(values) for values in self.space.values(keys))
        if self.compared > COMPARED:
            raise TooMany


def _without_free(reads: list[Read], space: Space) -> list[Read]:
    """Clauses about every row, cut down to the dimensions that others look at too; gone if that leaves them free."""
    while True:
        users = Counter(key for read in reads for key in read.keys)
        cut = [_cut(read, {key for key in read.keys if users[key] > 1}, space) for read in reads]
        kept = [read for read in cut if read is not None]
        if [read.keys for read in kept] == [read.keys for read in reads]:
            return kept
        reads = kept


def _cut(read: Read, shared: set[str], space: Space) -> Read | None:
    if read.allowed is None or len(shared) == len(read.keys):
        return read
    at = [position for position, key in enumerate(read.keys) if key in shared]
    keys = tuple(read.keys[position] for position in at)
    allowed: frozenset[tuple[Value, ...]] = frozenset(tuple(row[position] for position in at) for row in read.allowed)
    free = len(allowed) == prod(len(values) for values in space.values(keys))
    return None if free else replace(read, keys=keys, allowed=allowed)


def _components(reads: list[Read], space: Space) -> tuple[list[list[Read]], list[Read]]:
    """Clauses that hang together by the dimensions they look at; and those that would make a part too large."""
    sizes = {key: len(space.of(key)) for read in reads for key in read.keys}
    parts: list[tuple[set[str], list[Read]]] = []
    left_out: list[Read] = []
    for read in sorted(reads, key=lambda one: (one.claim.every, len(one.keys))):
        touching = [part for part in parts if not part[0].isdisjoint(read.keys)]
        keys = set(read.keys).union(*(part[0] for part in touching))
        if not read.claim.parts or (len(keys) > 1 and prod(sizes[key] for key in keys) > CELLS):
            left_out.append(read)
        elif len(touching) == 1:
            touching[0][0].update(keys)
            touching[0][1].append(read)
        else:
            parts = [part for part in parts if part[0].isdisjoint(read.keys)]
            parts.append((keys, [*(one for part in touching for one in part[1]), read]))
    return [part for _, part in parts], left_out


def _coupled(parts: Iterable[list[Read]]) -> Iterator[list[list[Read]]]:
    """Parts that count records share the volume and are judged together; shares alone hold at any volume."""
    counting: list[list[Read]] = []
    for part in parts:
        if any(read.claim.unit == "records" for read in part):
            counting.append(part)
        else:
            yield [part]
    if counting:
        yield counting
