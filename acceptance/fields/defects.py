"""A declared field and a delivered value to every defect of the value, each with its exact path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from acceptance.fields.constraints import (
    SHOWN,
    admitted,
    bounded,
    constrained,
    expected,
    mistyped,
    one_of,
    outside,
    shown,
    unknown,
    words_of,
    wrong,
)  # fmt: skip
from acceptance.tables import Detail, Malformed
from acceptance.values import jsontext
from spec_lang.contract import Contract, FieldDef, Shape
from spec_lang.currencies import AMOUNT, counted, decimals, too_fine
from spec_lang.dotted import FILE, MONEY
from spec_lang.types import (
    JSON,
    Enum,
    File,
    JsonOf,
    ListOf,
    Money,
    OptionalOf,
    RecordOf,
    Type,
    bare,
    describe,
)  # fmt: skip

Defects = Iterator[Detail]
Made = TypeVar("Made")

DEEPEST = 60
"""Levels below which a value is not looked at; the reader refuses such lines anyway."""


@dataclass(frozen=True, slots=True)
class Checker:
    """Finds the defects of values under one contract."""

    contract: Contract
    covered: frozenset[str] = frozenset()
    """Paths without positions (`input.request`) of the fields that other clauses look after."""
    made: dict[Any, Any] = field(default_factory=dict, compare=False)
    """Quick tests, each by what it tests: a delivery may nest values in more ways than there is memory for tests."""

    def uncovered(self) -> Checker:
        """One that looks after every field, with the same quick tests."""
        return replace(self, covered=frozenset())

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """What was made under this key, now or before."""
        if key not in self.made:
            self.made[key] = make()
        found: Made = self.made[key]
        return found

    def record(self, value: Any, shape: Shape, path: str, depth: int = 0) -> Defects:
        """Defects of an object: keys nobody declared, then each declared field."""
        if not isinstance(value, dict):
            advice = "write it as {...}" + (", not as a text" if isinstance(value, str) else "")
            yield wrong(path, f"an object ({shape.name})", value, "is not an object", advice)
            return
        names = [one.name for one in shape.fields]
        for key in value:
            if key not in names:
                yield unknown(path, key, names, value, self.once(("groups", shape.name), lambda: self._groups(shape)))
        case = value.get(shape.tag) if shape.tag is not None else None
        for one in shape.fields:
            inner = f"{path}.{one.name}"
            if inner.removeprefix("$.") in self.covered:
                continue
            if not one.cases or case in one.cases:
                yield from self.field(value, one, inner, depth + 1)
            elif value.get(one.name) is not None and case in words_of(shape):
                message = f"belongs to {' and '.join(one.cases)}; this {shape.name} is another case"
                yield wrong(
                    inner, "no such field here", value[one.name], message, f"remove it, or correct `{shape.tag}`"
                )

    def _groups(self, shape: Shape) -> dict[str, str]:
        """The fields of the shape's groups, each with its group."""
        groups = ((one.name, bare(one.type)) for one in reversed(shape.fields))
        return {
            inner.name: name
            for name, type_ in groups
            if isinstance(type_, RecordOf)
            for inner in self.contract.shape(type_.name).fields
        }

    def field(self, owner: Mapping[str, Any], one: FieldDef, path: str, depth: int = 0) -> Defects:
        """Defects of one field of an object; a null stands for an absent value."""
        value = owner.get(one.name)
        if value is None and not (one.name in owner and bare(one.type) == JSON):
            if one.default is None and not isinstance(one.type, OptionalOf):
                given, found = ("is null", "null") if one.name in owner else ("is missing", "")
                kind = bare(one.type)
                advice = one_of(kind.members) if found and isinstance(kind, Enum) else "add the field"
                yield Detail(path, describe(one.type), found, given, advice)
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
            case File(media=media):
                yield from self.file(value, media, one, path)
            case Money() as money:
                yield from self.money(value, money, one, path)
            case JsonOf(name=name):
                yield from self.json(value, name, path, depth)
            case other:
                fault = mistyped(value, other)
                if fault:
                    yield Detail(path, expected(other), shown(value), *fault)
                elif one is not None:
                    yield from constrained(value, one, path)

    def file(self, value: Any, media: tuple[str, ...], one: FieldDef | None, path: str) -> Defects:
        """Defects of a File: its four facts, a path that stays inside the delivery, its media type and size."""
        defects = list(self.record(value, FILE, path))
        yield from defects
        if defects:
            return
        if outside(value["path"]):
            message = "leaves the delivery or is not a plain relative path"
            yield wrong(f"{path}.path", "a path in the delivery", value["path"], message, "write it relative, with `/`")
        if not admitted(value["media_type"], media):
            message = "is no media type that the contract takes" if media else "is not a media type"
            wanted = " | ".join(media) or "type/subtype"
            yield wrong(f"{path}.media_type", wanted, value["media_type"], message)
        if one is not None:
            yield from bounded(value["size"], one, f"{path}.size", "is", "", value["size"])

    def money(self, value: Any, type_: Money, one: FieldDef | None, path: str) -> Defects:
        """Defects of a Money: its amount, a text of digits, and a currency that the contract takes."""
        defects = list(self.record(value, MONEY, path))
        yield from defects
        if defects:
            return
        known = type_.currencies or tuple(decimals())
        currency = value["currency"]
        if currency not in known:
            close = get_close_matches(currency[:SHOWN].upper(), known, 1)
            advice = f'did you mean "{close[0]}"?' if close else "use the three letters of ISO 4217"
            wanted = " | ".join(type_.currencies) or "a currency"
            yield wrong(f"{path}.currency", wanted, currency, "is no currency that the contract takes", advice)
        elif not AMOUNT.fullmatch(value["amount"]):
            message = "is not an amount"
            yield wrong(f"{path}.amount", "digits", value["amount"], message, 'write it as "1250.00"')
        elif too_fine(Decimal(value["amount"]), currency):
            message = f"cannot be paid: {counted(currency)}"
            yield wrong(f"{path}.amount", counted(currency), value["amount"], message, "round it")
        elif one is not None:
            yield from constrained(value, one, path)

    def json(self, value: Any, name: str, path: str, depth: int) -> Defects:
        """Defects of a text that holds an object, and of the object in it."""
        if not isinstance(value, str):
            yield wrong(path, f"a text that holds {name}", value, "is not a text", "write the object as JSON in a text")
            return
        try:
            held = jsontext.parse(value)
        except Malformed:
            message = "holds no strict JSON value"
            yield wrong(path, f"JSON of {name}", value, message, "no key twice, no NaN, nothing around the object")
            return
        yield from self.record(held, self.contract.shape(name), path, depth)

    def _list(self, value: Any, item: Type, one: FieldDef | None, path: str, depth: int) -> Defects:
        if not isinstance(value, list):
            yield wrong(path, "a list", value, "is not a list", "put the value in [ ]")
            return
        if one is not None:
            yield from bounded(len(value), one, path, "has", "entries")
        for position, entry in enumerate(value):
            if not (entry is None and isinstance(item, OptionalOf)):
                yield from self.value(entry, item, one.entries if one else None, f"{path}[{position}]", depth + 1)
