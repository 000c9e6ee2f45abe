"""Rows to a mark: the turns of a dialogue come in the order that a trainer's role grammar asks for.

The grammars are data (`role_grammars.yaml`): what may follow each turn, what may be last, what must occur.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from acceptance.measures import _turns
from acceptance.measures._marks import Marks, values
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, Batch, Detail

SHORT, MOST = 32, 1_000
"""Turns of a dialogue whose order is remembered, and how many such orders are."""


class Follows(Marks):
    """The first turn of each row that is out of order."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.getter = use.getters["messages"][0]
        self.path = (use.paths.get("messages") or [""])[0] or "$"
        self.name = use.word("rules")
        self.grammar = grammars()[self.name]
        self.sound: set[tuple[str, ...]] = set()
        """Orders of turns that were found good."""

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            found = values([self.getter], row)
            if found is None:
                self.put(None)
                continue
            turns = turns_of([] if found[0] is ABSENT else found[0])
            fault = None if turns in self.sound else out_of_order(turns, self.grammar)
            if fault is None and len(turns) <= SHORT and len(self.sound) < MOST:
                self.sound.add(turns)
            self.put(fault is None, self._detail(*fault) if fault and self.room() else None)

    def _detail(self, at: int, message: str) -> Detail:
        place = f"{self.path}[{at}]" if at >= 0 else self.path
        return Detail(place, f"turns in the order that {self.name} trains on", "", message, "put the turns in order")


def turns_of(messages: list[Any]) -> tuple[str, ...]:
    """The turn of each message; empty for what is none."""
    return tuple([_turns.role(one) if isinstance(one, dict) else "" for one in messages])


def out_of_order(turns: Sequence[str], grammar: dict[str, Any]) -> tuple[int, str] | None:
    """(position, what is wrong with it) of the first turn that may not stand where it stands; -1 for the whole."""
    before, seen = "start", set()
    for at, turn in enumerate(turns):
        if turn not in grammar["after"][before]:
            where = "at the start" if before == "start" else f"after {WORDS[before]}"
            return at, f"{WORDS[turn]} {where}; {_listed(grammar['after'][before])} may stand here"
        seen |= {turn, "assistant"} if turn == _turns.CALL else {turn}
        before = turn
    if before not in grammar["ends"]:
        last = "an empty dialogue" if before == "start" else f"{WORDS[before]} at the end"
        return len(turns) - 1, f"{last}; {_listed(grammar['ends'])} may be last"
    missing = [turn for turn in grammar["needs"] if turn not in seen]
    return (-1, f"{WORDS[missing[0]]} is missing") if missing else None


@cache
def grammars() -> dict[str, dict[str, Any]]:
    """Trainer -> its role grammar."""
    text = resources.files("acceptance.measures").joinpath("role_grammars.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def _listed(turns: list[str]) -> str:
    words = [WORDS[turn] for turn in turns]
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"


WORDS = {
    "system": "a system message", "user": "a user's message", "assistant": "an answer", "call": "a tool call",
    "tool": "a tool's result", "": "a role that is none",
}  # fmt: skip

MEASURE = RowMark(Follows)
