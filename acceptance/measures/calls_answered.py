"""Rows to a mark: every tool call of a dialogue has one result, and every result answers an open call.

Calls have ids that no other call of the dialogue has; a result names its call's id and, if it names one, its tool.
Where no call has an id, results answer calls in order. `last: open` allows the calls of the last turn to stand open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acceptance.measures import _turns
from acceptance.measures._marks import Marks, values
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, Batch, Detail

Fault = tuple[str, str]
"""(path below the list, what is wrong there)"""


class CallsAnswered(Marks):
    """The first call or result of each row that has no partner."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.getter = use.getters["messages"][0]
        self.path = (use.paths.get("messages") or [""])[0] or "$"
        self.open_end = use.word("last") == "open"

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            found = values([self.getter], row)
            if found is None:
                self.put(None)
                continue
            fault = unpaired([] if found[0] is ABSENT else found[0], self.open_end)
            self.put(fault is None, self._detail(*fault) if fault and self.room() else None)

    def _detail(self, place: str, message: str) -> Detail:
        expected = "one result for each call, and a call for each result"
        return Detail(self.path + place, expected, "", message, "correct the ids, or deliver the whole run")


def unpaired(messages: list[Any], open_end: bool) -> Fault | None:
    """The first fault in the order of the dialogue."""
    made: dict[int, list[_turns.Called]] = {}
    for one in _turns.calls(messages):
        made.setdefault(one.entry, []).append(one)
    strange = _turns.unreadable(messages)
    if strange is not None:
        return strange, "the entry is neither a message nor a call"
    open_: list[_turns.Called] = []
    ids: set[Any] = set()
    for at, message in enumerate(messages):
        turn = _turns.role(message) if isinstance(message, Mapping) else ""
        if turn == "tool":
            fault = _answer(at, message, open_)
        else:
            fault = _left(open_) or _new(made.get(at, []), ids)
            open_ += made.get(at, [])
        if fault:
            return fault
    last = len(messages) - 1
    return _left([one for one in open_ if not (open_end and one.entry == last)])


def _answer(at: int, message: Mapping[str, Any], open_: list[_turns.Called]) -> Fault | None:
    """Closes the call that the result answers."""
    wanted = message.get("tool_call_id")
    call = next((one for one in open_ if one.id == wanted), None)
    if call is None:
        return f"[{at}]", "the result answers no open call" if open_ or wanted else "a result without a call"
    if message.get("name") is not None and message["name"] != call.name:
        return f"[{at}].name", "the result names another tool than its call"
    open_.remove(call)
    return None


def _new(made: list[_turns.Called], ids: set[Any]) -> Fault | None:
    for one in made:
        if one.id is not None and (not isinstance(one.id, str) or not one.id or one.id in ids):
            return f"{one.path}.id", "the id is that of an earlier call" if one.id in ids else "the id is no text"
        if one.id is not None:
            ids.add(one.id)
    return None


def _left(open_: list[_turns.Called]) -> Fault | None:
    return (open_[0].path, "the call has no result") if open_ else None


MEASURE = RowMark(CallsAnswered)
