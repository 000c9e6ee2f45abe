"""One delivered text to what is wrong with it as a Lang, License, Url, Sha256, Date, Time or Duration; None if nothing.

Each answer is (message, help), both free of the text itself but for suggestions from closed lists.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from acceptance.tables import Malformed
from acceptance.values import scalar

if TYPE_CHECKING:
    from license_expression import Licensing

Fault = tuple[str, str] | None

LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*|x(-[A-Za-z0-9]{1,8})+", re.ASCII)
LICENSE_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
DURATION = re.compile(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
MOST_LICENSE = 500
"""Characters of a licence expression; longer ones are refused unread."""


@lru_cache(4_096)
def lang(text: str) -> Fault:
    """BCP 47, by the grammar and the registered subtags."""
    import langcodes

    if len(text) <= 35 and LANG.fullmatch(text) and langcodes.tag_is_valid(text):
        return None
    return "is not a language tag of BCP 47", 'write a tag such as "en" or "pt-BR"'


@lru_cache(4_096)
def license_(text: str) -> Fault:
    """SPDX expressions; `LicenseRef-` names stand for licences of their own."""
    from license_expression import ExpressionError

    if len(text) > MOST_LICENSE:
        return "is longer than a licence expression can be", "name the licence by its SPDX identifier"
    try:
        keys = spdx().license_keys(text, unique=True)
    except (ExpressionError, AttributeError):
        return "is not an SPDX licence expression", 'write one such as "MIT" or "Apache-2.0 OR MIT"'
    if not keys:
        return "names no licence", "name the licence by its SPDX identifier"
    unknown = [key for key in keys if key not in spdx().known_symbols and not LICENSE_REF.fullmatch(key)]
    if not unknown:
        return None
    close = get_close_matches(unknown[0], [str(key) for key in spdx().known_symbols], 1, 0.7)
    advice = f'did you mean "{close[0]}"?' if close else 'use an SPDX identifier, or "LicenseRef-..." for your own'
    return "names a licence that SPDX does not list", advice


@lru_cache(1)
def spdx() -> Licensing:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def url(text: str) -> Fault:
    """An absolute http or https address."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if good and text.isprintable() and " " not in text:
        return None
    return "is not a web address", "write it whole: https://host/path"


def sha256(text: str) -> Fault:
    return None if SHA256.fullmatch(text) else ("is not a sha256", "write 64 hexadecimal digits in lower case")


@lru_cache(4_096)
def date(text: str) -> Fault:
    """ISO 8601, year, month and day, and a day that exists."""
    try:
        scalar.date(text)
    except Malformed:
        return "is not a date of the calendar", "write it as 2026-12-31"
    return None


def time(text: str) -> Fault:
    """RFC 3339, with its zone."""
    try:
        stamp = datetime.datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    if stamp is not None and stamp.tzinfo is not None and len(text) >= 19:
        return None
    return "is not a time with its zone", "write it as 2026-12-31T23:59:59Z"


def duration(text: str) -> Fault:
    return None if DURATION.fullmatch(text) else ("is not a duration of ISO 8601", "write it as PT1H30M")


FORMATS: dict[str, Callable[[str], Fault]] = {
    "Lang": lang,
    "License": license_,
    "Url": url,
    "Sha256": sha256,
    "Date": date,
    "Time": time,
    "Duration": duration,
}
