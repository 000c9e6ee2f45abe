"""Rows to a mark: every call names a declared tool, and its arguments are what the tool's JSON Schema asks for.

Calls are messages with `tool_calls` or `function_call`, steps with `tool` and `arguments`, or calls themselves. `form`
says how all arguments are written: as a JSON object, or as a text that is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acceptance.measures._marks import Marks, values
from acceptance.measures._schemas import Schemas
from acceptance.measures._turns import Called, calls, declared, unreadable
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, Batch, Detail, Malformed
from acceptance.values import jsontext

Fault = tuple[str, str]


class ArgumentsValid(Marks):
    """The first call of each row that its tool would refuse."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.getters = [use.getters["messages"][0], use.getters["tools"][0]]
        self.path = (use.paths.get("messages") or [""])[0] or "$"
        self.form = use.word("form")
        self.schemas = Schemas()
        self.unchecked: set[str] = set()

    @property
    def note(self) -> str:  # type: ignore[override]
        """Formats that the schemas of called tools ask for and that are not decided."""
        return f"formats not checked: {', '.join(sorted(self.unchecked))}" if self.unchecked else ""

    def merge(self, later: ArgumentsValid) -> None:
        super().merge(later)
        self.unchecked |= later.unchecked

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            found = values(self.getters, row)
            if found is None:
                self.put(None)
                continue
            messages, tools = ([] if one is ABSENT else one for one in found)
            fault = self._fault(messages, tools)
            self.put(fault is None, self._detail(*fault) if fault and self.room() else None)

    def _fault(self, messages: list[Any], tools: list[Any]) -> Fault | None:
        schemas: dict[Any, Any] | None = None
        strange = unreadable(messages)
        if strange is not None:
            return strange, "the entry is neither a message nor a call"
        for call in calls(messages):
            if schemas is None:
                schemas = {name: schema for _, name, schema in declared(tools) if isinstance(name, str)}
            if not isinstance(call.name, str) or call.name not in schemas:
                return call.path, "the call names no tool that is declared"
            fault = self._refused(call, schemas[call.name])
            if fault:
                return fault
        return None

    def _refused(self, call: Called, schema: Any) -> Fault | None:
        place = call.place
        arguments = parsed(call.arguments) if self.form == "text" else call.arguments
        if not isinstance(arguments, Mapping):
            wanted = "an object" if self.form == "object" else "a text that is one JSON object"
            return place, f"the arguments are not {wanted}"
        if self.schemas.problem(schema):
            return place, "the tool's schema is no JSON Schema, so nothing can be said of its arguments"
        self.unchecked |= self.schemas.unchecked(schema)
        fault = self.schemas.fault(schema, arguments)
        return (place + fault[0], fault[1]) if fault else None

    def _detail(self, place: str, message: str) -> Detail:
        return Detail(self.path + place, "arguments that the declared tool takes", "", message, "correct the call")


def parsed(text: Any) -> Any:
    """The JSON value that a text is; None where it is none."""
    try:
        return jsontext.parse(text) if isinstance(text, str) else None
    except Malformed:
        return None


MEASURE = RowMark(ArgumentsValid)
