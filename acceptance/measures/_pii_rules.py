"""A text to the personal data in it, one finder per kind: a pattern in RE2, then the rules that make it valid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import re2

EDGE = r"(?:^|[^\w@.$€£+/#-])"
"""What may stand before a number: neither part of a word, an amount, a path nor a longer number."""
END = r"(?:$|[^\w@/-])"

EMAIL = re2.compile(r"\b([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})\b")
_DOT = r" ?[\[(<{] ?(?:dot|punkt) ?[\])>}] ?"
SPELT = re2.compile(
    r"(?i)\b([a-z0-9][a-z0-9._%+-]{0,63}) ?[\[(<{] ?at ?[\])>}] ?"
    rf"([a-z0-9-]{{1,63}}(?:(?:{_DOT}|\.)[a-z0-9-]{{1,63}}){{1,5}})\b"
)
DOT = re2.compile(f"(?i){_DOT}")
RESERVED = ("example.com", "example.org", "example.net", ".example", ".test", ".invalid", ".localhost")
"""Domains that belong to nobody (RFC 2606)."""

INTERNATIONAL = re2.compile(
    EDGE + r"((?:\+|00)[1-9][0-9]{0,2}(?:[ .-]?\(0?[0-9]{1,4}\))?(?:[ .-]?[0-9]{2,5}){2,5})" + END
)
NORTH_AMERICAN = re2.compile(
    EDGE + r"((?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4})" + END
)
NATIONAL = re2.compile(EDGE + r"(\(?0[1-9][0-9]{1,3}\)?[ -][0-9]{3,4}[ -]?[0-9]{3,4})" + END)
CALLED = re2.compile(
    r"(?i)\b(?:phone|telephone|tel|mobile|cell|fax|whatsapp|call)"
    r"(?: me| us)?(?: number| no\.?)?(?: is| at| on)?[ .:#]{0,3}"
    r"(\+?[0-9(][0-9 ().-]{5,18}[0-9])" + END
)

SSN = re2.compile(r"(?:^|[^\w.-])([0-9]{3})-([0-9]{2})-([0-9]{4})(?:$|[^\w-])")
SSN_NAMED = re2.compile(
    r"(?i)\b(?:ssn|social security)\b[^0-9\n]{0,20}([0-9]{3})[ -]?([0-9]{2})[ -]?([0-9]{4})(?:$|[^\w-])"
)
ADVERTISED = ("078051120", "219099999")

CARD = re2.compile(r"(?:^|[^\w.-])((?:[0-9][ -]?){12,18}[0-9])(?:$|[^\w-])")
IBAN = re2.compile(r"(?i)(?:^|[^A-Za-z0-9])([A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,36})")
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18,
    "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
    "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29,
    "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
    "XK": 20,
}  # fmt: skip


HOME = re2.compile(r"(?:/Users/|/home/|\b[A-Za-z]:\\{1,2}Users\\{1,2})([A-Za-z][A-Za-z0-9._-]{1,31})\b")
NOBODY = frozenset((
    "user", "users", "username", "your_username", "yourname", "your-username", "shared", "public", "default",
    "ubuntu", "root", "admin", "administrator", "runner", "runneradmin", "app", "appuser", "node", "dev",
    "developer", "vagrant", "circleci", "travis", "jenkins", "ec2-user", "git", "docker", "container", "coder",
    "vscode", "codespace", "agent", "guest", "test", "name", "me", "foo", "bar", "linuxbrew", "jovyan",
    "swe-agent", "nonroot", "debian", "centos", "pi", "postgres", "www-data",
))  # fmt: skip
"""Accounts that say nothing of a person."""


def emails(text: str) -> Iterator[str]:
    """Addresses at domains that can have an owner, also spelt `jane (at) harbour (dot) uk`; `git@host` is none."""
    for match in EMAIL.finditer(text) if "@" in text else ():
        name, domain = match.group(1).rsplit("@", 1)
        if name != "git" and _is_owned(domain):
            yield match.group(1)
    for match in SPELT.finditer(text):
        if _is_owned(DOT.sub(".", match.group(2))):
            yield match.group()


def _is_owned(domain: str) -> bool:
    return not f".{domain.lower()}".endswith(tuple(f".{one.lstrip('.')}" for one in RESERVED))


def phones(text: str) -> Iterator[str]:
    """Numbers written as telephone numbers are: with + or 00, as (415) 555-2671, in national groups, or so named."""
    for match in INTERNATIONAL.finditer(text):
        if 9 <= len(_digits(match.group(1))) <= 15:
            yield match.group(1)
    for pattern in (NORTH_AMERICAN, NATIONAL):
        for match in pattern.finditer(text):
            yield match.group(1)
    for match in CALLED.finditer(text):
        if 7 <= len(_digits(match.group(1))) <= 15 and not _is_date(match.group(1)):
            yield match.group(1)


def _is_date(number: str) -> bool:
    parts = [len(part) for part in number.replace(".", "-").replace(" ", "-").split("-")]
    return parts in ([4, 2, 2], [2, 2, 4], [1, 2, 4], [2, 1, 4], [1, 1, 4])


def social_security(text: str) -> Iterator[str]:
    """Numbers that have been or can be given out: area, group and serial are in range."""
    for pattern in (SSN, SSN_NAMED):
        for match in pattern.finditer(text):
            area, group, serial = match.groups()
            given = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
            if given and area + group + serial not in ADVERTISED:
                yield f"{area}-{group}-{serial}"


def cards(text: str) -> Iterator[str]:
    """Numbers of a card network with a right check digit (Luhn)."""
    for match in CARD.finditer(text):
        digits = _digits(match.group(1))
        if _is_network(digits) and luhn(digits):
            yield match.group(1)


def _is_network(digits: str) -> bool:
    """Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay, by first digits and length."""
    first = int(digits[:4])
    return (
        (digits[0] == "4" and len(digits) in (13, 16, 19))
        or (len(digits) == 16 and (5100 <= first <= 5599 or 2221 <= first <= 2720 or 3528 <= first <= 3589))
        or (len(digits) == 15 and digits[:2] in ("34", "37"))
        or (len(digits) in (16, 19) and (digits[:2] in ("65", "62") or first == 6011 or 6440 <= first <= 6499))
        or (len(digits) == 14 and (digits[:2] in ("36", "38") or 3000 <= first <= 3059))
    )


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def ibans(text: str) -> Iterator[str]:
    """Account numbers with their country's length and right check digits (ISO 13616, modulo 97)."""
    for match in IBAN.finditer(text):
        written = match.group(1).replace(" ", "").replace("-", "")
        number = written[: IBAN_LENGTHS.get(written[:2].upper(), 0)]
        sure = number.isupper() or len(_digits(number)) >= 10  # small letters may be words: "is 25 minutes ..."
        if len(number) == IBAN_LENGTHS.get(number[:2].upper()) and sure and mod_97(number):
            yield number


def mod_97(number: str) -> bool:
    """Whether an IBAN's check digits are right."""
    return int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def homes(text: str) -> Iterator[str]:
    """Folders of a person; those of programs and of nobody in particular name no one."""
    for match in HOME.finditer(text):
        if match.group(1).casefold() not in NOBODY:
            yield match.group()


FINDERS: dict[str, Callable[[str], Iterator[str]]] = {
    "email": emails, "phone": phones, "us_ssn": social_security, "card": cards, "iban": ibans, "home": homes,
}  # fmt: skip

GATES: dict[str, Any] = {
    "email": re2.compile(f"(?:{EMAIL.pattern})|(?:{SPELT.pattern})"),
    "phone": re2.compile("|".join(f"(?:{one.pattern})" for one in (INTERNATIONAL, NORTH_AMERICAN, NATIONAL, CALLED))),
    "us_ssn": re2.compile(f"(?:{SSN.pattern})|(?:{SSN_NAMED.pattern})"),
    "card": CARD,
    "iban": IBAN,
    "home": HOME,
}
"""Finds all that the finder of the kind looks at."""
