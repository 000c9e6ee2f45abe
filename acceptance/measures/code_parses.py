"""Whether code is grammatical: the whole text, or each of its fenced blocks that name the language.

Python as the interpreter that runs the check parses it; nothing is executed. Code of more than LONGEST characters, or
nested deeper than the parser follows, does not parse.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed
from acceptance.text.pysource import dedented, fenced, tree

LONGEST = 200_000


def make(use: Use) -> Callable[[Any], bool]:
    whole = use.word("part") == "whole"

    def code_parses(text: Any) -> bool:
        if text is ABSENT:
            return False
        if not isinstance(text, str):
            raise Malformed
        return all(map(parses, [text] if whole else fenced(text)))

    return code_parses


def parses(code: str) -> bool:
    """Whether Python's parser takes the code."""
    if len(code) > LONGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the code's own, such as an invalid escape
            tree(dedented(code))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


MEASURE = RowFunction(make)
