"""A declared field and a delivered value to every defect of the value, each with its exact path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.fields.constraints import bounded, constrained, expected, mistyped, outside, shown, unknown, wrong
from acceptance.tables import Detail
from spec_lang.contract import Contract, FieldDef, Shape
from spec_lang.types import (
    INT,
    TEXT,
    ListOf,
    OptionalOf,
    RecordOf,
    Scalar,
    Type,
    bare,
    describe,
)  # fmt: skip

Defects = Iterator[Detail]
Covered = Callable[[str], bool]
"""Whether another clause looks after the field at a path without positions (`input.request`)."""

DEEPEST = 60
"""Levels below which a value is not looked at; the reader refuses such lines anyway."""
FILE = Shape(
    name="File",
    fields=(
        FieldDef(name="path", type=TEXT, low="1", unit="chars"),
        FieldDef(name="sha256", type=Scalar(name="Sha256")),
        FieldDef(name="bytes", type=INT, low="0"),
        FieldDef(name="media", type=TEXT, low="1", unit="chars"),
    ),
)
"""What a `File` value states about a file of the delivery."""


def nobody(path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Checker:
    """Finds the defects of values under one contract."""

    contract: Contract
    covered: Covered = nobody

    def record(self, value: Any, shape: Shape, path: str, depth: int = 0) -> Defects:
        """Defects of an object: keys nobody declared, then each declared field."""
        if not isinstance(value, dict):
            yield wrong(path, f"an object ({shape.name})", value, "is not an object")
            return
        names = [one.name for one in shape.fields]
        for key in value:
            if key not in names:
                yield unknown(path, key, names, value)
        for one in shape.fields:
            inner = f"{path}.{one.name}"
            if not self.covered(inner.removeprefix("$.")):
                yield from self.field(value, one, inner, depth + 1)

    def field(self, owner: Mapping[str, Any], one: FieldDef, path: str, depth: int = 0) -> Defects:
        """Defects of one field of an object; a null stands for an absent value."""
        value = owner.get(one.name)
        if value is None and not (one.name in owner and bare(one.type) == Scalar(name="Json")):
            if one.default is None and not isinstance(one.type, OptionalOf):
                given = "is null" if one.name in owner else "is missing"
                yield Detail(path, describe(one.type), "null" if one.name in owner else "", given, "add the field")
            return
        yield from self.value(value, one.type, one, path, depth)

    def value(self, value: Any, type_: Type, one: FieldDef | None, path: str, depth: int) -> Defects:
        """Defects of a value of a type; `one` adds the pattern and bounds of the field itself."""
        if depth > DEEPEST:
            yield Detail(path, "fewer levels", "", "is nested too deep", "flatten the value")
            return
        match bare(type_):
            case RecordOf(name=name):
                yield from self.record(value, self.contract.shape(name), path, depth)
            case ListOf(item=item):
                yield from self._list(value, item, one, path, depth)
            case Scalar(name="File"):
                yield from self.file(value, path)
            case other:
                fault = mistyped(value, other)
                if fault:
                    yield Detail(path, expected(other), shown(value), *fault)
                elif one is not None:
                    yield from constrained(value, one, path)

    def file(self, value: Any, path: str) -> Defects:
        """Defects of a File: its four facts, and a path that stays inside the delivery."""
        defects = list(self.record(value, FILE, path))
        yield from defects
        if not defects and outside(value["path"]):
            message = "leaves the delivery or is not a plain relative path"
            yield wrong(f"{path}.path", "a path in the delivery", value["path"], message, "write it relative, with `/`")

    def _list(self, value: Any, item: Type, one: FieldDef | None, path: str, depth: int) -> Defects:
        if not isinstance(value, list):
            yield wrong(path, "a list", value, "is not a list", "put the value in [ ]")
            return
        if one is not None:
            yield from bounded(len(value), one, path, "has", "entries")
        for position, entry in enumerate(value):
            if not (entry is None and isinstance(item, OptionalOf)):
                yield from self.value(entry, item, None, f"{path}[{position}]", depth + 1)
