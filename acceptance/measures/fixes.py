"""Tests, snapshot and patch of a row to a mark: the patch makes the failing tests pass, as the sandbox found.

True where every named test fails on the snapshot and passes with the patch, which touches no test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acceptance.executions import Job
from acceptance.measures._executed import Plan, executes
from acceptance.tables import Malformed

HELP = {
    "tests": "name tests that fail on the snapshot because of the fault and pass once it is mended",
    "in": "send the working tree at the base commit as a plain tar archive",
    "apply": "send the patch as `git diff` writes it against the snapshot, without changes to tests",
}


def job(given: Mapping[str, Any], by: str) -> Job:
    """Raises Malformed."""
    return Job(_texts(given["tests"]), *_file(given["in"]), str(given["apply"]), by)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed
    return tuple(value)


def _file(value: Any) -> tuple[str, str]:
    path, sha256 = value.get("path"), value.get("sha256")
    if not isinstance(path, str) or not isinstance(sha256, str):
        raise Malformed
    return path, sha256


MEASURE = executes(Plan(job, HELP))
