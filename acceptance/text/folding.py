"""Texts to what they amount to: without odd spacing, or without every disguise that a copy can wear."""

from __future__ import annotations

import base64
import binascii
import html
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

import numpy as np
import re2

from acceptance.text.confusables import LOOKALIKES

FORMATS = re2.compile(r"\p{Cf}+")
BASE64 = re2.compile(r"[A-Za-z0-9+/_-]{24,}")
HEX = re2.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){12,})")
LAYERS = 3
"""How often a text may be wrapped in another and still be seen."""
PERCENT = re2.compile(r"(?:%[0-9A-Fa-f]{2})+")
ESCAPED = re2.compile(r"\\u(00[0-9A-Fa-f]{2})|\\x([0-7][0-9A-Fa-f])")
ESCAPES = (PERCENT.pattern, ESCAPED.pattern, "&#")
"""Patterns of which one is found wherever `unescaped` changes a text."""
ACCENTS = range(0x300, 0x370)
ACCENTED = re2.compile(r"[\x{300}-\x{36f}]+")
COMPOSED = frozenset(map(chr, (*range(0x1100, 0x1200), 0x3099, 0x309A)))
"""Parts into which NFKD takes Hangul and voiced kana: put together again, for each is one letter."""
ASCII = bytes(range(128))
FEW = 8
PIECE = 1 << 16
"""Characters that are looked at together; a longer text is taken in pieces."""
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
        self.of_ascii = bytes(ord(self.fold(code) or " ") for code in range(128)) + bytes(128)

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
        if not letter.isalnum() and category[0] != "M":
            return " "
        return "".join(LOOKALIKES.get(ord(small), small) for small in letter.casefold())


_KEEPING_DIGITS, _WITHOUT_DIGITS = _Folding(""), _Folding("0")


def plain(text: str) -> str:
    """NFC, and every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """The text as a reader sees it: case, punctuation, accents, look-alikes and invisible characters gone.

    Words stand between spaces, of which there may be several.
    """
    return _folded(text, _KEEPING_DIGITS)


def hardened(text: str) -> str:
    """`folded` with every digit as 0, so that changed numbers hide nothing."""
    return _folded(text, _WITHOUT_DIGITS)


def hardened_all(texts: Sequence[str]) -> str:
    """`hardened` of each text, one after the other."""
    whole = "\n".join(texts)
    if "&" not in whole and (together := _lettered(whole, _WITHOUT_DIGITS)) is not None:
        return together  # nothing in one text changes how another is read
    return " ".join(map(hardened, texts))


def words(text: str) -> list[str]:
    """The words of `folded`."""
    return parted(folded(text))


def hardened_words(text: str) -> list[str]:
    """The words of `hardened`."""
    return parted(hardened(text))


def parted(text: str) -> list[str]:
    """The words between spaces. Of a long text, which may have millions, each is held once."""
    if len(text) <= PIECE:
        return text.split()
    known: dict[str, str] = {}
    found: list[str] = []
    start = 0
    while start < len(text):
        space = text.find(" ", start + PIECE)
        end = len(text) if space < 0 else space
        piece = text[start:end].split()
        found += map(known.setdefault, piece, piece)
        start = end
    return found


def foreign(text: str) -> set[str]:
    """The characters of a text that are not ASCII, each once: few, where a text is long."""
    if text.isascii():
        return set()
    if len(text) > PIECE:
        return _foreign_of_many(text)
    return set(text.encode("utf-8", "surrogatepass").translate(None, ASCII).decode("utf-8", "surrogatepass"))


def _foreign_of_many(text: str) -> set[str]:
    """By a table of all code points, which is quicker for a long text."""
    seen = np.zeros(sys.maxunicode + 1, dtype=np.bool_)
    for start in range(0, len(text), PIECE):
        codes = text[start : start + PIECE].encode("utf-32-le", "surrogatepass")
        seen[np.frombuffer(codes, dtype="<u4")] = True
    seen[: len(ASCII)] = False
    return set(map(chr, np.flatnonzero(seen).tolist()))


def exchanged(text: str, letters: Mapping[str, str]) -> str:
    """The text with other letters for some; none of the new ones is exchanged again."""
    if len(letters) > FEW:
        return text.translate({ord(letter): other for letter, other in letters.items()})
    for letter, other in letters.items():  # some quotation marks in a long text: quicker than all its characters
        text = text.replace(letter, other)
    return text


def _folded(text: str, table: _Folding) -> str:
    """Entities resolved (also twice escaped ones), compatibility forms and accents decomposed, then by the table."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    done = _lettered(text, table)
    if done is None:
        bare = ACCENTED.sub("", unicodedata.normalize("NFKD", text))
        done = unicodedata.normalize("NFC", str(bare)).translate(table)
    return done


def _lettered(text: str, table: _Folding) -> str | None:
    """Letter by letter, in NFKD, by the table; None where parts of letters must be put together again."""
    if text.isascii():
        return _ascii(text, table)
    bare = unicodedata.normalize("NFKD", text)
    strange = foreign(bare)
    if not COMPOSED.isdisjoint(strange):
        return None
    if len(strange) <= FEW:
        plain_ones = {letter: table[ord(letter)] or "" for letter in strange}
        bare = exchanged(bare, {letter: one for letter, one in plain_ones.items() if one.isascii()})
    return _ascii(bare, table) if bare.isascii() else bare.translate(table)


def _ascii(text: str, table: _Folding) -> str:
    """Byte by byte, which is quicker than by a dictionary: of ASCII each character becomes one."""
    return text.encode("ascii").translate(table.of_ascii).decode("ascii")


def visible(text: str) -> str:
    """The text without characters that only format (category Cf: zero-width, soft hyphen, tags)."""
    hidden = {letter: "" for letter in foreign(text) if _is_format(letter)}
    return exchanged(text, hidden) if hidden else text


@lru_cache(maxsize=4_096)
def _is_format(letter: str) -> bool:
    return FORMATS.search(letter) is not None


def is_escaped(text: str) -> bool:
    """Whether `unescaped` may find something to resolve."""
    return (
        ("%" in text and PERCENT.search(text) is not None)
        or ("\\" in text and ESCAPED.search(text) is not None)
        or "&#" in text
    )


def unescaped(text: str) -> str:
    """Percent, JSON (`\\u0041`, `\\x41`) and HTML escapes resolved, once each, where the text has any."""
    if "%" in text and PERCENT.search(text):
        text = str(PERCENT.sub(lambda match: unquote(match.group()), text))
    if "\\" in text and ESCAPED.search(text):
        text = str(ESCAPED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), text))
    return html.unescape(text) if "&#" in text else text


def unwrapped(text: str, layers: int = LAYERS) -> Iterator[str]:
    """Every text that stands in `text` as base64 (also in its URL-safe alphabet) or hexadecimal, and those in them."""
    if len(text) < 24 or not layers:
        return
    for match in BASE64.finditer(text):
        inner = _unwrap(match.group())
        if inner:
            yield inner
            yield from unwrapped(inner, layers - 1)


def _unwrap(letters: str) -> str:
    """The text, which is seldom more than one of the two: what is hexadecimal is no UTF-8 when read as base64."""
    hexadecimal = HEX.fullmatch(letters)
    if hexadecimal:
        return _shown(bytes.fromhex(hexadecimal.group(1)))
    if len(letters) % 4 == 1:
        return ""
    letters = letters.replace("-", "+").replace("_", "/") + "=" * (-len(letters) % 4)
    try:
        return _shown(base64.b64decode(letters))
    except binascii.Error:
        return ""


def _shown(raw: bytes) -> str:
    """The bytes as text; empty where they are none."""
    try:
        inner = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return inner if inner.isprintable() or sum(map(str.isprintable, inner)) > 0.9 * len(inner) else ""
