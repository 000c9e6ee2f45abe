"""Rows to a mark: a text holds characters that a reader cannot see, or that make it look other than it is.

Invisible and formatting characters, bidirectional controls, Unicode tags, control bytes and escape sequences, the
replacement character, private use. Joiners inside emoji and inside scripts that need them are ordinary writing.
"""

from __future__ import annotations

import unicodedata

import re2

from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark

SUSPECTS = re2.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{ad}\x{34f}\x{600}-\x{605}\x{61c}\x{6dd}\x{70f}\x{115f}\x{1160}\x{17b4}"
    r"\x{17b5}\x{180b}-\x{180f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{2800}\x{3164}\x{d800}-\x{dfff}"
    r"\x{e000}-\x{f8ff}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{fff0}-\x{fffd}\x{1bca0}-\x{1bca3}\x{1d173}-\x{1d17a}"
    r"\x{e0000}-\x{e0fff}\x{f0000}-\x{10ffff}]".replace(r"\x{d800}-\x{dfff}", "")
)
RETURN = re2.compile(r"\r(?:[^\n]|$)")
"""A carriage return that ends no line: what follows it covers what stands before it."""
FLAG = "\U0001f3f4"
JOINERS = "\u200c\u200d"
MARKS = "\u200e\u200f\u061c"
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f"

KINDS = (
    (range(0x1B, 0x1C), "an escape sequence"),
    (range(0xA0), "a control character"),
    (range(0xAD, 0xAE), "a soft hyphen"),
    (range(0x202A, 0x202F), "a bidirectional control"),
    (range(0x2066, 0x206A), "a bidirectional control"),
    (range(0x200E, 0x2010), "a bidirectional control"),
    (range(0xE000, 0xF900), "a private-use character"),
    (range(0xFFFD, 0xFFFE), "the replacement character"),
    (range(0xE0000, 0xE0080), "a Unicode tag"),
    (range(0xF0000, 0x110000), "a private-use character"),
)


def look(text: str) -> Sighting | None:
    """The first character that hides or disguises something, with its code point and place."""
    covered = RETURN.search(text)
    if covered:
        return Sighting(f"a carriage return alone (U+000D, character {covered.start() + 1})", "U+000D")
    if not SUSPECTS.search(text):
        return None
    suspects = frozenset(filter(SUSPECTS.match, set(text)))
    for at, letter in enumerate(text):
        if letter in suspects and not _belongs(text, at, letter):
            return Sighting(f"{_kind(ord(letter))} (U+{ord(letter):04X}, character {at + 1})", f"U+{ord(letter):04X}")
    return None


def _kind(code: int) -> str:
    return next((name for codes, name in KINDS if code in codes), "an invisible character")


def _belongs(text: str, at: int, letter: str) -> bool:
    """Whether the writing system needs the character here."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    code = ord(letter)
    if letter in VISIBLE_FORMATS:
        return True
    if letter in MARKS:
        return any(unicodedata.bidirectional(near) in ("R", "AL", "AN") for near in before + after)
    if letter in JOINERS:
        return (_is_emoji(before) and _is_emoji(after)) or (_joins(before) and _joins(after))
    if 0xFE00 <= code <= 0xFE0F:
        return bool(before) and not before.isspace() and not SUSPECTS.match(before)
    if 0xE0100 <= code <= 0xE01EF:
        return "\u3400" <= before <= "\u9fff"
    if 0xE0020 <= code <= 0xE007F:
        return _is_flag(text, at)
    return False


def _is_emoji(letter: str) -> bool:
    return bool(letter) and (unicodedata.category(letter) in ("So", "Sk") or letter in "\ufe0f\u2640\u2642")


def _joins(letter: str) -> bool:
    """Arabic and Indic scripts, in which joiners change how letters look."""
    return "\u0600" <= letter <= "\u109f" or "\u1780" <= letter <= "\u18af"


def _is_flag(text: str, at: int) -> bool:
    """A tag inside a regional flag: a black flag, at most six tags, the cancelling tag."""
    start = text.rfind(FLAG, max(0, at - 7), at)
    return start >= 0 and all("\U000e0020" <= letter <= "\U000e007f" for letter in text[start + 1 : at])


def suspicious(joined: str) -> bool:
    """Whether any of these texts may hide something."""
    return SUSPECTS.search(joined) is not None or RETURN.search(joined) is not None


MEASURE = RowMark(
    lambda use: Scan(look, "no characters that a reader cannot see", "remove the character", gate=suspicious)
)
