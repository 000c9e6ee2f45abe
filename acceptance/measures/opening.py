"""A text to its first words, whatever their case and punctuation; a shorter text to all of its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import words

PER_WORD = 200
"""Characters looked at for each word asked for."""


def make(use: Use) -> Callable[[Any], Any]:
    length = int(use.word("length"))

    def opening(text: Any) -> Any:
        if text is ABSENT:
            return ABSENT
        if not isinstance(text, str):
            raise Malformed
        return " ".join(words(text.lstrip()[: PER_WORD * length])[:length])

    return opening


MEASURE = RowFunction(make)
