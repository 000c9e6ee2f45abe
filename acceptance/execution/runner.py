"""Inside the sandbox: an order on stdin to the outcomes of its tests on a pipe. Imports nothing of the project.

It is started with Python's own library alone on the path; pytest is imported before the delivered repository can be,
which comes last on the path, so that no delivered file stands in for either.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

SITE = "/runner/site"
WORK = "/work"
MOST_TEXT = 2_000
Outcomes = dict[str, tuple[str, str]]
"""Test -> passed, failed, error or skipped, and the end of what it said."""


def main() -> None:
    """Take the order, give up what is not needed, run, answer."""
    order = json.loads(sys.stdin.buffer.read())
    _descend(order)
    os.write(order["pipe"], (order["nonce"] + "\n").encode())
    run = _pytest if order["by"] == "pytest" else _unittest
    outcomes = run(order["tests"])
    _answer(order["pipe"], json.dumps({"nonce": order["nonce"], "outcomes": outcomes}).encode())
    os._exit(0)  # whatever the tests left running ends with the sandbox


def _answer(pipe: int, data: bytes) -> None:
    while data:
        data = data[os.write(pipe, data) :]


def _descend(order: dict[str, Any]) -> None:
    """Root becomes nobody; limits that cannot be raised again."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(order["uid"], order["uid"], order["uid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
    for name, value in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    os.set_inheritable(order["pipe"], False)
    os.closerange(3, order["pipe"])
    os.closerange(order["pipe"] + 1, order["limits"]["RLIMIT_NOFILE"])
    os.umask(0o022)


def _pytest(tests: list[str]) -> Outcomes:
    sys.path.append(SITE)
    import pytest

    outcomes: Outcomes = {}

    class Named:
        """Keeps the named tests and notes their outcomes."""

        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            items[:] = [item for item in items if item.nodeid in tests]

        def pytest_runtest_logreport(self, report: Any) -> None:
            _note(outcomes, report.nodeid, _phase(report), str(report.longreprtext or ""))

    _reach_repository()
    files = sorted({test.partition("::")[0] for test in tests})
    present = [file for file in files if Path(WORK, file).is_file()]
    options = ["-q", "--no-header", "--tb=short", "-c", "/dev/null", "--rootdir", WORK, "--confcutdir", WORK]
    options += ["-p", "no:cacheprovider", "--import-mode=append", "--continue-on-collection-errors"]
    pytest.main([*options, *present], plugins=[Named()]) if present else None
    return outcomes


def _phase(report: Any) -> str:
    if report.when == "call" or report.skipped:
        return str(report.outcome)
    return "" if report.passed else "error"


def _note(outcomes: Outcomes, test: str, outcome: str, text: str) -> None:
    """The worst of a test's phases; set-up and tear-down that go well say nothing."""
    worst = ("", "passed", "skipped", "failed", "error")
    if worst.index(outcome) > worst.index(outcomes.get(test, ("", ""))[0]):
        outcomes[test] = (outcome, text[-MOST_TEXT:])


def _unittest(tests: list[str]) -> Outcomes:
    import unittest

    outcomes: Outcomes = {}
    _reach_repository()

    class Noting(unittest.TestResult):
        def addSuccess(self, test: Any) -> None:
            _note(outcomes, test.id(), "passed", "")

        def addFailure(self, test: Any, err: Any) -> None:
            _note(outcomes, test.id(), "failed", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

        def addError(self, test: Any, err: Any) -> None:
            _note(outcomes, test.id(), "error", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

        def addSkip(self, test: Any, reason: str) -> None:
            _note(outcomes, test.id(), "skipped", reason)

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            if err is not None:
                _note(outcomes, test.id(), "failed", self._exc_info_to_string(err, test))  # type: ignore[attr-defined]

        def addExpectedFailure(self, test: Any, err: Any) -> None:
            _note(outcomes, test.id(), "skipped", "an expected failure")

        def addUnexpectedSuccess(self, test: Any) -> None:
            _note(outcomes, test.id(), "failed", "an unexpected success")

    for name in tests:
        suite = unittest.defaultTestLoader.loadTestsFromName(name)
        suite.run(Noting())
    return outcomes


def _reach_repository() -> None:
    sys.path += [WORK, f"{WORK}/src"]


if __name__ == "__main__":
    main()
