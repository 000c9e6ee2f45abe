"""What a value can be: the types of the language, as frozen records that become part of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ScalarName = Literal[
    "Text", "Int", "Number", "Bool", "Date", "Time", "Duration", "Lang", "License", "Url", "Sha256", "Json"
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
)
BUILT_IN: tuple[str, ...] = (*SCALARS, "File", "Money")
"""Every type that a contract may use without declaring it."""

UNITS: tuple[str, ...] = (
    "%",
    "pp",
    "bytes",
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
    "byte": "bytes",
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

COUNTED = ("bytes", "chars", "words", "tokens", "records")
"""Units of which there are only whole ones."""
FIELD_UNITS = (*COUNTED, "seconds", "days", "months", "years")
"""Units that a field may have as its type: a JSON number of them."""
MOST_SHOWN = 40
"""Words of a type that a message shows."""
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
"""Seconds in each unit of elapsed time. Months and years have no fixed length."""


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

    def __hash__(self) -> int:
        """Of a part: each expression about a field carries the field's words, and there may be a thousand."""
        return hash((self.name, len(self.members), self.members[:1]))


class Quantity(Node):
    """A number with a unit: `30%`, `4_096 tokens`. Two quantities compare only in the same unit."""

    kind: Literal["quantity"] = "quantity"
    unit: str


class Money(Node):
    """An amount with its currency. With one currency it is read as a quantity of it; without any, all are allowed."""

    kind: Literal["money"] = "money"
    currencies: tuple[str, ...] = ()


class File(Node):
    """A file of the delivery. `media` are media types, `image/png` or `image/*`; without any, all are allowed."""

    kind: Literal["file"] = "file"
    media: tuple[str, ...] = ()


class JsonOf(Node):
    """A text that holds one strict JSON object; `name` finds its shape in `Contract.shapes`."""

    kind: Literal["json"] = "json"
    name: str


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
    Scalar | Enum | Quantity | Money | File | JsonOf | ListOf | OptionalOf | RecordOf | Ref | SetOf | Named,
    Field(discriminator="kind"),
]

for _model in (ListOf, OptionalOf, SetOf):
    _model.model_rebuild()

TEXT = Scalar(name="Text")
INT = Scalar(name="Int")
NUMBER = Scalar(name="Number")
BOOL = Scalar(name="Bool")
DATE = Scalar(name="Date")
TIME = Scalar(name="Time")
JSON = Scalar(name="Json")
PERCENT = Quantity(unit="%")


UNKNOWN = RecordOf(name="?")
"""The type of a field whose written type was not understood. That was reported; nothing more is said about it."""


def bare(type_: Type) -> Type:
    """The type without its outer `?`."""
    return type_.item if isinstance(type_, OptionalOf) else type_


def read_as(type_: Type) -> Type:
    """What an expression sees of a field: money in one currency and a duration are quantities."""
    match type_:
        case OptionalOf(item=item):
            return OptionalOf(item=read_as(item))
        case ListOf(item=item):
            return ListOf(item=read_as(item))
        case Money(currencies=(currency,)):
            return Quantity(unit=currency)
        case Scalar(name="Duration"):
            return Quantity(unit="seconds")
        case _:
            return type_


def describe(type_: Type) -> str:
    """The type as a reader would write it: `[Text]`, `Date?`, `easy | hard`, `ref Expert`, `tokens`."""
    match type_:
        case Scalar(name=name) | RecordOf(name=name):
            return name
        case Enum(name=name, members=members):
            return name or _joined(" | ", members)
        case Quantity(unit=unit):
            return _quantity(unit)
        case Money(currencies=currencies):
            return f"Money({', '.join(currencies)})" if currencies else "Money"
        case File(media=media):
            quoted = [f'"{one}"' for one in media]
            return f"File({_joined(', ', quoted)})" if media else "File"
        case JsonOf(name=name):
            return f"Json({name})"
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


def _joined(between: str, words: Sequence[str]) -> str:
    """The words, or the first of very many: a message may say them thousands of times."""
    return between.join(words if len(words) <= MOST_SHOWN else [*words[:MOST_SHOWN], f"{len(words) - MOST_SHOWN} more"])


def _quantity(unit: str) -> str:
    named = {"%": "a share in %", "pp": "points (pp)", "seconds": "a duration"}
    return named.get(unit) or (f"an amount in {unit}" if unit.isupper() else f"a number of {unit}")


def plain(value: Decimal) -> str:
    """A decimal as it is written: no exponent, no trailing zeros, `-0` as `0`."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text


def measured(value: Decimal, unit: str) -> str:
    """A quantity as one says it: `30%`, `12.5 USD`, `1 byte`, and 1800 seconds as `30 minutes`."""
    if unit in ("", "%", "pp"):
        return f"{plain(value)}{unit}"
    if unit == "seconds":
        unit = next((longer for longer in ("hours", "minutes") if value and value % SECONDS[longer] == 0), unit)
        value /= SECONDS[unit]
    singular = next((one for one, many in SINGULAR.items() if many == unit), unit)
    return f"{plain(value)} {singular if value == 1 else unit}"
