"""Texts to what they amount to: without odd spacing, or without every disguise that a copy can wear."""

from __future__ import annotations

import base64
import binascii
import html
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

import re2

from acceptance.text.confusables import LOOKALIKES

FORMATS = re2.compile(r"\p{Cf}+")
BASE64 = re2.compile(r"[A-Za-z0-9+/_-]{24,}")
PERCENT = re2.compile(r"(?:%[0-9A-Fa-f]{2})+")
ESCAPED = re2.compile(r"\\u(00[0-9A-Fa-f]{2})|\\x([0-7][0-9A-Fa-f])")
ACCENTS = range(0x300, 0x370)
ACCENTED = re2.compile(r"[\x{300}-\x{36f}]+")
COMPOSED = re2.compile(r"[\x{1100}-\x{11ff}\x{3099}\x{309a}]")
"""Parts into which NFKD takes Hangul and voiced kana: put together again, for each is one letter."""
UNSPACED = (
    range(0x0E00, 0x0F00), range(0x1000, 0x10A0), range(0x1780, 0x1800), range(0x3040, 0x3100),
    range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x40000),
)  # fmt: skip
"""Scripts written without spaces between words: each character counts as a word."""


class _Folding(dict[int, str | None]):
    """str.translate's table, filled as characters are met (there are at most as many as Unicode has)."""

    def __init__(self, digit: str) -> None:
        super().__init__()
        self.digit = digit

    def __missing__(self, code: int) -> str | None:
        self[code] = folded = self.fold(code)
        return folded

    def fold(self, code: int) -> str | None:
        """What one character becomes: a lower-case look-alike, itself, nothing or a space."""
        letter = chr(code)
        category = unicodedata.category(letter)
        if code in LOOKALIKES:
            return LOOKALIKES[code]
        if category == "Cf" or code in ACCENTS:
            return None
        if category == "Nd":
            return self.digit or str(unicodedata.digit(letter))
        if any(code in script for script in UNSPACED):
            return f" {letter} "
        return letter.casefold() if letter.isalnum() or category[0] == "M" else " "


_KEEPING_DIGITS, _WITHOUT_DIGITS = _Folding(""), _Folding("0")


def plain(text: str) -> str:
    """NFC, and every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """The text as a reader sees it: case, punctuation, accents, look-alikes and invisible characters gone.

    Words stand between spaces, of which there may be several.
    """
    return _resolved(text).translate(_KEEPING_DIGITS)


def hardened(text: str) -> str:
    """`folded` with every digit as 0, so that changed numbers hide nothing."""
    return _resolved(text).translate(_WITHOUT_DIGITS)


def words(text: str) -> list[str]:
    """The words of `folded`."""
    return folded(text).split()


def hardened_words(text: str) -> list[str]:
    """The words of `hardened`."""
    return hardened(text).split()


def _resolved(text: str) -> str:
    """Entities resolved (also twice escaped ones), compatibility forms and accents decomposed."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text)
    if COMPOSED.search(bare):
        bare = unicodedata.normalize("NFC", str(ACCENTED.sub("", bare)))
    return bare


def visible(text: str) -> str:
    """The text without characters that only format (category Cf: zero-width, soft hyphen, tags)."""
    return text if text.isascii() or not FORMATS.search(text) else str(FORMATS.sub("", text))


def unescaped(text: str) -> str:
    """Percent, JSON (`\\u0041`, `\\x41`) and HTML escapes resolved, once each, where the text has any."""
    if "%" in text and PERCENT.search(text):
        text = str(PERCENT.sub(lambda match: unquote(match.group()), text))
    if "\\" in text and ESCAPED.search(text):
        text = str(ESCAPED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), text))
    return html.unescape(text) if "&#" in text else text


def unwrapped(text: str) -> Iterator[str]:
    """Every text that stands in `text` as base64, one layer deep; also in its URL-safe alphabet."""
    if len(text) < 24:
        return
    for match in BASE64.finditer(text):
        inner = _unwrap(match.group())
        if inner:
            yield inner


def _unwrap(letters: str) -> str:
    if len(letters) % 4 == 1:
        return ""
    letters = letters.replace("-", "+").replace("_", "/") + "=" * (-len(letters) % 4)
    try:
        raw = base64.b64decode(letters)
        inner = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return inner if inner.isprintable() or sum(map(str.isprintable, inner)) > 0.9 * len(inner) else ""
