"""A type to the fields that stand behind a dot: those of records, and of the built-in types that have some."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from spec_lang.contract import FieldDef, Shape
from spec_lang.currencies import decimals
from spec_lang.types import (
    TEXT,
    Enum,
    File,
    JsonOf,
    Money,
    OptionalOf,
    Quantity,
    RecordOf,
    Scalar,
    Type,
    bare,
)  # fmt: skip

FILE = Shape(
    name="File",
    fields=(
        FieldDef(name="path", type=TEXT, low="1", unit="chars"),
        FieldDef(name="sha256", type=Scalar(name="Sha256")),
        FieldDef(name="size", type=Quantity(unit="bytes"), low="0"),
        FieldDef(name="media_type", type=TEXT, low="1", unit="chars"),
    ),
)
"""What a `File` value states about a file of the delivery."""

MONEY = Shape(name="Money", fields=(FieldDef(name="amount", type=TEXT), FieldDef(name="currency", type=TEXT)))
"""How a `Money` value is delivered. Expressions see `money_shape`: an amount has no meaning without its currency."""


@cache
def money_shape(currencies: tuple[str, ...]) -> Shape:
    """What stands behind the dot of a Money in several currencies: `currency`, and `EUR` for the amount if in EUR."""
    codes = currencies or tuple(decimals())
    words: Type = Enum(members=currencies) if currencies else TEXT
    amounts = (FieldDef(name=code, type=OptionalOf(item=Quantity(unit=code))) for code in codes)
    return Shape(name="Money", fields=(FieldDef(name="currency", type=words), *amounts))


def shape_of(type_: Type, find: Callable[[str], Shape]) -> Shape | None:
    """The fields that a value of this type has behind a dot; None if it has none."""
    match bare(type_):
        case RecordOf(name=name) | JsonOf(name=name):
            return find(name)
        case File():
            return FILE
        case Money(currencies=currencies) if len(currencies) != 1:
            return money_shape(currencies)
        case _:
            return None
