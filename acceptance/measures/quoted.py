"""Whether words are quoted from a text: they stand there in this order, whatever case, spacing and punctuation.

`...` in a quotation leaves words out. Of several quotations each must be found; of several texts one must hold it.
"""

from __future__ import annotations

from typing import Any

import re2

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import words

GAP = re2.compile(r"\[?(?:\.\.\.|\x{2026})\]?")


def quoted(quotes: Any, source: Any) -> bool:
    wanted, texts = _texts(quotes), [f" {' '.join(words(text))} " for text in _texts(source)]
    return bool(wanted) and all(any(_holds(text, quote) for text in texts) for quote in wanted)


def _texts(value: Any) -> list[str]:
    """One text or several; none where it is absent. Raises Malformed for anything else."""
    found = [] if value is ABSENT else value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(text, str) for text in found):
        raise Malformed
    return list(found)


def _holds(text: str, quote: str) -> bool:
    parts = [" ".join(words(part)) for part in GAP.split(quote)]
    at = 0
    for part in filter(None, parts):
        at = text.find(f" {part} ", at)
        if at < 0:
            return False
        at += len(part) + 1
    return any(parts)


MEASURE = RowFunction(lambda use: quoted)
