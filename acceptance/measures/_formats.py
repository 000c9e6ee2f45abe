"""The formats of JSON Schema that can be decided exactly: a text to whether it has the format.

By RFC 3339 (dates, times, durations), 5321 (addresses), 3986 (URIs), 6901 (pointers), 4122 (UUIDs).
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable

import re2

CLOCK = re2.compile(r"(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"{LABEL}(?:\.{LABEL})*"
HOSTNAME = re2.compile(HOST)
HOURS = r"T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)"
DAYS = r"(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)"
URI = r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
MOST = 10_000
"""Characters of a text that has a format; longer ones have none."""


def matching(pattern: str) -> Callable[[str], bool]:
    compiled = re2.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def is_date(text: str) -> bool:
    try:
        return len(text) == 10 and text.isascii() and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def is_time(text: str) -> bool:
    """A leap second ends a day of UTC."""
    found = CLOCK.fullmatch(text)
    if found is None:
        return False
    hour, minute, second = (int(found[at]) for at in (1, 2, 3))
    away = (int(found[5]) * 60 + int(found[6])) * (1 if found[4] == "+" else -1) if found[4] else 0
    if hour > 23 or minute > 59 or (found[4] and (int(found[5]) > 23 or int(found[6]) > 59)):
        return False
    return second < 60 or (second == 60 and (hour * 60 + minute - away) % 1_440 == 1_439)


def is_date_time(text: str) -> bool:
    return text[10:11] in ("T", "t") and is_date(text[:10]) and is_time(text[11:])


def is_host(text: str) -> bool:
    return len(text) <= 253 and HOSTNAME.fullmatch(text) is not None


def is_ip(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> Callable[[str], bool]:
    def decide(text: str) -> bool:
        try:
            return "%" not in text and bool(kind(text).packed)
        except ValueError:
            return False

    return decide


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "date-time": is_date_time,
    "duration": matching(rf"P(?:\d+W|{DAYS}(?:{HOURS})?|{HOURS})"),
    "email": matching(rf'(?:{ATOM}(?:\.{ATOM})*|"(?:[^"\\\x00-\x1f\x7f-\x{{10FFFF}}]|\\[ -~])*")@{HOST}'),
    "hostname": is_host,
    "ipv4": is_ip(ipaddress.IPv4Address),
    "ipv6": is_ip(ipaddress.IPv6Address),
    "json-pointer": matching(r"(?:/(?:[^~/]|~[01])*)*"),
    "time": is_time,
    "uri": matching(rf"[A-Za-z][A-Za-z0-9+.-]*:{URI}"),
    "uri-reference": matching(URI),
    "uuid": matching(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"),
}
UNDECIDED = frozenset(
    ("idn-email", "idn-hostname", "iri", "iri-reference", "regex", "relative-json-pointer", "uri-template")
)
"""Formats of JSON Schema that are not decided here."""


def has(text: str, name: str) -> bool:
    """Whether a text has the format of this name; True for names that are not decided here."""
    decide = FORMATS.get(name)
    return decide is None or (len(text) <= MOST and decide(text))
