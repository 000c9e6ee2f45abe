"""A field's written bounds, pattern and default to what its values must be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import re2

from spec_lang import syntax as s
from spec_lang.symbols import Report
from spec_lang.types import UNKNOWN, Enum, ListOf, Scalar, Type, bare, describe, plain

Unit = Literal["value", "chars", "words", "items"]
Bounds = tuple[str | None, str | None, Unit]
NONE: Bounds = (None, None, "value")
QUIET = re2.Options()
QUIET.log_errors = False


def bounds(written: s.Bounds | None, type_: Type, report: Report) -> Bounds:
    """Both ends, and what they count: the value, the length of a text, the entries of a list."""
    inner = bare(type_)
    unit = _counts(inner)
    if written is None or inner == UNKNOWN:
        return None, None, unit or "value"
    if unit is None:
        message = f"a value of type {describe(inner)} has no bounds"
        report.error("SFT3013", message, written.span, help="leave them out")
        return NONE
    ends = [end for end in (written.low, written.high) if end is not None]
    if not all(_end_fits(end, inner, unit, report) for end in ends):
        return NONE
    unit = _unit(ends, unit, written, report)
    if len(ends) == 2 and _key(ends[0]) > _key(ends[1]):
        help = "write the smaller one first"
        report.error("SFT3013", "these bounds are the wrong way round", written.span, "the first is larger", help=help)
    low, high = (None if end is None else end.text for end in (written.low, written.high))
    return low, high, unit


def _counts(type_: Type) -> Unit | None:
    """What the bounds of a type count, None if it has none."""
    if isinstance(type_, ListOf):
        return "items"
    if isinstance(type_, Scalar):
        counted: dict[str, Unit] = {"Text": "chars", "Int": "value", "Number": "value", "Date": "value"}
        return counted.get(type_.name)
    return None


def _end_fits(end: s.Number | s.Date, type_: Type, unit: Unit, report: Report) -> bool:
    dated = isinstance(type_, Scalar) and type_.name == "Date"
    if isinstance(end, s.Date) != dated:
        wanted = "a date" if dated else "a number"
        help = "dates are YYYY-MM-DD" if dated else "leave the date out, or make the field a Date"
        report.error("SFT3013", f"{describe(type_)} is bounded by {wanted}", end.span, help=help)
        return False
    if isinstance(end, s.Date):
        return is_day(end, report)
    whole = Decimal(end.text) == Decimal(end.text).to_integral_value()
    if unit != "value" and (not whole or Decimal(end.text) < 0):
        help = "write a whole number from 0"
        report.error("SFT3011", f"`{end.span.text}` is no number of entries or characters", end.span, help=help)
        return False
    return True


def is_day(written: s.Date, report: Report) -> bool:
    """Whether the calendar has this day; reported if not."""
    try:
        date.fromisoformat(written.text)
    except ValueError:
        report.error("SFT3016", f"there is no day {written.text}", written.span, help="dates are YYYY-MM-DD")
        return False
    return True


def _unit(ends: list[s.Number | s.Date], unit: Unit, written: s.Bounds, report: Report) -> Unit:
    units = {end.unit for end in ends if isinstance(end, s.Number) and end.unit}
    if unit in ("items", "value"):
        if units:
            what = "entries" if unit == "items" else "the value itself"
            report.error("SFT3002", f"these bounds count {what}", written.span, help="write plain numbers")
        return unit
    if not units:
        help = f"write `{written.span.text} chars` or `{written.span.text} words`"
        report.error("SFT3002", "the length of a text needs a unit", written.span, "of what?", help=help)
    elif units == {"words"}:
        return "words"
    elif units != {"chars"}:
        help = "a text's length is counted in `chars` or `words`"
        message = f"a text is not measured in {' and '.join(sorted(units))}"
        report.error("SFT3002", message, written.span, help=help)
    return unit


def _key(end: s.Number | s.Date) -> tuple[Decimal, str]:
    return (Decimal(end.text), "") if isinstance(end, s.Number) else (Decimal(0), end.text)


def pattern(written: s.Text | None, type_: Type, report: Report) -> str | None:
    """The RE2 pattern of a text."""
    if written is None or bare(type_) == UNKNOWN:
        return None
    if bare(type_) != Scalar(name="Text"):
        message = f"only a Text has a pattern; this is {describe(bare(type_))}"
        report.error("SFT3012", message, written.span, help="leave it out")
        return None
    try:
        re2.compile(written.text, QUIET)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        help = "patterns are RE2: linear time, so without backreferences and look-around"
        report.error("SFT3012", f"this pattern cannot be read: {reason}", written.span, help=help)
        return None
    return written.text


Default = s.Number | s.Date | s.Text | s.Truth | s.Word


def default(written: Default | None, type_: Type, limits: Bounds, report: Report) -> str | bool | None:
    """The value of a field that a record leaves out."""
    inner = bare(type_)
    if written is None or inner == UNKNOWN:
        return None
    if not _default_fits(written, inner):
        what = describe(inner)
        kind = f"one of {what}" if isinstance(inner, Enum) else f"of type {what}"
        report.error("SFT3021", f"this default is not {kind}", written.span, help="correct it, or leave it out")
        return None
    if isinstance(written, s.Word) and isinstance(inner, Enum):
        report.means(written.span, "word", written.text, of=inner)
    if isinstance(written, s.Date) and not is_day(written, report):
        return None
    if isinstance(written, s.Number) and not _inside(written, limits):
        help = f"the bounds are {limits[0] or ''}..{limits[1] or ''}"
        report.error("SFT3021", "this default lies outside the field's bounds", written.span, help=help)
        return None
    return written.value if isinstance(written, s.Truth) else written.text


def _default_fits(written: Default, inner: Type) -> bool:
    if isinstance(inner, Enum):
        return isinstance(written, s.Word) and written.text in inner.members
    name = inner.name if isinstance(inner, Scalar) else ""
    match written:
        case s.Number(text=text, unit=""):
            return name == "Number" or (name == "Int" and plain(Decimal(text)).lstrip("-").isdigit())
        case s.Truth():
            return name == "Bool"
        case s.Text():
            return name in ("Text", "Lang", "License", "Url")
        case s.Date():
            return name == "Date"
        case _:
            return False


def _inside(written: s.Number, limits: Bounds) -> bool:
    low, high, _ = limits
    value = Decimal(written.text)
    return (low is None or value >= Decimal(low)) and (high is None or value <= Decimal(high))  # both ends included
