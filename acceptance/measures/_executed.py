"""Values of a row to a job for the sandbox, and its answer to a mark.

Rows are handed to the sandbox as they are read; the answers are awaited at the end. A measure says how its values
become a job, and what to do about each of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from acceptance.executions import Asked, Execute, Execution
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail, Malformed, Row

EXPECTED = "the named tests fail before and pass after"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one measure runs code."""

    job: Callable[[Mapping[str, Any], str], Asked]
    """Values by argument, and the runner, to a job. Raises Malformed."""
    help: Mapping[str, str]
    """For each argument that a row gives, what to do if a reason speaks of it."""

    def begin(self, given: Mapping[str, Any], execute: Execute, by: str) -> Callable[[], Execution]:
        """Hands a job over; what it gives back waits for the outcome. Raises Malformed."""
        if any(value is ABSENT for value in given.values()):
            absent = Execution(False, f"the row lacks one of {', '.join(self.help)}")
            return lambda: absent
        return execute(self.job(given, by))


class Marks:
    """One answer to wait for per row; None for a row that cannot be judged."""

    def __init__(self, plan: Plan, use: Use) -> None:
        self.plan = plan
        self.use = use
        self.by = use.word("by")
        self.execute = use.execute(self.by)
        self.waiting: list[Callable[[], Execution] | None] = []

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            try:
                self.waiting.append(self._begin(row))
            except Malformed:
                self.waiting.append(None)

    def merge(self, later: Marks) -> None:
        self.waiting += later.waiting

    def finish(self) -> Column:
        found = [wait() if wait is not None else None for wait in self.waiting]
        values = np.array([one is not None and one.fixes for one in found], dtype=np.bool_)
        known = np.array([one is not None for one in found], dtype=np.bool_)
        return Column(values, known, {row: self._detail(row, one) for row, one in enumerate(found) if one is not None})

    def _begin(self, row: Row) -> Callable[[], Execution]:
        given = {name: self.use.getters[name][0](row) for name in self.plan.help}
        return self.plan.begin(given, self.execute, self.by)

    def _detail(self, row: int, one: Execution) -> Detail:
        output = one.output if row < MAX_DETAILS else ""
        part = one.part if one.part in self.plan.help else list(self.plan.help)[-1]
        help = "state what the tests show" if one.fixes else self.plan.help[part]
        return Detail(self.use.paths[part][0] or "$", EXPECTED, output, one.reason, help)


@dataclass(frozen=True, slots=True)
class Executes(RowMark):
    """A row measure that runs code: of delivered rows all at once, of an answer by its plan."""

    plan: Plan


def executes(plan: Plan) -> Executes:
    return Executes(lambda use: Marks(plan, use), plan)
