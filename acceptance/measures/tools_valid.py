"""Rows to a mark: every tool in a list has a name of its own and arguments described in JSON Schema.

Judged by the meta-schema (draft 7 where the schema says so, else 2020-12) and by bounds: references inside the schema
only, patterns that RE2 takes, at most 2,000 values and 32 levels.
"""

from __future__ import annotations

from typing import Any

from acceptance.measures._marks import Marks, values
from acceptance.measures._schemas import Schemas
from acceptance.measures._turns import declared
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, Batch, Detail


class ToolsValid(Marks):
    """The first tool of each row that cannot be called."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.getter = use.getters["tools"][0]
        self.path = (use.paths.get("tools") or [""])[0] or "$"
        self.schemas = Schemas()

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            found = values([self.getter], row)
            if found is None:
                self.put(None)
                continue
            fault = self._fault([] if found[0] is ABSENT else found[0])
            self.put(fault is None, self._detail(*fault) if fault and self.room() else None)

    def _fault(self, tools: list[Any]) -> tuple[str, str] | None:
        names: set[str] = set()
        for place, name, schema in declared(tools):
            if not isinstance(name, str) or not name:
                return f"{place}.name", "the tool has no name"
            if name in names:
                return f"{place}.name", "an earlier tool has the same name"
            names.add(name)
            problem = self.schemas.problem(schema)
            if problem:
                return f"{place}.parameters", problem
        return None

    def _detail(self, place: str, message: str) -> Detail:
        return Detail(self.path + place, "tools whose parameters are JSON Schema", "", message, "correct the schema")


MEASURE = RowMark(ToolsValid)
