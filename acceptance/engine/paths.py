"""A path of the contract to the steps that follow it in a row: keys, defaults, and joins through a `ref`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.tables import ABSENT, Malformed, Row
from acceptance.values import scalar
from spec_lang.contract import Contract, FieldDef, Path, Shape
from spec_lang.dotted import shape_of
from spec_lang.types import JSON, JsonOf, OptionalOf, RecordOf, Type, bare

Rows = Callable[[str], Mapping[Any, Row]]
"""Table name -> its rows by key."""
Step = Callable[[Any], Any]


def steps_of(
    path: Path, contract: Contract, roots: Mapping[str, Type], rows: Rows
) -> tuple[list[Step], scalar.Convert]:
    """One function per step, and the conversion of what the last one finds."""
    type_: Type | None = roots.get(path.root)
    steps: list[Step] = []
    for position, name in enumerate(path.steps):
        if name.startswith("->"):
            table = contract.table(name[2:])
            steps.append(_join(rows(table.name)))
            type_ = RecordOf(name=table.shape)
            continue
        owner = type_
        if position and isinstance(bare(owner) if owner else None, JsonOf):
            steps.append(scalar.held)
        shape = shape_of(owner, contract.shape) if owner else None
        declared = next((one for one in shape.fields if one.name == name), None) if shape else None
        steps.append(_step(name, declared, shape, isinstance(path.type, OptionalOf)))
        type_ = declared.type if declared else None
    if not steps and path.root != "row":
        return steps, scalar.anything  # an entry was converted with its list
    return steps, scalar.converter(type_ or path.type)


def _step(name: str, declared: FieldDef | None, shape: Shape | None, optional: bool) -> Step:
    read = _key(name, declared, optional)
    if declared is None or shape is None:
        return read
    if shape.name == "Money" and name != "currency":
        return lambda value: scalar.paid(value, name)
    return _in_case(read, shape.tag, declared.cases) if shape.tag is not None and declared.cases else read


def _in_case(read: Step, tag: str, cases: tuple[str, ...]) -> Step:
    """A field of some cases of a union is absent in the others."""
    return lambda value: read(value) if scalar.mapping(value).get(tag) in cases else ABSENT


def _key(name: str, declared: FieldDef | None, optional: bool) -> Key:
    missing = _missing(declared, optional)
    return Key(name, missing, declared is not None and bare(declared.type) == JSON and missing is None)


@dataclass(frozen=True, slots=True)
class Key:
    """The value of a key, or what stands for it where it is absent."""

    name: str
    missing: Any
    """None where it may not be absent."""
    nullable: bool

    def __call__(self, value: Any) -> Any:
        """Raises Malformed."""
        if not isinstance(value, dict):
            raise Malformed
        found = value.get(self.name)
        if found is not None or (self.nullable and self.name in value):
            return found
        if self.missing is None:
            raise Malformed
        return self.missing


def _missing(declared: FieldDef | None, optional: bool) -> Any:
    """What an absent field reads as: its default, ABSENT if it may be absent, else None for "malformed"."""
    if declared is None:
        return ABSENT if optional else None
    if declared.default is not None:
        return _plain(scalar.literal(declared.default, declared.type))
    return ABSENT if isinstance(declared.type, OptionalOf) else None


def _plain(value: Any) -> Any:
    """A default passes through the same conversion as a delivered value, so dates go back to text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _join(rows: Mapping[Any, Row]) -> Step:
    def step(value: Any) -> Any:
        row = rows.get(scalar.key(value))
        if row is None:
            raise Malformed
        return row

    return step
