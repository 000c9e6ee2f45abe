"""`fixes`: rows to jobs for the sandbox, and its answers to marks with place and repair. A stand-in answers here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support import reader, run, run_in_parts, same, use

from acceptance.executions import Execution, Job
from acceptance.measures import fixes
from acceptance.measures.protocol import Unavailable, Use

GETTERS = {"tests": [reader("tests", of=object)], "in": [reader("in", of=dict)], "apply": [reader("patch")]}
PATHS = {"tests": ["$.tests"], "in": ["$.in"], "apply": ["$.patch"]}


def answering(asked: list[Job]) -> Use:
    """The patch `good` mends."""

    def execute(job: Job) -> Callable[[], Execution]:
        asked.append(job)
        return lambda: Execution(job.patch == "good", f"{job.patch} patch", "apply", "output")

    return use("fixes", GETTERS, PATHS, execute=lambda by: execute, by="unittest")


def row(patch: Any, **more: Any) -> dict[str, Any]:
    return {"tests": ["t"], "in": {"path": "s.tar", "sha256": "0"}, "patch": patch, **more}


def test_each_row_is_a_job_and_gets_its_answer() -> None:
    asked: list[Job] = []
    column = run(fixes.MEASURE, answering(asked), [row("good"), row("bad"), row("good")])
    assert column.values.tolist() == [True, False, True] and column.known.all()
    assert asked[1] == Job(("t",), "s.tar", "0", "bad", "unittest")
    detail = column.details[1]
    assert (detail.path, detail.message, detail.found) == (
        "$.patch",
        "bad patch",
        "output",
    ) and "git diff" in detail.help


def test_malformed_rows_stay_unjudged_and_absent_ones_are_no_fix() -> None:
    asked: list[Job] = []
    rows = [row(3), row("good", tests="t"), row("good", tests=[1]), row("good", **{"in": {"path": 1}}), row("good")]
    rows.append({"tests": ["t"], "in": {"path": "s.tar", "sha256": "0"}})
    column = run(fixes.MEASURE, answering(asked), rows)
    assert column.known.tolist() == [False, False, False, False, True, True]
    assert column.values.tolist()[4:] == [True, False] and len(asked) == 1


def test_parts_joined_are_the_whole() -> None:
    rows = [row("good" if number % 3 else "bad") for number in range(20)]
    whole = run(fixes.MEASURE, answering([]), rows)
    assert same(whole, run_in_parts(fixes.MEASURE, answering([]), rows, 3, 4))


def test_where_nothing_may_run_it_is_unavailable() -> None:
    def refuse(by: str) -> Any:
        raise Unavailable(f"no {by}")

    with pytest.raises(Unavailable, match="no pytest"):
        fixes.MEASURE.make(use("fixes", GETTERS, PATHS, execute=refuse, by="pytest"))
