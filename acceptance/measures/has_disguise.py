"""Rows to a mark: words are written so that a reader sees them and a search does not.

Look-alikes: letters of Latin and of another script in one word, or letters turned upside down. Wide: compatibility
forms of Latin letters. Entities: HTML for letters that need none. Base64: a text of several words, also in
hexadecimal, and wrapped again.
"""

from __future__ import annotations

from collections.abc import Callable

import re2

from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.text.confusables import LOOKALIKES
from acceptance.text.folding import unwrapped


def _within(*scripts: range) -> str:
    return "".join(chr(code) for code in sorted(LOOKALIKES) if any(code in script for script in scripts))


FOREIGN = _within(range(0x400, 0x590)) + "".join(map(chr, range(0x13A0, 0x13FE)))
"""Cyrillic and Armenian look-alikes, and all of Cherokee: no word mixes them with Latin."""
GREEK = _within(range(0x370, 0x400))
"""Only between two Latin letters, since `sin\u03b1` is a formula."""
MIXED = re2.compile(rf"[A-Za-z][{FOREIGN}]|[{FOREIGN}][A-Za-z]|[A-Za-z][{GREEK}][A-Za-z]")
WORD = re2.compile(rf"[A-Za-z{FOREIGN}{GREEK}]{{3,}}")
TURNED = re2.compile(r"\pL*(?:[ǝʇƃ]\pL*[ɐɟɥᴉɾʞɯɹʍʎʇƃ]|[ɐɟɥᴉɾʞɯɹʍʎʇƃ]\pL*[ǝʇƃ])\pL*")
"""Upside down: of these letters phonetic writing has no ǝ, ʇ and ƃ, and languages that have ǝ none of the others."""
WIDE = re2.compile(
    r"[\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]{3,}|[\x{1d400}-\x{1d6a3}]{4,}|[\x{1f130}-\x{1f169}]{3,}|[\x{24b6}-\x{24e9}]{4,}"
)
ENTITIES = re2.compile(
    r"(?i)(?:&#(?:x0*(?:[46][1-9a-f]|[57][0-9a])|0*(?:6[5-9]|[78][0-9]|90|9[7-9]|10[0-9]|11[0-9]|12[0-2]));){2,}"
)
BASE64 = re2.compile(r"[A-Za-z0-9+/_-]{40,}")


def look_alike(text: str) -> str:
    """A word of three letters or more in which both kinds stand, each beside the other; else one upside down."""
    if text.isascii():
        return ""
    if MIXED.search(text):
        return next((word for word in WORD.findall(text) if MIXED.search(word)), "")
    turned = TURNED.search(text)
    return turned.group() if turned else ""


def wide(text: str) -> str:
    match = None if text.isascii() else WIDE.search(text)
    return match.group() if match else ""


def entity(text: str) -> str:
    match = ENTITIES.search(text) if "&" in text else None
    return match.group() if match else ""


def in_base64(text: str) -> str:
    return next((inner for inner in unwrapped(text) if len(inner.split()) >= 4), "")


FINDERS: dict[str, Callable[[str], str]] = {
    "look_alike": look_alike, "wide": wide, "entity": entity, "base64": in_base64,
}  # fmt: skip
NAMES = {
    "look_alike": "a word of letters that only look Latin, or stand upside down",
    "wide": "Latin letters in another form",
    "entity": "letters as HTML entities", "base64": "a text in base64 or hexadecimal",
}  # fmt: skip


def make(use: Use) -> Scan:
    kinds = use.words("kinds")

    def look(text: str) -> Sighting | None:
        for kind in kinds:
            found = FINDERS[kind](text)
            if found:
                return Sighting(NAMES[kind], found)
        return None

    def suspicious(joined: str) -> bool:
        return not joined.isascii() or "&#" in joined or BASE64.search(joined) is not None

    return Scan(look, "words written as words", "write the words plainly, or remove the record", gate=suspicious)


MEASURE = RowMark(make)
