"""Whether code is grammatical: the whole text, or each of its fenced blocks that name the language.

Python as the interpreter that runs the check parses it; nothing is executed. Code of more than LONGEST characters, or
nested deeper than the parser follows, does not parse.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import re2

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed
from acceptance.text.pysource import tree

LONGEST = 200_000
FENCED = re2.compile(r"(?ims)^[ \t]*(?:```|~~~)[ \t]*(?:python3?|py)[ \t]*$\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\z)")


def make(use: Use) -> Callable[[Any], bool]:
    whole = use.word("part") == "whole"

    def code_parses(text: Any) -> bool:
        if text is ABSENT:
            return False
        if not isinstance(text, str):
            raise Malformed
        return all(map(parses, [text] if whole else [match.group(1) for match in FENCED.finditer(text)]))

    return code_parses


def parses(code: str) -> bool:
    """Whether Python's parser takes the code."""
    if len(code) > LONGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the code's own, such as an invalid escape
            tree(_dedented(code))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _dedented(code: str) -> str:
    """A block inside a list item is indented as a whole."""
    lines = code.split("\n")
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    return "\n".join(line[margin:] for line in lines) if margin else code


MEASURE = RowFunction(make)
