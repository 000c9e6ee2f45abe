"""What a value can be: the types of the language, as frozen records that become part of the contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ScalarName = Literal[
    "Text", "Int", "Number", "Bool", "Date", "Time", "Duration", "Lang", "License", "Url", "Sha256", "Json", "File"
]

SCALARS: tuple[str, ...] = (
    "Text",
    "Int",
    "Number",
    "Bool",
    "Date",
    "Time",
    "Duration",
    "Lang",
    "License",
    "Url",
    "Sha256",
    "Json",
    "File",
)

UNITS: tuple[str, ...] = (
    "%",
    "pp",
    "chars",
    "words",
    "tokens",
    "records",
    "lots",
    "clusters",
    "rounds",
    "years",
    "months",
    "days",
    "hours",
    "minutes",
    "seconds",
)

SINGULAR: dict[str, str] = {
    "char": "chars",
    "word": "words",
    "token": "tokens",
    "record": "records",
    "lot": "lots",
    "cluster": "clusters",
    "round": "rounds",
    "year": "years",
    "month": "months",
    "day": "days",
    "hour": "hours",
    "minute": "minutes",
    "second": "seconds",
}
"""A unit may be written in the singular (`1 day`); the canonical form is the plural."""


class Node(BaseModel):
    """Everything in a contract: immutable, closed, compared by value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scalar(Node):
    """A built-in type, such as `Text` or `Date`."""

    kind: Literal["scalar"] = "scalar"
    name: ScalarName


class Enum(Node):
    """A closed list of words. `name` is empty for one written in place (`easy | hard`)."""

    kind: Literal["enum"] = "enum"
    name: str = ""
    members: tuple[str, ...]


class Quantity(Node):
    """A number with a unit: `30%`, `4_096 tokens`. Two quantities compare only in the same unit."""

    kind: Literal["quantity"] = "quantity"
    unit: str


class ListOf(Node):
    """Zero or more values of one type."""

    kind: Literal["list"] = "list"
    item: Type


class OptionalOf(Node):
    """A value that may be absent. An absent value satisfies no comparison."""

    kind: Literal["optional"] = "optional"
    item: Type


class RecordOf(Node):
    """A nested record; `name` finds its shape in `Contract.shapes`."""

    kind: Literal["record"] = "record"
    name: str


class Ref(Node):
    """The key of a row in another table."""

    kind: Literal["ref"] = "ref"
    table: str


class SetOf(Node):
    """A set written in the contract: `{ "MIT", "Apache-2.0" }`."""

    kind: Literal["set"] = "set"
    item: Type


class Named(Node):
    """A thing the contract declares, passed to a measure by name: a recipe, a held-out set, a reference."""

    kind: Literal["named"] = "named"
    what: Literal["recipe", "heldout", "reference", "word"]


Type = Annotated[
    Scalar | Enum | Quantity | ListOf | OptionalOf | RecordOf | Ref | SetOf | Named, Field(discriminator="kind")
]

for _model in (ListOf, OptionalOf, SetOf):
    _model.model_rebuild()

TEXT = Scalar(name="Text")
INT = Scalar(name="Int")
NUMBER = Scalar(name="Number")
BOOL = Scalar(name="Bool")
DATE = Scalar(name="Date")
PERCENT = Quantity(unit="%")


UNKNOWN = RecordOf(name="?")
"""The type of a field whose written type was not understood. That was reported; nothing more is said about it."""


def bare(type_: Type) -> Type:
    """The type without its outer `?`."""
    return type_.item if isinstance(type_, OptionalOf) else type_


def describe(type_: Type) -> str:
    """The type as a reader would write it: `[Text]`, `Date?`, `easy | hard`, `ref Expert`, `tokens`."""
    match type_:
        case Scalar(name=name) | RecordOf(name=name):
            return name
        case Enum(name=name, members=members):
            return name or " | ".join(members)
        case Quantity(unit=unit):
            return "a share in %" if unit == "%" else "points (pp)" if unit == "pp" else f"a number of {unit}"
        case ListOf(item=item):
            return f"[{describe(item)}]"
        case OptionalOf(item=item):
            return f"{describe(item)}?"
        case Ref(table=table):
            return f"ref {table}"
        case SetOf(item=item):
            return f"a set of {describe(item)}"
        case Named(what=what):
            return f"the name of a {what}" if what != "word" else "a word"


def plain(value: Decimal) -> str:
    """A decimal as it is written: no exponent, no trailing zeros, `-0` as `0`."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text
