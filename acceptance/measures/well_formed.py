"""Whether a field of each row is as the contract declares it: there, of its type, within its pattern and bounds.

A clause looks at everything at and below its field but what a longer clause names; the field "" is the whole record.
So each defect is found once, by the clause whose name is nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from acceptance.fields.acceptors import Accept, acceptor, must_be_there, record_acceptor
from acceptance.fields.defects import Checker
from acceptance.measures._marks import Marks
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Detail
from acceptance.values.parts import walk
from spec_lang.contract import Call, Contract, FieldDef, Path, Shape
from spec_lang.types import OptionalOf, RecordOf, bare

MOST = 4
"""Defects of one field of a row that are told beside the first."""


def together(defects: list[Detail]) -> Detail:
    """The first defect, with the others named behind it."""
    first, *others = defects
    if not others:
        return first
    told = [f"{one.path} {one.message or f'expected {one.expected}'}" for one in others[:MOST]]
    more = "; and more" if len(others) > MOST else ""
    return replace(first, message=f"{first.message or f'expected {first.expected}'}; also {'; '.join(told)}{more}")


class WellFormed(Marks):
    """A byte per row, and the defects of each of the first rows that have some.

    Good rows are told by a quick test; only the others are looked at closely.
    """

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.steps = steps_of(use.call)
        self.look: Look | None = None

    def add(self, batch: Batch) -> None:
        look = self.look or self._begin(batch.table)
        accept, read = look.accept, look.read
        for row in batch.rows:
            try:
                owner = read(row)
            except GroupMissing:
                self.put(None)
                continue
            if owner is None or accept(owner):
                self.put(True)
            else:
                defects = list(islice(look.defects(owner), MOST + 2 if self.room() else 1))
                self.put(not defects, together(defects) if defects else None)

    def _begin(self, table: str) -> Look:
        """The first batch says whose rows these are."""
        others = fields_of(self.contract, table) - {".".join(self.steps)}
        shape = self.contract.shape(self.contract.table(table).shape)
        self.look = look(shape, self.steps, Checker(self.contract, others.__contains__))
        return self.look


@dataclass(frozen=True, slots=True)
class Look:
    """How one field is judged: `read` finds its owner in a row, `accept` and `defects` judge the field there."""

    read: Callable[[Any], Any]
    accept: Accept
    defects: Callable[[Any], Iterator[Detail]]


def look(shape: Shape, steps: list[str], checker: Checker) -> Look:
    """The whole record where there are no steps."""
    if not steps:
        return Look(lambda row: row, record_acceptor(shape, checker), lambda row: checker.record(row, shape, "$"))
    read, field = reach(shape, steps, checker.contract)
    path = ".".join(steps)
    good, name = acceptor(field, checker, path), field.name

    needed = must_be_there(field)
    return Look(
        read,
        lambda owner: good(owner.get(name)) and (not needed or name in owner),
        lambda owner: checker.field(owner, field, f"$.{path}"),
    )


class GroupMissing(Exception):
    """A required group above the field is missing or is no object; the record's own clause says so."""


def reach(shape: Shape, steps: list[str], contract: Contract) -> tuple[Callable[[Any], Any], FieldDef]:
    """A reader of the object that holds a field (None below an absent optional group), and the field.

    The reader raises GroupMissing.
    """
    groups: list[tuple[str, bool]] = []
    for step in steps[:-1]:
        field = next(one for one in shape.fields if one.name == step)
        groups.append((step, isinstance(field.type, OptionalOf)))
        shape = inner(field, contract)

    def read(row: Any) -> Any:
        owner = row
        for name, optional in groups:
            owner = owner.get(name)
            if owner is None and optional:
                return None
            if not isinstance(owner, dict):
                raise GroupMissing
        return owner

    return read, next(one for one in shape.fields if one.name == steps[-1])


def inner(field: FieldDef, contract: Contract) -> Shape:
    """The shape below a group."""
    type_ = bare(field.type)
    if not isinstance(type_, RecordOf):
        raise TypeError(f"`{field.name}` has no fields of its own")
    return contract.shape(type_.name)


def steps_of(call: Call) -> list[str]:
    """The names that lead to the argument `field`; none for the whole record."""
    field = call.arg("field")
    if isinstance(field, Path):
        return list(field.steps)
    return [step for step in call.word("field").split(".") if step]


def fields_of(contract: Contract, table: str) -> set[str]:
    """The fields of a table that have a clause of their own."""
    return {
        ".".join(steps_of(call))
        for clause in contract.clauses
        if clause.table == table and clause.mark is not None
        for call in walk(clause.mark)
        if isinstance(call, Call) and call.measure == "well_formed"
    }


MEASURE = RowMark(WellFormed)
