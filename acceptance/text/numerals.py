"""A text to the number it gives as its answer, exactly: behind `####` or in `\\boxed{}`, else the last one of the text.

A number is written in decimal digits of any script, with a point, thousands in groups of three, a power of ten behind
`e`, or as a fraction, `3/4` or `1 1/2`. Currency signs, percent signs and units are passed over, never converted: `5 %`
is 5. No calculation is carried out. What starts like a number and is none, `3,5`, `1.2.3` or `10:30`, gives no answer
rather than a part of itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from fractions import Fraction

import re2

LATEST = 10_000
"""Characters of the end of a text, or behind its last mark, that are looked at."""
WIDEST = 400
"""Digits of a number that is read, and its largest power of ten."""
MARKS = ("####", "\\boxed{")
"""What stands before a stated answer; the last one counts."""
CURRENCIES = "$€£¥₹\\"
MINUS = "-\u2212\u2013"
APART = "'\u2019\u00a0\u2009\u202f,"
"""What may part thousands: one of them throughout a number."""

RUN = re2.compile(rf"\.?[0-9](?:[0-9]|[.:/{APART}][0-9])*(?:[eE][+-]?[0-9]+)?(?: [0-9]+/[0-9]+)?")
PLAIN = re2.compile(rf"([0-9]+|[0-9]{{1,3}}(?:[{APART}][0-9]{{3}})+)?(\.[0-9]+)?(?:[eE]([+-]?[0-9]{{1,6}}))?")
RATIO = re2.compile(r"(?:([0-9]+) )?([0-9]+)/([0-9]+)")
LATEX = re2.compile(r"([0-9])?\\[dt]?frac\{([0-9]+)\}\{([0-9]+)\}")


def stated(text: str) -> Fraction | None:
    """The number that a text answers with; None where it answers with none."""
    at, mark = max((text.rfind(mark), mark) for mark in MARKS)
    if at < 0:
        found = list(_numbers(_plain(text[-LATEST:])))
        return found[-1] if found else None
    line = text[at + len(mark) : at + len(mark) + LATEST].lstrip().partition("\n")[0]
    return next(_numbers(_plain(line)), None)


def _plain(text: str) -> str:
    """Digits of other scripts and fractions of LaTeX as they are read below."""
    digits = "".join(map(_digit, text.encode("utf-8", "replace").decode())) if not text.isascii() else text
    return str(LATEX.sub(_ratio, digits.replace("{,}", ",")))


def _digit(char: str) -> str:
    return char if char.isascii() or (value := unicodedata.decimal(char, None)) is None else str(value)


def _ratio(found: re2._Match[str]) -> str:
    whole, above, below = found.groups()
    return f"{whole} {above}/{below}" if whole else f"{above}/{below}"


def _numbers(text: str) -> Iterator[Fraction | None]:
    """Each number; None for what starts like one and is none."""
    for found in RUN.finditer(text):
        before = text[max(0, found.start() - 8) : found.start()]
        if (before[-1:].isascii() and before[-1:].isalpha()) or before.endswith(("_", "^", "^{")):
            continue  # a part of a name, `H2O`, or an exponent
        value = _value(found.group())
        yield -value if value is not None and _negative(before.rstrip(CURRENCIES)) else value


def _negative(before: str) -> bool:
    """Whether a sign stands before the number, and no operation: `= -5`, but not `10-5`."""
    if not before.endswith(tuple(MINUS)):
        return False
    earlier = before[-2:-1]
    return not earlier.isalnum() and earlier not in (")", "]", "}", "%")


def _value(run: str) -> Fraction | None:
    if sum(map(str.isdigit, run)) > WIDEST:
        return None
    if ratio := RATIO.fullmatch(run):
        whole, above, below = (int(part or 0) for part in ratio.groups())
        return whole + Fraction(above, below) if below else None
    plain = PLAIN.fullmatch(run)
    if plain is None or len({char for char in run if char in APART}) > 1:
        return None
    power = int(plain.group(3) or 0)
    digits = "".join(char for char in plain.group(1) or "0" if char not in APART)
    return Fraction(digits + (plain.group(2) or "")) * Fraction(10) ** power if abs(power) <= WIDEST else None
