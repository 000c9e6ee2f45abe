"""Tests, snapshot and patch of a row to a mark: the patch makes the failing tests pass, as the sandbox found.

True where every named test fails on the snapshot and passes with the patch, which touches no test. Rows are handed to
the sandbox as they are read; the answers are awaited at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from acceptance.executions import Execute, Execution, Job
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail, Malformed, Row

HELP = {
    "tests": "name tests that fail on the snapshot because of the fault and pass once it is mended",
    "in": "send the working tree at the base commit as a plain tar archive",
    "apply": "send the patch as `git diff` writes it against the snapshot, without changes to tests",
}


class Fixes:
    """One answer to wait for per row; None for a row that cannot be judged."""

    def __init__(self, use: Use, execute: Execute) -> None:
        self.use = use
        self.execute = execute
        self.waiting: list[Callable[[], Execution] | None] = []

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            try:
                self.waiting.append(self._begin(row))
            except Malformed:
                self.waiting.append(None)

    def merge(self, later: Fixes) -> None:
        self.waiting += later.waiting

    def finish(self) -> Column:
        found = [wait() if wait is not None else None for wait in self.waiting]
        values = np.array([one is not None and one.fixes for one in found], dtype=np.bool_)
        known = np.array([one is not None for one in found], dtype=np.bool_)
        return Column(values, known, {row: self._detail(row, one) for row, one in enumerate(found) if one is not None})

    def _begin(self, row: Row) -> Callable[[], Execution]:
        """Raises Malformed."""
        given = {name: self.use.getters[name][0](row) for name in ("tests", "in", "apply")}
        if any(value is ABSENT for value in given.values()):
            absent = Execution(False, "the row names no tests, snapshot or patch")
            return lambda: absent
        job = Job(_texts(given["tests"]), *_file(given["in"]), str(given["apply"]), self.use.word("by"))
        return self.execute(job)

    def _detail(self, row: int, one: Execution) -> Detail:
        output = one.output if row < MAX_DETAILS else ""
        expected = "the named tests fail before and pass after the patch"
        help = "state what the tests show" if one.fixes else HELP[one.part]
        return Detail(self.use.paths[one.part][0] or "$", expected, output, one.reason, help)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed
    return tuple(value)


def _file(value: Any) -> tuple[str, str]:
    path, sha256 = value.get("path"), value.get("sha256")
    if not isinstance(path, str) or not isinstance(sha256, str):
        raise Malformed
    return path, sha256


MEASURE = RowMark(lambda use: Fixes(use, use.execute(use.word("by"))))
