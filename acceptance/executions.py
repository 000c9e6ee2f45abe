"""What the sandbox is asked and what it answers: code and named tests; whether they fail before and pass after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Part = Literal["tests", "in", "apply", "code"]


@dataclass(frozen=True, slots=True)
class Job:
    """A patch on a snapshot. Equal jobs have equal outcomes and are run once."""

    tests: tuple[str, ...]
    """As the runner names them: `tests/test_x.py::test_y` for pytest, `tests.test_x.Case.test_y` for unittest."""
    snapshot: str
    """Path in the delivery of a tar archive."""
    sha256: str
    """Of that file, as the record states it."""
    patch: str
    by: str
    """`pytest` or `unittest`."""

    @property
    def before(self) -> tuple[str, ...]:
        """All that determines the run without the patch."""
        return (*self.tests, "", "job", self.sha256, self.by)

    @property
    def whole(self) -> tuple[str, ...]:
        """All that determines the outcome."""
        return (*self.before, self.snapshot, self.patch)


@dataclass(frozen=True, slots=True)
class Program:
    """One file of code, `solution.py`, beside one file of tests, which import it. Before, the file is empty."""

    tests: tuple[str, ...]
    source: str
    """Of `test_solution.py`."""
    code: str
    by: str

    @property
    def before(self) -> tuple[str, ...]:
        return (*self.tests, "", "program", self.source, self.by)

    @property
    def whole(self) -> tuple[str, ...]:
        return (*self.before, self.code)


Asked = Job | Program


@dataclass(frozen=True, slots=True)
class Execution:
    """A row of the table `executions`."""

    fixes: bool
    reason: str = ""
    """Why not, in a few words: names, places and counts, no other delivered text. Empty where it fixes."""
    part: Part = "apply"
    """Which argument the reason speaks of."""
    output: str = ""
    """The end of what the tests said: confidential."""


class Execute(Protocol):
    """Takes a job and gives a function that waits for its outcome. May wait itself while too many are under way."""

    def __call__(self, job: Asked) -> Callable[[], Execution]: ...
