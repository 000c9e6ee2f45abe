"""Whether a field of each row is as the contract declares it: there, of its type, within its pattern and bounds.

A clause looks at everything at and below its field but what a longer clause names; the field "" is the whole record.
So each defect is found once, by the clause whose name is nearest to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from acceptance.fields import Checker
from acceptance.measures._marks import Marks
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Detail
from acceptance.wording import walk
from spec_lang.contract import Call, Contract, FieldDef, Path, Shape
from spec_lang.types import OptionalOf, RecordOf, bare


class WellFormed(Marks):
    """A byte per row, and the first defect of each of the first rows that have one."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.steps = steps_of(use.call)
        self.checker = Checker(self.contract)
        self.shape: Shape | None = None

    def add(self, batch: Batch) -> None:
        shape = self.shape or self._begin(batch.table)
        for row in batch.rows:
            try:
                defect = next(self._defects(row, shape), None)
            except GroupMissing:
                self.put(None)
            else:
                self.put(defect is None, defect)

    def _begin(self, table: str) -> Shape:
        """The first batch says whose rows these are."""
        others = fields_of(self.contract, table) - {".".join(self.steps)}
        self.checker = Checker(self.contract, others.__contains__)
        self.shape = self.contract.shape(self.contract.table(table).shape)
        return self.shape

    def _defects(self, row: Mapping[str, Any], shape: Shape) -> Iterator[Detail]:
        if not self.steps:
            return self.checker.record(row, shape, "$")
        owner, field = reach(row, shape, self.steps, self.contract)
        if owner is None:
            return iter(())
        return self.checker.field(owner, field, "$." + ".".join(self.steps))


class GroupMissing(Exception):
    """A required group above the field is missing or is no object; the record's own clause says so."""


def reach(
    row: Mapping[str, Any], shape: Shape, steps: list[str], contract: Contract
) -> tuple[Mapping[str, Any] | None, FieldDef]:
    """The object that holds a field and the field's declaration; None below an absent optional group."""
    owner: Any = row
    for position, step in enumerate(steps):
        field = next(one for one in shape.fields if one.name == step)
        if position == len(steps) - 1:
            break
        owner, shape = owner.get(step), inner(field, contract)
        if owner is None and isinstance(field.type, OptionalOf):
            return None, field
        if not isinstance(owner, Mapping):
            raise GroupMissing
    return owner, field


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
