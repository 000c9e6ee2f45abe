"""One job to whether its tests fail before and pass after: make both states, run before, run after, run a control.

The control is the run after once more, with each named test made to fail. Code that forges outcomes, or ends
the process before they are told, makes the control pass or fall silent; then nothing it says counts.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from acceptance.execution import control, guard, patch, tree
from acceptance.execution.limits import Run
from acceptance.execution.tree import Item, Tree, Unfit
from acceptance.executions import Asked, Execution, Job, Part

Start = Callable[[Path], Run]
"""A repository's folder to the run of the job's tests there."""
Once = Callable[[Callable[[], Run]], Run]
"""Makes the run before, or knows it already."""
DONE_WELL = "the named tests fail before and pass after"


def judge(job: Asked, delivery: Path, start: Start, once: Once) -> Execution:
    """The outcome of a job. What `start` raises comes through."""
    part: Part = "in"
    token = secrets.token_hex(8)
    try:
        snapshot = _before(job, delivery)
        part = "tests"
        files = guard.files_of(job.tests, job.by, snapshot)
        before = once(lambda: _run(snapshot, start))
        already = [test for test in job.tests if _outcome(before, test) in ("passed", "skipped")]
        if already:
            raise Unfit(f"fails before: no ({_passing(before, already)} of {len(job.tests)} already)")
        part = "apply"
        patched = _patched(job.patch, snapshot, files) if isinstance(job, Job) else snapshot | _solution(job.code)
        part = "tests"
        doomed = control.doomed(patched, job.tests, files, job.by, token)
    except Unfit as unfit:
        return Execution(False, str(unfit), part)
    after = _run(patched, start)
    return _objection(job, after) or _distrust(job, _run(doomed, start), token) or Execution(True, DONE_WELL)


def _before(job: Asked, delivery: Path) -> Tree:
    if isinstance(job, Job):
        return tree.read(delivery, job.snapshot, job.sha256)
    return _solution("") | {"test_solution.py": Item(job.source.encode("utf-8", "replace"))}


def _solution(code: str) -> Tree:
    return {"solution.py": Item(code.encode("utf-8", "replace"))}


def _patched(text: str, snapshot: Tree, tests: set[str]) -> Tree:
    changes = patch.parse(text)
    forbidden = guard.protected((path for change in changes for path in patch.touched([change])), tests)
    if forbidden:
        raise Unfit(f"patch edits {forbidden}, which belongs to the tests")
    return patch.apply(changes, snapshot)


def _run(repository: Tree, start: Start) -> Run:
    with tempfile.TemporaryDirectory(prefix="sftspec-") as folder:
        place = Path(folder) / "work"
        place.mkdir()
        tree.write(repository, place)
        return start(place)


def _outcome(run: Run, test: str) -> str:
    return run.outcomes.get(test, ("missing", ""))[0] if run.answered else "missing"


def _passing(run: Run, tests: list[str]) -> str:
    skipped = sum(_outcome(run, test) == "skipped" for test in tests)
    return f"{len(tests)} pass" if not skipped else f"{len(tests)} pass or are skipped"


def _objection(job: Asked, after: Run) -> Execution | None:
    """Why the run after does not do."""
    what = "patch" if isinstance(job, Job) else "code"
    if after.stopped:
        return Execution(False, f"with the {what}: {after.stopped}", output=after.output)
    if not after.answered:
        return Execution(False, f"with the {what} the tests end the process before they are told", output=after.output)
    bad = [(number, test) for number, test in enumerate(job.tests, 1) if _outcome(after, test) != "passed"]
    if not bad:
        return None
    number, test = bad[0]
    words = {"missing": "is not found", "skipped": "is skipped", "error": "ends in an error"}
    how = words.get(_outcome(after, test), "fails")
    reason = f"passes after: no ({len(bad)} of {len(job.tests)} do not; the first, test {number}, {how})"
    return Execution(False, reason, output=after.outcomes.get(test, ("", after.output))[1])


def _distrust(job: Asked, controlled: Run, token: str) -> Execution | None:
    """Why what the run after said is not believed."""
    if any(_outcome(controlled, test) == "passed" for test in job.tests):
        return Execution(False, "the outcome is forged: tests that are made to fail are still told as passed")
    if controlled.stopped or not controlled.answered:
        return Execution(False, f"ends well once and not again: {controlled.stopped or 'the process ended before'}")
    if any(_outcome(controlled, test) != "failed" or token not in controlled.outcomes[test][1] for test in job.tests):
        return Execution(False, "the tests pass once and not again", "tests")
    return None
