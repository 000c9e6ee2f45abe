"""Whether an answer is the expected text: equal after NFC, with runs of white space as one space, case kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from acceptance.measures.protocol import RowFunction, Use


def exact_match(answer: Any, expected: Any) -> bool:
    return isinstance(answer, str) and isinstance(expected, str) and settled(answer) == settled(expected)


def settled(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def make(use: Use) -> Callable[[Any, Any], bool]:
    return exact_match


MEASURE = RowFunction(make)
