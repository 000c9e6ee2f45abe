"""A dialogue to what one of its parties says in it: the texts of that party's messages, a line between two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from acceptance.measures import _turns
from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed


def make(use: Use) -> Callable[[Any], Any]:
    party = use.word("by")
    turns = ("assistant", _turns.CALL) if party == "assistant" else (party,)

    def said(messages: Any) -> Any:
        if messages is ABSENT:
            return ABSENT
        if not isinstance(messages, (list, tuple)):
            raise Malformed
        if not set(map(type, messages)) <= {dict} and not all(isinstance(one, Mapping) for one in messages):
            raise Malformed
        return "\n".join([text for one in messages if _turns.role(one) in turns and (text := _turns.content(one))])

    return said


MEASURE = RowFunction(make)
