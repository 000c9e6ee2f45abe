"""One delivered value that is no record, list or file, to what is wrong with it: its type, pattern or bounds."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import re2

from acceptance.tables import Detail, Malformed
from acceptance.values import scalar
from spec_lang.contract import FieldDef, Shape
from spec_lang.formats import FORMATS, Fault
from spec_lang.types import COUNTED, Enum, Quantity, Ref, Scalar, Type, describe, measured

MEDIA = re2.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]*")
ONE = {"characters": "character", "words": "word", "entries": "entry"}
SHOWN = 200
"""Characters of a value that a defect keeps."""


def mistyped(value: Any, type_: Type) -> Fault:
    """Why a value is not of a type that is neither record, list nor file: (message, help)."""
    match type_:
        case Enum(members=members):
            return _word(value, members)
        case Scalar(name="Json"):
            return None
        case Scalar(name="Bool"):
            return None if isinstance(value, bool) else ("is not a truth value", "write true or false, without quotes")
        case Scalar(name="Int"):
            good = isinstance(value, int) and not isinstance(value, bool)
            return None if good else ("is not a whole number", "write digits only, without quotes")
        case Quantity(unit=unit) if unit in COUNTED:
            good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            return None if good else (f"is not a number of {unit}", "write a whole number from 0, without quotes")
        case Scalar(name="Number") | Quantity():
            return _number(value)
        case Ref():
            good = isinstance(value, (str, int)) and not isinstance(value, bool)
            return None if good else ("is not a key", "write the key of the row it refers to")
        case Scalar(name=name):
            return _text(value, name)
        case _:
            return None


def _text(value: Any, name: str) -> Fault:
    if not isinstance(value, str):
        return "is not a text", "put the value in quotes"
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "holds half of a surrogate pair", "encode the text as UTF-8"
    return FORMATS[name](value) if name in FORMATS else None


def _number(value: Any) -> Fault:
    try:
        scalar.number(value)
    except Malformed:
        return "is not a number", "write digits, without quotes"
    return None


def _word(value: Any, members: tuple[str, ...]) -> Fault:
    if isinstance(value, str) and value in members:
        return None
    close = get_close_matches(value[:SHOWN].lower(), members, 1) if isinstance(value, str) else []
    return "is none of the declared words", f"did you mean `{close[0]}`?" if close else one_of(members)


def one_of(members: tuple[str, ...]) -> str:
    """The help for a value that is none of an enum's words."""
    return f"use one of {', '.join(members[:12])}"


def constrained(value: Any, one: FieldDef, path: str) -> Iterator[Detail]:
    """The pattern and bounds of a field over a value of the right type."""
    if one.pattern is not None and isinstance(value, str) and not re2.fullmatch(one.pattern, value):
        yield wrong(path, f"a text matching {one.pattern}", value, "does not match the declared pattern")
    if one.low is None and one.high is None:
        return
    match one.unit:
        case "chars":
            yield from bounded(len(value), one, path, "has", "characters", value)
        case "words":
            yield from bounded(len(value.split()), one, path, "has", "words", value)
        case "items" | "bytes":
            return
        case "value":
            yield from bounded(scalar.converter(one.type)(value), one, path, "is", "", value)


def bounded(amount: Any, one: FieldDef, path: str, verb: str, noun: str, value: Any = None) -> Iterator[Detail]:
    """Both bounds are included. An amount that is not the value itself may be told."""
    literal = scalar.date if isinstance(amount, datetime.date) else Decimal
    low, high = (literal(end) if end is not None else None for end in (one.low, one.high))
    if (low is None or amount >= low) and (high is None or amount <= high):
        return
    limit, under = (low, True) if low is not None and amount < low else (high, False)
    if noun:
        counted = f"{verb} {amount:,} {ONE[noun] if amount == 1 else noun}: {'fewer' if under else 'more'} than"
    else:
        counted = f"{verb} {'below' if under else 'above'}"
    unit = "" if noun else one.measure()
    yield Detail(
        path,
        one.bounds() if unit else f"{one.bounds()} {noun}".rstrip(),
        shown(value),
        f"{counted} {_plain(limit, unit)}",
    )


def _plain(limit: Any, unit: str) -> str:
    return "" if limit is None else measured(limit, unit) if isinstance(limit, Decimal) else str(limit)


def admitted(given: str, media: tuple[str, ...]) -> bool:
    """Whether a media type is one of those in the contract; without any, whether it is one at all."""
    if not MEDIA.fullmatch(given):
        return False
    return not media or given in media or f"{given.split('/')[0]}/*" in media


def words_of(shape: Shape) -> tuple[str, ...]:
    """The cases of a union; none for any other shape."""
    tags = (one.type for one in shape.fields if one.name == shape.tag)
    return next((type_.members for type_ in tags if isinstance(type_, Enum)), ())


def outside(path: str) -> bool:
    """Whether a path could leave the delivery."""
    parts = path.split("/")
    return "\\" in path or ":" in parts[0] or not path.isprintable() or any(part in ("", ".", "..") for part in parts)


def unknown(path: str, key: str, names: list[str], owner: Mapping[str, Any], groups: Mapping[str, str]) -> Detail:
    """A key that the contract does not declare, with the group it belongs in or the name that was probably meant."""
    close = get_close_matches(key[:SHOWN], [name for name in names if name not in owner], 1)
    advice = f"did you mean `{close[0]}`?" if close else "remove it, or agree on it in the contract"
    advice = f"put it into `{groups[key]}`" if key in groups else advice
    return Detail(f"{path}.{key[:SHOWN]}", "no such field", shown(owner[key]), "is a field nobody declared", advice)


def wrong(path: str, expected: str, value: Any, message: str, advice: str = "") -> Detail:
    return Detail(path, expected, shown(value), message, advice)


def shown(value: Any) -> str:
    """The beginning of a value as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = value[:SHOWN]
    return json.dumps(value, ensure_ascii=False, default=str)[:SHOWN]


def expected(type_: Type) -> str:
    return " | ".join(type_.members[:12]) if isinstance(type_, Enum) else describe(type_)
