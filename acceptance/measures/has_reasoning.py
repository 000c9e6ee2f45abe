"""Rows to a mark: marks of a model's private reasoning stand outside the fields that may hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any

import re2

from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import below, strings

MARKS = re2.compile(
    r"(?i)(</?(?:think|thinking|thought|reasoning|scratchpad|analysis|reflection|inner_monologue)>"
    r"|<\|?/?(?:begin_of_thought|end_of_thought|thinking|reasoning)\|?>|<\|channel\|>\s?analysis|\x{25c1}/?think\x{25b7}"
    r"|\[/?THINK\]|<seed:think>"
    r"|(?:^|\n)[ \t]*(?:okay|ok|alright|hmm|right),? (?:so,? )?the user (?:wants|is asking|asks|asked|needs|said)\b)"
)


def make(use: Use) -> Scan:
    allowed = tuple(reduce(below, path.split(".")[1:], "$") for path in use.paths["outside"] if path)

    def texts(table: str) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]:
        return lambda row: ((path, text) for path, text in strings(row) if not _is_below(path, allowed))

    return Scan(look, "no private reasoning of a model", "remove it, or move it where reasoning is declared",
                texts=texts, gate=lambda joined: MARKS.search(joined) is not None)  # fmt: skip


def look(text: str) -> Sighting | None:
    match = MARKS.search(text)
    return Sighting(f"a mark of private reasoning at character {match.start() + 1}", match.group()) if match else None


def _is_below(path: str, allowed: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in allowed)


MEASURE = RowMark(make)
