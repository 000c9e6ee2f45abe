"""Two texts to the share of the first's words that lie in runs which the second has too, in percent and exact.

Runs of `run` words as `text.folded` gives them; 0 % of a text with fewer words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import words


def make(use: Use) -> Callable[[Any, Any], Any]:
    size = int(use.word("run"))

    def echoed(text: Any, source: Any) -> Any:
        if text is ABSENT or source is ABSENT:
            return ABSENT
        if not isinstance(text, str) or not isinstance(source, str):
            raise Malformed
        mine = words(text)
        known = set(_runs(words(source), size))
        covered = end = 0
        for at, run in enumerate(_runs(mine, size)):
            if run in known:
                covered += at + size - max(at, end)
                end = at + size
        return Fraction(100 * covered, len(mine)) if mine else 0

    return echoed


def _runs(items: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(islice(items, shift, None) for shift in range(size)), strict=False)


MEASURE = RowFunction(make)
