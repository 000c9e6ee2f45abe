"""A field's written bounds to both ends of what its values, their lengths or their entries may be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from spec_lang import syntax as s
from spec_lang.literals import is_day, is_payable
from spec_lang.symbols import Report
from spec_lang.types import (
    COUNTED,
    DATE,
    SECONDS,
    TEXT,
    UNKNOWN,
    File,
    ListOf,
    Money,
    Quantity,
    Scalar,
    Type,
    bare,
    describe,
    plain,
    read_as,
)  # fmt: skip

Unit = Literal["value", "chars", "words", "items", "bytes"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Both ends, included, as the contract stores them; and what they count."""

    low: str | None = None
    high: str | None = None
    unit: Unit = "value"


def bounds(written: s.Bounds | None, type_: Type, report: Report) -> Bounds:
    """The bounds of a field or of a list's entries. A mistake is reported, and then nothing is bounded."""
    inner = bare(type_)
    counted = _counts(inner)
    if written is None or inner == UNKNOWN:
        return Bounds(unit=counted or "value")
    if counted is None:
        report.error("SFT3013", f"a value of type {describe(inner)} has no bounds", written.span, help=_instead(inner))
        return Bounds()
    ends = [end for end in (written.low, written.high) if end is not None]
    if not all(_end_fits(end, inner, counted, report) for end in ends):
        return Bounds()
    unit = _unit(ends, inner, written, report)
    if unit is None:
        return Bounds(unit=counted)
    elapsed = _allowed(inner) == tuple(SECONDS)
    low, high = (_stored(end, unit, elapsed) for end in (written.low, written.high))
    if low is not None and high is not None and _key(low, inner) > _key(high, inner):
        help = "write the smaller one first"
        report.error("SFT3013", "these bounds are the wrong way round", written.span, "the first is larger", help=help)
    return Bounds(low, high, "words" if unit == "words" else counted)


def _counts(type_: Type) -> Unit | None:
    """What the bounds of a type count, None if it has none."""
    match type_:
        case ListOf():
            return "items"
        case File():
            return "bytes"
        case Scalar(name="Text"):
            return "chars"
        case Scalar(name="Int" | "Number" | "Date" | "Duration") | Money(currencies=(_,)) | Quantity():
            return "value"
        case _:
            return None


def _instead(type_: Type) -> str:
    return "bound amounts of one currency: `Money(USD) 0..500 USD`" if isinstance(type_, Money) else "leave them out"


def _end_fits(end: s.Number | s.Date, type_: Type, unit: Unit, report: Report) -> bool:
    dated = type_ == DATE
    if isinstance(end, s.Date) != dated:
        wanted = "a date" if dated else "a number"
        help = "dates are YYYY-MM-DD" if dated else "leave the date out, or make the field a Date"
        report.error("SFT3013", f"{describe(type_)} is bounded by {wanted}", end.span, help=help)
        return False
    if isinstance(end, s.Date):
        return is_day(end, report)
    if end.unit.isupper() and not is_payable(end, report):
        return False
    value = Decimal(end.text)
    counts = unit != "value" or (isinstance(type_, Quantity) and type_.unit in COUNTED)
    if counts and (value != value.to_integral_value() or value < 0):
        help = "write a whole number from 0"
        what = {"items": "entries", "bytes": "bytes", "value": describe(type_).removeprefix("a number of ")}
        noun = what.get(unit, "characters")
        report.error("SFT3011", f"`{end.span.text}` is no number of {noun}", end.span, help=help)
        return False
    return True


def _allowed(type_: Type) -> tuple[str, ...]:
    """The units that the ends may have; one of them must stand there. None: they are plain."""
    match type_:
        case Scalar(name="Text"):
            return ("chars", "words")
        case Scalar(name="Duration") | Quantity(unit="seconds"):
            return tuple(SECONDS)
        case File():
            return ("bytes",)
        case Money(currencies=units):
            return units
        case Quantity(unit=unit):
            return (unit,)
        case _:
            return ()


def _unit(ends: list[s.Number | s.Date], type_: Type, written: s.Bounds, report: Report) -> str | None:
    """The unit of an end that has none of its own: `20..400 chars`. None: the units are wrong, which was reported."""
    units = list(dict.fromkeys(end.unit for end in ends if isinstance(end, s.Number) and end.unit))
    allowed = _allowed(type_)
    if not allowed:
        if units:
            what = "entries" if isinstance(type_, ListOf) else "the value itself"
            report.error("SFT3002", f"these bounds count {what}", written.span, help="write plain numbers")
        return None if units else ""
    if not units:
        help = " or ".join(f"`{written.span.text} {unit}`" for unit in allowed)
        report.error("SFT3002", f"{_subject(type_)} needs a unit", written.span, "of what?", help=f"write {help}")
        return None
    strange = [unit for unit in units if unit not in allowed]
    if strange or (type_ == TEXT and len(units) > 1):
        _wrong_unit(strange or units, type_, allowed, written, report)
        return None
    return units[-1]


def _subject(type_: Type) -> str:
    match type_:
        case Scalar(name="Text"):
            return "the length of a text"
        case Scalar():
            return "a duration"
        case File():
            return "the size of a file"
        case Money():
            return "an amount of money"
        case _:
            return describe(read_as(type_))


def _wrong_unit(units: list[str], type_: Type, allowed: tuple[str, ...], written: s.Bounds, report: Report) -> None:
    if type_ == TEXT:
        help = "a text's length is counted in `chars` or `words`"
        message = f"a text is not measured in {' and '.join(sorted(units))}"
    else:
        help = f"bound it in {' or '.join(f'`{unit}`' for unit in allowed)}"
        message = f"{describe(type_)} is not bounded in {' and '.join(sorted(units))}"
    report.error("SFT3002", message, written.span, help=help)


def _stored(end: s.Number | s.Date | None, unit: str, elapsed: bool) -> str | None:
    """What the contract keeps of an end: elapsed time in seconds, all else as it is."""
    if end is None:
        return None
    own = end.unit or unit if isinstance(end, s.Number) else ""
    return plain(Decimal(end.text) * SECONDS[own]) if elapsed else end.text


def _key(end: str, type_: Type) -> tuple[Decimal, str]:
    return (Decimal(0), end) if type_ == DATE else (Decimal(end), "")
