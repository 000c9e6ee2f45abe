"""A row and the shape of its record to the texts a model learns from, with their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from acceptance.measures._turns import role
from acceptance.tables import strings
from spec_lang.contract import Contract, Shape
from spec_lang.types import JsonOf, ListOf, RecordOf, Scalar, Type, bare

SPOKEN = ("Text", "Json", "Url")
"""Scalars that hold words of the writer's own; dates, languages, licences, hashes and enums are labels."""
GROUPS = {"all_text": ("input", "target"), "input_text": ("input",), "target_text": ("target",)}


OTHERS = ("system", "user", "tool")
"""Parties of a dialogue whose words are not learned."""


class Texts:
    """The free texts of one kind of record: those of its groups `input` and `target` where it has them, else all.

    Of a dialogue in the target, or in a record without groups, only what the model says is target text.
    """

    def __init__(self, contract: Contract, record: str, fields: str) -> None:
        self.contract = contract
        self.shape = _shape(contract, record)
        groups = GROUPS[fields]
        names = {field.name for field in self.shape.fields} if self.shape else set()
        self.groups = tuple(name for name in groups if name in names)
        self.grouped = bool(names & {"input", "target"})
        self.learned_only = fields == "target_text"

    def __call__(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(path, text) in the order in which the fields are declared."""
        if self.shape is None:
            yield from strings(dict(row))
            return
        for field in self.shape.fields:
            if field.name in row and (field.name in self.groups or not self.grouped):
                yield from self._value(row[field.name], field.type, f"$.{field.name}")

    def _value(self, value: Any, type_: Type, path: str) -> Iterator[tuple[str, str]]:
        type_ = bare(type_)
        if isinstance(type_, RecordOf) and isinstance(value, Mapping):
            for field in self.contract.shape(type_.name).fields:
                if field.name in value:
                    yield from self._value(value[field.name], field.type, f"{path}.{field.name}")
        elif isinstance(type_, ListOf) and isinstance(value, list):
            for position, inner in enumerate(value):
                if not (self.learned_only and isinstance(inner, Mapping) and role(inner) in OTHERS):
                    yield from self._value(inner, type_.item, f"{path}[{position}]")
        elif isinstance(type_, RecordOf | ListOf | JsonOf) or (isinstance(type_, Scalar) and type_.name in SPOKEN):
            yield from strings(value, path)  # also where the value is not of its type


def _shape(contract: Contract, record: str) -> Shape | None:
    """The shape of a record, table or type of this name."""
    name = next((table.shape for table in contract.tables if table.name == record), record)
    return next((shape for shape in contract.shapes if shape.name == name), None)
