"""Written days, amounts, currencies and formatted texts: whether there is such a one; reported if not."""

from __future__ import annotations

from decimal import Decimal

from spec_lang import formats
from spec_lang import syntax as s
from spec_lang.currencies import counted, decimals, too_fine
from spec_lang.diagnostics import closest
from spec_lang.source import Span
from spec_lang.symbols import Report


def is_day(written: s.Date, report: Report) -> bool:
    """Whether the calendar has this day."""
    if formats.day(written.text) is None:
        report.error("SFT3016", f"there is no day {written.text}", written.span, help="dates are YYYY-MM-DD")
        return False
    return True


def is_currency(code: str, span: Span, report: Report) -> bool:
    """Whether ISO 4217 lists the code."""
    if code in decimals():
        return True
    help = "use the three letters of ISO 4217, such as USD"
    meant = closest(code.upper(), decimals(), 0.65) or ""  # two letters of three
    label = f"did you mean `{meant}`?" if meant else ""
    fix = span.text.replace(code, meant) if meant else ""
    report.error("SFT3023", f"`{code}` is not a currency", span, label, help=help, fix=fix)
    return False


def is_payable(written: s.Number, report: Report) -> bool:
    """Whether the amount can be paid in the currency that is its unit."""
    if not is_currency(written.unit, written.span, report):
        return False
    if too_fine(Decimal(written.text), written.unit):
        message = f"nobody can pay `{written.span.text}`: {counted(written.unit)}"
        report.error("SFT3023", message, written.span, help="round it")
        return False
    return True


def is_written_as(name: str, text: str, span: Span, report: Report) -> bool:
    """Whether a text is a Lang, License, Url, Sha256 or Time as delivered values of that type must be."""
    fault = formats.FORMATS[name](text)
    if fault is None:
        return True
    report.error("SFT3026", f'"{text}" {fault[0]}', span, help=fault[1])
    return False
