"""Whether a text holds a passage of a given form: a pattern in RE2, searched for anywhere unless it is anchored.

An absent text matches nothing. Raises Malformed for a text that is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import re2

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed


def make(use: Use) -> Callable[[Any], bool]:
    pattern = re2.compile(use.word("pattern"))

    def matches(text: Any) -> bool:
        if text is ABSENT:
            return False
        if not isinstance(text, str):
            raise Malformed
        return pattern.search(text) is not None

    return matches


MEASURE = RowFunction(make)
