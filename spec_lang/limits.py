"""A field's written pattern and default to what its values must be, and what it has where they are left out."""

from __future__ import annotations

from decimal import Decimal

import re2

from spec_lang import syntax as s
from spec_lang.contract import FieldDef
from spec_lang.formats import FORMATS
from spec_lang.literals import is_day, is_written_as
from spec_lang.source import Span
from spec_lang.symbols import Report
from spec_lang.types import (
    SECONDS,
    UNKNOWN,
    Enum,
    Quantity,
    Scalar,
    Type,
    bare,
    describe,
    plain,
)  # fmt: skip

DURATION = Scalar(name="Duration")
QUIET = re2.Options()
QUIET.log_errors = False


def pattern(written: s.Text | None, type_: Type, report: Report) -> str | None:
    """The RE2 pattern of a text."""
    if written is None or bare(type_) == UNKNOWN:
        return None
    if bare(type_) != Scalar(name="Text"):
        message = f"only a Text has a pattern; this is {describe(bare(type_))}"
        report.error("SFT3012", message, written.span, help="leave it out")
        return None
    return written.text if readable(written.text, written.span, report) else None


def readable(text: str, span: Span, report: Report) -> bool:
    """Whether RE2 takes a pattern; else it is reported."""
    try:
        re2.compile(text, QUIET)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        help = "patterns are RE2: linear time, so without backreferences and look-around"
        report.error("SFT3012", f"this pattern cannot be read: {reason}", span, help=help)
        return False
    return True


Default = s.Number | s.Date | s.Text | s.Truth | s.Word


def default(written: Default | None, field: FieldDef, report: Report) -> str | bool | None:
    """The value of a field that a record leaves out; `field` has its type and bounds."""
    inner = bare(field.type)
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
    if isinstance(written, s.Text) and isinstance(inner, Scalar) and inner.name in FORMATS:
        return written.text if is_written_as(inner.name, written.text, written.span, report) else None
    if not _inside(written, inner, field):
        help = f"the bounds are {field.bounds()}"
        report.error("SFT3021", "this default lies outside the field's bounds", written.span, help=help)
        return None
    if isinstance(written, s.Number) and inner == DURATION:
        return f"PT{plain(_seconds(written))}S"
    return written.value if isinstance(written, s.Truth) else written.text


def _default_fits(written: Default, inner: Type) -> bool:
    if isinstance(inner, Enum):
        return isinstance(written, s.Word) and written.text in inner.members
    name = inner.name if isinstance(inner, Scalar) else ""
    match written:
        case s.Number(unit=unit) if isinstance(inner, Quantity):
            return unit == inner.unit
        case s.Number(unit=unit) if inner == DURATION:
            return unit in SECONDS
        case s.Number(text=text, unit=""):
            return name == "Number" or (name == "Int" and plain(Decimal(text)).lstrip("-").isdigit())
        case s.Truth():
            return name == "Bool"
        case s.Text():
            return name in ("Text", "Lang", "License", "Url", "Sha256", "Time")
        case s.Date():
            return name == "Date"
        case _:
            return False


def _inside(written: Default, inner: Type, limits: FieldDef) -> bool:
    match written:
        case s.Date(text=day):
            return (limits.low or day) <= day <= (limits.high or day)
        case s.Text(text=text) if limits.unit in ("chars", "words"):
            value = Decimal(len(text) if limits.unit == "chars" else len(text.split()))
        case s.Number():
            value = _seconds(written) if inner == DURATION else Decimal(written.text)
        case _:
            return True
    low, high = (None if end is None else Decimal(end) for end in (limits.low, limits.high))
    return (low is None or value >= low) and (high is None or value <= high)  # both ends included


def _seconds(written: s.Number) -> Decimal:
    return Decimal(written.text) * SECONDS[written.unit]
