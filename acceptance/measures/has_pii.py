"""Rows to a mark: a text of the row holds personal data of the given kinds, by pattern and check digit.

Names and addresses in prose are not looked for. Compatibility forms and invisible characters make no difference.
"""

from __future__ import annotations

from unicodedata import normalize

from acceptance.measures._pii_rules import FINDERS
from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.text import visible


def make(use: Use) -> Scan:
    finders = [(kind, FINDERS[kind]) for kind in use.words("kinds")]

    def look(text: str) -> Sighting | None:
        if not text.isascii():
            text = visible(normalize("NFKC", text)).replace("\N{EN DASH}", "-").replace("\N{HYPHEN}", "-")
        for kind, find in finders:
            found = next(find(text), None)
            if found:
                return Sighting(NAMES[kind], found)
        return None

    return Scan(look, "no personal data", "remove it, or put an invented value in its place")


NAMES = {
    "email": "an e-mail address", "phone": "a telephone number", "us_ssn": "a US social security number",
    "card": "a payment card number", "iban": "an account number (IBAN)",
}  # fmt: skip

MEASURE = RowMark(make)
