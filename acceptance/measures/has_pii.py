"""Rows to a mark: a text of the row holds personal data of the given kinds, by pattern and check digit.

Names and addresses in prose are not looked for. Compatibility forms and invisible characters make no difference.
"""

from __future__ import annotations

from unicodedata import digit, normalize

import re2

from acceptance.measures._pii_rules import FINDERS, GATES
from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.text.folding import unescaped, visible


def make(use: Use) -> Scan:
    kinds = use.words("kinds")

    def look(text: str) -> Sighting | None:
        for kind in kinds:
            found = next(FINDERS[kind](text), None)
            if found:
                return Sighting(NAMES[kind], found)
        return None

    def suspicious(joined: str) -> bool:
        return any(GATES[kind].search(joined) for kind in kinds)

    return Scan(
        look, "no personal data", "remove it, or put an invented value in its place", gate=suspicious, prepare=_plain
    )


def _plain(text: str) -> str:
    """Compatibility forms and escapes resolved, invisible characters gone, one kind of hyphen, digits 0 to 9."""
    if not text.isascii():
        text = str(HYPHENS.sub("-", visible(normalize("NFKC", text))))
        if DIGITS.search(text):
            text = str(DIGITS.sub(lambda match: "".join(str(digit(one)) for one in match.group()), text))
    return unescaped(text)


DIGITS = re2.compile(r"[^\P{Nd}0-9]+")
HYPHENS = re2.compile(r"[\x{2010}-\x{2014}]")
NAMES = {
    "email": "an e-mail address", "phone": "a telephone number", "us_ssn": "a US social security number",
    "card": "a payment card number", "iban": "an account number (IBAN)",
    "home": "a path into somebody's home",
}  # fmt: skip

MEASURE = RowMark(make)
