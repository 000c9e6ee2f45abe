"""Whether every citation in a text, such as [2], [1, 3-4] or 【4†source】, counts to a source of a list.

Brackets behind a letter are indices, those before `(` links, and lists with a 0 intervals: none of them cites.
"""

from __future__ import annotations

from typing import Any

import re2

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed

MARK = re2.compile(r"(?:^|[^\pL\pN_\])])\[(\^?[0-9]{1,3}(?:\s?[,;\x{2013}-]\s?[0-9]{1,3}){0,20})\](?:[^(]|$)")
SOURCE = re2.compile(r"\x{3010}([0-9]{1,3})(?::[0-9]{1,3})?\x{2020}[^\x{3011}\n]{0,80}\x{3011}")
NUMBER = re2.compile(r"[0-9]+")


def citations_resolve(text: Any, sources: Any) -> bool:
    if text is ABSENT:
        return True
    listed = () if sources is ABSENT else sources
    if not isinstance(text, str) or not isinstance(listed, list | tuple):
        raise Malformed
    marks = [[int(one) for one in NUMBER.findall(match.group(1))] for match in MARK.finditer(text)]
    marks += [[int(match.group(1))] for match in SOURCE.finditer(text)]
    return all(0 in mark or max(mark) <= len(listed) for mark in marks)


MEASURE = RowFunction(lambda use: citations_resolve)
