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
from acceptance.tables import Batch, Detail, Row
from acceptance.values.parts import walk
from spec_lang.contract import Call, Contract, FieldDef, Path, Shape
from spec_lang.types import OptionalOf, RecordOf, bare

MOST = 4
"""Defects of one field of a row that are told beside the first."""

SOUND = "well_formed"
"""Where a batch keeps which of its rows are good as a whole."""


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

    Good rows are told by a quick test; only the others are looked at closely. In most deliveries nearly every row is
    good as a whole: that is found out once per batch, for the clauses of all its fields.
    """

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.steps = steps_of(use.call)
        self.look: Look | None = None
        self.whole: Accept | None = None

    def add(self, batch: Batch) -> None:
        look = self.look or self._begin(batch.table)
        if SOUND not in batch.cache:
            self.whole = self.whole or record_acceptor(self._shape(batch.table), Checker(self.contract))
            batch.cache[SOUND] = [self.whole(row) for row in batch.rows]
        sound: list[bool] = batch.cache[SOUND]
        if not look.alone and all(sound):
            self.put_all(True, len(batch))
            return
        for row, good in zip(batch.rows, sound, strict=True):
            if good and not look.alone:
                self.put(True)
            else:
                self._judge(row, look)

    def _judge(self, row: Row, look: Look) -> None:
        try:
            owner = look.read(row)
        except GroupMissing:
            self.put(None)
            return
        if owner is None or look.accept(owner):
            self.put(True)
        elif self.room():
            defects = list(islice(look.defects(owner), MOST + 2))
            self.put(not defects, together(defects) if defects else None)
        else:
            self.put(False)  # looking for the word that was meant may take longer than all else about a row

    def _begin(self, table: str) -> Look:
        """The first batch says whose rows these are."""
        others = fields_of(self.contract, table) - {".".join(self.steps)}
        self.look = look(self._shape(table), self.steps, Checker(self.contract, frozenset(others)))
        return self.look

    def _shape(self, table: str) -> Shape:
        return self.contract.shape(self.contract.table(table).shape)


@dataclass(frozen=True, slots=True)
class Look:
    """How one field is judged: `read` finds its owner in a row, `accept` and `defects` judge the field there."""

    read: Callable[[Any], Any]
    accept: Accept
    defects: Callable[[Any], Iterator[Detail]]
    alone: bool = False
    """Whether the field belongs to some cases of a union, so that it may be at fault in a record that is not."""


def look(shape: Shape, steps: list[str], checker: Checker) -> Look:
    """The whole record where there are no steps."""
    if not steps:
        return Look(lambda row: row, record_acceptor(shape, checker), lambda row: checker.record(row, shape, "$"))
    read, field = reach(shape, steps, checker.contract)
    alone = any(one.cases for one in along(shape, steps, checker.contract))
    path = ".".join(steps)
    good, name = acceptor(field, checker, path), field.name

    needed = must_be_there(field)
    return Look(
        read,
        lambda owner: good(owner.get(name)) and (not needed or name in owner),
        lambda owner: checker.field(owner, field, f"$.{path}"),
        alone,
    )


class GroupMissing(Exception):
    """A required group above the field is missing or is no object; the record's own clause says so."""


def reach(shape: Shape, steps: list[str], contract: Contract) -> tuple[Callable[[Any], Any], FieldDef]:
    """A reader of the object that holds a field (None below an absent optional group), and the field.

    The reader raises GroupMissing.
    """
    *above, field = along(shape, steps, contract)
    groups = [(one.name, isinstance(one.type, OptionalOf)) for one in above]

    def read(row: Any) -> Any:
        owner = row
        for name, optional in groups:
            owner = owner.get(name)
            if owner is None and optional:
                return None
            if not isinstance(owner, dict):
                raise GroupMissing
        return owner

    return read, field


def along(shape: Shape, steps: list[str], contract: Contract) -> list[FieldDef]:
    """The groups above a field, then the field."""
    fields = list[FieldDef]()
    for step in steps:
        owner = inner(fields[-1], contract) if fields else shape
        fields.append(next(one for one in owner.fields if one.name == step))
    return fields


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
