"""Types with parameters, `Json(Invoice)`, `Money(USD)`, `File("image/*")`, to what the parameters say."""

from __future__ import annotations

import re

from spec_lang import syntax as s
from spec_lang.diagnostics import closest, listing
from spec_lang.literals import is_currency
from spec_lang.symbols import Report
from spec_lang.types import File, Money

MEDIA = re.compile(r"([a-z]+)/(\*|[a-z0-9][a-z0-9.+_-]*)", re.ASCII)
KINDS = ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
"""The top-level media types that IANA registers."""
USAGE = {"Money": "`Money(USD)`", "File": '`File("image/*", "audio/wav")`', "Json": "`Json(Invoice)`"}


def money(values: tuple[s.Word | s.Text, ...], report: Report) -> Money | None:
    """`Money(USD)`, `Money(USD, EUR)`."""
    codes = [value for value in values if isinstance(value, s.Word) or _wrong("Money", value, report)]
    good = [is_currency(code.text, code.span, report) for code in codes if isinstance(code, s.Word)]
    found = all(good) and len(good) == len(values) and _once(values, report)
    return Money(currencies=tuple(code.text for code in codes)) if found else None


def file(values: tuple[s.Word | s.Text, ...], report: Report) -> File | None:
    """`File("image/*", "audio/wav")`."""
    types = [value for value in values if isinstance(value, s.Text) or _wrong("File", value, report)]
    good = [_is_media(value, report) for value in types]
    found = all(good) and len(good) == len(values) and _once(values, report)
    return File(media=tuple(value.text for value in types)) if found else None


def refused(name: s.Word, report: Report) -> None:
    """A type that takes no parameters got some."""
    message = f"`{name.text}` takes nothing in parentheses"
    help = f"these types do: {', '.join(USAGE.values())}"
    report.error("SFT3024", message, name.span, help=help, known=list(USAGE))


def _wrong(type_: str, value: s.Word | s.Text, report: Report) -> bool:
    what = {"Money": "currencies, without quotes", "File": "media types, in quotes"}[type_]
    report.error("SFT3024", f"{type_} takes {what}", value.span, help=f"write {USAGE[type_]}")
    return False


def _is_media(value: s.Word | s.Text, report: Report) -> bool:
    found = MEDIA.fullmatch(value.text)
    if found is not None and found[1] in KINDS:
        return True
    meant = closest(found[1], KINDS) if found is not None else None
    label = f"did you mean `{meant}`?" if meant else ""
    help = f"it begins with one of {listing(KINDS)}" if found is not None else 'write "type/subtype" or "type/*"'
    report.error("SFT3024", f'"{value.text}" is not a media type', value.span, label, help=help)
    return False


def _once(values: tuple[s.Word | s.Text, ...], report: Report) -> bool:
    seen: dict[str, s.Word | s.Text] = {}
    for value in values:
        if value.text in seen:
            why = ((seen[value.text].span, "named here first"),)
            report.error("SFT2002", f"`{value.text}` is named twice", value.span, why=why, help="remove one")
            return False
        seen[value.text] = value
    return True
