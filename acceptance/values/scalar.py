"""Delivered JSON values to exact Python values: what a declared type reads, and how two values compare.

Numbers stay exact: a JSON float becomes the `Decimal` of its shortest text, so nothing is rounded at an edge.
"""

from __future__ import annotations

import calendar
import datetime
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from acceptance.tables import ABSENT, Malformed
from acceptance.values import jsontext
from spec_lang import formats
from spec_lang.currencies import AMOUNT, too_fine
from spec_lang.types import (
    Enum,
    File,
    JsonOf,
    ListOf,
    Money,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    Scalar,
    Type,
    bare,
)  # fmt: skip

_T = TypeVar("_T")
Convert = Callable[[Any], Any]
Exact = int | Decimal | Fraction

WIDEST = 400
"""Decimal digits beyond which a number is refused: exact arithmetic on `1e999999999` would never end."""


def number(value: Any) -> Exact:
    """A JSON number as an exact value. Raises Malformed for anything else, booleans and infinities included."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        raise Malformed
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > WIDEST):
        raise Malformed
    exact: Exact = value
    return exact


def date(value: Any) -> datetime.date:
    """`2026-12-01` and no other spelling."""
    return _parsed(formats.day, value)


def time(value: Any) -> datetime.datetime:
    """An RFC 3339 time with its zone, so that two of them compare."""
    return _parsed(formats.moment, value)


def duration(value: Any) -> Decimal:
    """Seconds."""
    return _parsed(formats.seconds, value)


def _parsed(parse: Callable[[str], _T | None], value: Any) -> _T:
    found = parse(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed
    return found


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed
    return value


def integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed
    return value


def key(value: Any) -> str | int:
    """The value of a `ref` or of the key it names."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Malformed
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Malformed
    return value


def anything(value: Any) -> Any:
    return value


_SCALARS: dict[str, Convert] = {
    "Int": integer,
    "Number": number,
    "Bool": truth,
    "Date": date,
    "Time": time,
    "Duration": duration,
    "Json": anything,
}


def amount(value: Any, currency: str) -> Decimal:
    """A decimal text that can be paid in the currency: `"12.50"`. A JSON number is none: readers round it."""
    if not isinstance(value, str) or not AMOUNT.fullmatch(value) or too_fine(Decimal(value), currency):
        raise Malformed
    return Decimal(value)


def paid(value: Any, currency: str) -> Any:
    """The amount of a Money in one of its currencies; absent where it is in another."""
    if mapping(value).get("currency") != currency:
        return ABSENT
    return amount(value.get("amount"), currency)


def _money(currency: str) -> Convert:
    def convert(value: Any) -> Decimal:
        found = paid(value, currency)
        if found is ABSENT:
            raise Malformed
        return Decimal(found)

    return convert


def held(value: Any) -> dict[str, Any]:
    """The object inside a text that holds JSON."""
    found = jsontext.parse(text(value))
    if not isinstance(found, dict):
        raise Malformed
    return found


def converter(type_: Type) -> Convert:
    """A function from a JSON value to an exact value of `type_`. It raises Malformed for a value of another type."""
    match bare(type_):
        case Scalar(name=name):
            return _SCALARS.get(name, text)
        case Enum(members=members):
            return _word(frozenset(members))
        case Quantity():
            return number
        case Ref():
            return key
        case Money(currencies=(currency,)):
            return _money(currency)
        case RecordOf() | File() | Money():
            return mapping
        case JsonOf():
            return held
        case ListOf(item=item):
            return _list(converter(item), isinstance(item, OptionalOf))
        case _:
            return anything


def _word(members: frozenset[str]) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or value not in members:
            raise Malformed
        return value

    return convert


def _list(item: Convert, gaps: bool) -> Convert:
    def convert(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Malformed
        if item is mapping and set(map(type, value)) <= {dict}:
            return value  # as it is: it is read and never changed
        return [ABSENT if gaps and entry is None else item(entry) for entry in value]

    return convert


def literal(value: str | bool, type_: Type) -> Any:
    """The value of a literal of the contract: bool, date, exact number or text."""
    if isinstance(value, bool):
        return value
    match bare(type_):
        case Scalar(name="Bool"):
            return value == "true"
        case Scalar(name="Date"):
            return date(value)
        case Scalar(name="Time"):
            return time(value)
        case Scalar(name="Int" | "Number") | Quantity():
            exact = Decimal(value)
            return int(exact) if exact == exact.to_integral_value() else exact
        case _:
            return value


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: `1` is `1.0`, but never `true`; lists and objects entry by entry."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float):
        left = number(left)
    if isinstance(right, float):
        right = number(right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,  # "at most" includes the limit
    ">": operator.gt,
    ">=": operator.ge,  # so does "at least"
}


def compare(name: str, left: Any, right: Any) -> bool:
    """One of `== != < <= > >=`. False where either side is absent. Raises Malformed where the two have no order."""
    if left is ABSENT or right is ABSENT:
        return False
    if name == "==":
        return same(left, right)
    if name == "!=":
        return not same(left, right)
    try:
        return bool(_ORDER[name](left, right))
    except TypeError:
        raise Malformed from None


def arithmetic(name: str, left: Any, right: Any) -> Any:
    """One of `+ - * /`, exactly. Absent where a side is, or where the divisor is zero."""
    if left is ABSENT or right is ABSENT:
        return ABSENT
    if isinstance(left, datetime.datetime) and isinstance(right, datetime.datetime):
        return Fraction((left - right) // datetime.timedelta(microseconds=1), 1_000_000)
    if isinstance(left, datetime.date) and isinstance(right, datetime.date):
        return (left - right).days
    first, second = Fraction(number(left)), Fraction(number(right))
    if name == "/":
        return first / second if second else ABSENT
    result = first + second if name == "+" else first - second if name == "-" else first * second
    return int(result) if result.denominator == 1 else result


def shift(start: Any, amount: Any, unit: str) -> Any:
    """A date some days, months or years later, or a time some days or seconds later.

    The last day of a shorter month. Absent beyond the calendar. Raises Malformed for a part of a day, month or year.
    """
    if start is ABSENT or amount is ABSENT:
        return ABSENT
    try:
        if isinstance(start, datetime.datetime):
            return start + datetime.timedelta(microseconds=int(Fraction(amount) * _MICROSECONDS[unit]))
        if amount != int(amount):
            raise Malformed
        count = int(amount)
        if unit == "days":
            return start + datetime.timedelta(days=count)
        year, month = divmod(start.year * 12 + start.month - 1 + count * (12 if unit == "years" else 1), 12)
        return _clamped(year, month + 1, start.day)
    except (OverflowError, ValueError):
        return ABSENT


_MICROSECONDS = {"seconds": 1_000_000, "days": 86_400_000_000}


def _clamped(year: int, month: int, day: int) -> datetime.date:
    return datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))
