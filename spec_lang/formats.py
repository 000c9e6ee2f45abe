"""One text to what is wrong with it as a Lang, License, Url, Sha256, Date, Time or Duration; None if nothing.

The same for texts of a contract and of a delivery. Each answer is (message, help), both free of the text itself but
for the canonical form of registered tags and identifiers. A tag or identifier has one spelling: whoever groups the
data by it must find the groups that the contract counted.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spec_lang.licenses import SCANCODE, listed, taken

if TYPE_CHECKING:
    from license_expression import Licensing

Fault = tuple[str, str] | None

LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*|x(-[A-Za-z0-9]{1,8})+", re.ASCII)
LICENSE_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
DURATION = re.compile(
    r"P(?=.)(?:(\d{1,6})W)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
WEEK, DAY, HOUR, MINUTE = 604_800, 86_400, 3_600, 60
MOST_LICENSE = 500
"""Characters of a licence expression; longer ones are refused unread."""


@lru_cache(4_096)
def lang(text: str) -> Fault:
    """BCP 47, by the grammar and the registered subtags, in the canonical spelling."""
    import langcodes

    dashed = text.replace("_", "-")
    if len(text) > 35 or not LANG.fullmatch(dashed) or not langcodes.tag_is_valid(dashed):
        return "is not a language tag of BCP 47", 'write a tag such as "en" or "pt-BR"'
    canonical = langcodes.standardize_tag(dashed)
    if canonical == text:
        return None
    private = "x-" in canonical
    return "is not the canonical form of its language tag", "" if private else f'write "{canonical}"'


@lru_cache(4_096)
def license_(text: str) -> Fault:
    """SPDX expressions, identifiers as SPDX spells them; `LicenseRef-` names stand for licences of their own."""
    if len(text) > MOST_LICENSE:
        return "is longer than a licence expression can be", "name the licence by its SPDX identifier"
    if text in listed() or _of_its_own(text):
        return None
    from license_expression import ExpressionError

    try:
        keys = spdx().license_keys(text, unique=True)
    except (ExpressionError, AttributeError):
        return "is not an SPDX licence expression", 'write one such as "MIT" or "Apache-2.0 OR MIT"'
    if not keys:
        return "names no licence", "name the licence by its SPDX identifier"
    unknown = [key for key in keys if key not in spdx().known_symbols and not LICENSE_REF.fullmatch(key)]
    if not unknown:
        return _as_listed(text, keys)
    from difflib import get_close_matches

    close = get_close_matches(unknown[0], [str(key) for key in spdx().known_symbols], 1, 0.7)
    advice = f'did you mean "{close[0]}"?' if close else 'use an SPDX identifier, or "LicenseRef-..." for your own'
    return "names a licence that SPDX does not list", advice


def _of_its_own(text: str) -> bool:
    """Whether a name is a licence of no list, and none that the library would take for one of a list."""
    return bool(LICENSE_REF.fullmatch(text)) and not text.lower().startswith(SCANCODE) and text.lower() not in taken()


def _as_listed(text: str, keys: list[str]) -> Fault:
    """Each identifier stands in the text as it is listed; aliases and other cases are read, but not meant to stay."""
    written = {word for word in re.split(r"[\s()]+", text) if word and word not in ("AND", "OR", "WITH")}
    left = [key for key in keys if key not in written]
    if not left and len(written) == len(keys):
        return None
    advice = f'write "{left[0]}"' if left and not LICENSE_REF.fullmatch(left[0]) else "join them by AND, OR and WITH"
    return "does not spell its licences as SPDX lists them", advice


@lru_cache(1)
def spdx() -> Licensing:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def url(text: str) -> Fault:
    """An absolute http or https address that names a host and lets nobody in."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if good and "@" in parts.netloc:
        return "holds a user name or password", "leave out what stands before the `@`"
    if good and text.isprintable() and " " not in text:
        return None
    return "is not a web address", "write it whole: https://host/path"


def sha256(text: str) -> Fault:
    return None if SHA256.fullmatch(text) else ("is not a sha256", "write 64 hexadecimal digits in lower case")


def date(text: str) -> Fault:
    """ISO 8601, year, month and day, and a day that exists."""
    return None if day(text) is not None else ("is not a date of the calendar", "write it as 2026-12-31")


def time(text: str) -> Fault:
    """RFC 3339, with its zone."""
    return None if moment(text) is not None else ("is not a time with its zone", "write it as 2026-12-31T23:59:59Z")


def duration(text: str) -> Fault:
    """ISO 8601 in weeks, days, hours, minutes and seconds; months and years have no fixed length."""
    return None if seconds(text) is not None else ("is not a duration of ISO 8601", "write it as PT1H30M")


@lru_cache(4_096)
def day(text: str) -> datetime.date | None:
    """`2026-12-01` and no other spelling."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def moment(text: str) -> datetime.datetime | None:
    """`2026-12-31T23:59:59.5+01:00`, so that any two compare."""
    if not TIME.fullmatch(text):
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def seconds(text: str) -> Decimal | None:
    """The exact length of `PT1H30M`. A day has 24 hours."""
    found = DURATION.fullmatch(text)
    if found is None:
        return None
    weeks, days, hours, minutes, rest = (Decimal(part or 0) for part in found.groups())
    return weeks * WEEK + days * DAY + hours * HOUR + minutes * MINUTE + rest


FORMATS: dict[str, Callable[[str], Fault]] = {
    "Lang": lang,
    "License": license_,
    "Url": url,
    "Sha256": sha256,
    "Date": date,
    "Time": time,
    "Duration": duration,
}
