"""A row and the shape of its record to the texts a model learns from, with their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acceptance.measures._turns import role
from acceptance.tables import strings
from spec_lang.contract import Contract, FieldDef, Shape
from spec_lang.types import JsonOf, ListOf, RecordOf, Scalar, Type, bare

SPOKEN = ("Text", "Json", "Url")
"""Scalars that hold words of the writer's own; dates, languages, licences, hashes and enums are labels."""
GROUPS = {"all_text": ("input", "target"), "input_text": ("input",), "target_text": ("target",)}


OTHERS = ("system", "user", "tool")
"""Parties of a dialogue whose words are not learned."""


Found = list[tuple[str, str]]
Collect = Callable[[Any, str, Found], None]
"""Adds the texts of a value, which stands at a path."""


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
        self.records: dict[str, Collect] = {}
        self.collect = self._whole(self.shape) if self.shape else _all

    def __call__(self, row: Mapping[str, Any]) -> Found:
        """(path, text) in the order in which the fields are declared."""
        found: Found = []
        self.collect(row, "$", found)
        return found

    def _whole(self, shape: Shape) -> Collect:
        chosen = [field for field in shape.fields if field.name in self.groups or not self.grouped]
        return self._fields(chosen)

    def _fields(self, fields: Sequence[FieldDef]) -> Collect:
        """Reads those of the fields that may hold free text."""
        collectors = [(field.name, collect) for field in fields if (collect := self._value(field.type)) is not None]

        def read(value: Any, path: str, found: Found) -> None:
            for name, collect in collectors:
                if name in value:
                    collect(value[name], f"{path}.{name}", found)

        return read

    def _value(self, type_: Type) -> Collect | None:
        type_ = bare(type_)
        if isinstance(type_, RecordOf):
            return self._record(type_.name)
        if isinstance(type_, ListOf):
            return self._list(self._value(type_.item))
        return _all if isinstance(type_, JsonOf) or (isinstance(type_, Scalar) and type_.name in SPOKEN) else None

    def _record(self, name: str) -> Collect:
        """Made when first needed, since a type may hold itself."""

        def read(value: Any, path: str, found: Found) -> None:
            if not isinstance(value, (dict, Mapping)):
                _all(value, path, found)  # also where the value is not of its type
                return
            if name not in self.records:
                self.records[name] = self._fields(self.contract.shape(name).fields)
            self.records[name](value, path, found)

        return read

    def _list(self, item: Collect | None) -> Collect:
        def read(value: Any, path: str, found: Found) -> None:
            if not isinstance(value, list):
                _all(value, path, found)
                return
            for position, inner in enumerate(value if item else ()):
                if item and not (self.learned_only and isinstance(inner, (dict, Mapping)) and role(inner) in OTHERS):
                    item(inner, f"{path}[{position}]", found)

        return read


def _all(value: Any, path: str, found: Found) -> None:
    if isinstance(value, str):
        found.append((path, value))
    else:
        found += strings(value, path)


def _shape(contract: Contract, record: str) -> Shape | None:
    """The shape of a record, table or type of this name."""
    name = next((table.shape for table in contract.tables if table.name == record), record)
    return next((shape for shape in contract.shapes if shape.name == name), None)
