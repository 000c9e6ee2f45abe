"""Rows to a mark: a text of the row holds personal data of the given kinds, by pattern and check digit.

Names and addresses in prose are not looked for. Compatibility forms and invisible characters make no difference.
"""

from __future__ import annotations

from unicodedata import digit, normalize

import re2

from acceptance.measures._pii_rules import FINDERS, GATES
from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.text.folding import exchanged, foreign, is_escaped, unescaped, visible


def make(use: Use) -> Scan:
    kinds = use.words("kinds")

    def look(text: str) -> Sighting | None:
        for kind in kinds:
            found = next(FINDERS[kind](text), None)
            if found:
                return Sighting(NAMES[kind], found)
        return None

    gates = re2.compile("|".join(f"(?:{GATES[kind].pattern})" for kind in kinds))

    def suspicious(joined: str) -> bool:
        plain = _plain(joined)
        return is_escaped(plain) or gates.search(plain) is not None

    return Scan(look, "no personal data", "remove it, or put an invented value in its place", gate=suspicious,
                prepare=lambda text: unescaped(_plain(text)))  # fmt: skip


def _plain(text: str) -> str:
    """Compatibility forms resolved, invisible characters gone, one kind of hyphen, digits 0 to 9."""
    if text.isascii():
        return text
    text = visible(normalize("NFKC", text))
    strange = foreign(text)
    hyphens = {letter: "-" for letter in strange if letter in HYPHENS}
    return exchanged(text, hyphens | {letter: str(digit(letter)) for letter in strange if letter.isdecimal()})


HYPHENS = "\u2010\u2011\u2012\u2013\u2014"
NAMES = {
    "email": "an e-mail address", "phone": "a telephone number", "us_ssn": "a US social security number",
    "card": "a payment card number", "iban": "an account number (IBAN)",
    "home": "a path into somebody's home",
}  # fmt: skip

MEASURE = RowMark(make)
