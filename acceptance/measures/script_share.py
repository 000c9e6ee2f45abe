"""A text to the share of its letters that belong to the given scripts, in percent and exact; 100 % without letters."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import re2

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed

CLASSES = {
    "latin": r"\p{Latin}", "greek": r"\p{Greek}", "cyrillic": r"\p{Cyrillic}", "arabic": r"\p{Arabic}",
    "hebrew": r"\p{Hebrew}", "devanagari": r"\p{Devanagari}", "han": r"\p{Han}",
    "kana": r"\p{Hiragana}\p{Katakana}ー", "hangul": r"\p{Hangul}", "thai": r"\p{Thai}",
}  # fmt: skip
LETTERS = re2.compile(r"\p{L}+")


def make(use: Use) -> Callable[[Any], Any]:
    scripts = use.words("scripts")
    inside = re2.compile(f"[{''.join(CLASSES[script] for script in scripts)}]+")

    def script_share(text: Any) -> Any:
        if text is ABSENT:
            return ABSENT
        if not isinstance(text, str):
            raise Malformed
        letters = "".join(LETTERS.findall(text))
        if not letters or (text.isascii() and "latin" in scripts):
            return 100
        return Fraction(100 * sum(map(len, inside.findall(letters))), len(letters))

    return script_share


MEASURE = RowFunction(make)
