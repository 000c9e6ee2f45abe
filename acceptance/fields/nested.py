"""A delivered value and its type to the values inside it that are of a wanted type, with their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from acceptance.fields.defects import DEEPEST
from acceptance.tables import Malformed
from acceptance.values import jsontext
from spec_lang.contract import Contract, FieldDef, Shape
from spec_lang.nesting import inside
from spec_lang.types import JsonOf, ListOf, OptionalOf, RecordOf, Type, bare

Wanted = Callable[[Type], bool]
Found = Iterator[tuple[str, Any, Type]]
"""(path, value, type). A container that is not of its type, or lies too deep, is given with its own type: nothing is
known of what it should hold, and its type clause says so. An absent optional value is left out, one that is needed is
None."""


class Nested:
    """Finds values under one contract; whatever cannot hold one is not looked into."""

    def __init__(self, contract: Contract, wanted: Wanted) -> None:
        self.contract = contract
        self.wanted = wanted
        self.may_hold = cache(self._may_hold)

    def _may_hold(self, type_: Type) -> bool:
        return any(self.wanted(one) for _, one in inside(type_, self.contract.shape))

    def within(self, value: Any, type_: Type, path: str, depth: int = 0) -> Found:
        """Those in a value, in the order in which they stand there. Texts of JSON may go deeper than a line may."""
        if not self.may_hold(type_) or (value is None and isinstance(type_, OptionalOf)):
            return
        match bare(type_):
            case other if depth > DEEPEST:
                yield path, value, other
            case RecordOf(name=name) if isinstance(value, dict):
                yield from self._fields(value, self.contract.shape(name), path, depth)
            case JsonOf(name=name) if (held := _held(value)) is not None:
                yield from self._fields(held, self.contract.shape(name), path, depth)
            case ListOf(item=item) if isinstance(value, list):
                for position, entry in enumerate(value):
                    yield from self.within(entry, item, f"{path}[{position}]", depth + 1)
            case other:
                yield path, value, other

    def _fields(self, owner: dict[str, Any], shape: Shape, path: str, depth: int) -> Found:
        for field in shape.fields:
            if _stands(field, shape, owner) and not (owner.get(field.name) is None and field.default is not None):
                yield from self.within(owner.get(field.name), field.type, f"{path}.{field.name}", depth + 1)


def _stands(field: FieldDef, shape: Shape, owner: dict[str, Any]) -> bool:
    """Whether the field belongs to this case of a union."""
    return not field.cases or owner.get(shape.tag or "") in field.cases


def _held(value: Any) -> dict[str, Any] | None:
    """The object in a text of JSON; None for anything else."""
    try:
        held = jsontext.parse(value) if isinstance(value, str) else None
    except Malformed:
        return None
    return held if isinstance(held, dict) else None
