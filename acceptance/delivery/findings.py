"""What a delivery's bytes are objected to: problems, findings with their place, and the bounded collection of both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from acceptance.delivery import limits


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with some bytes, wherever they stand. `found` is confidential; the rest holds no delivered text."""

    kind: str
    message: str
    help: str
    found: str = ""
    warning: bool = False
    """The row is still read."""


@dataclass(frozen=True, slots=True)
class LineFinding:
    """One line (or array element, or CSV row) that is not as it should be."""

    table: str
    file: str
    line: int
    kind: str
    message: str
    help: str
    found: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One file that is not as the manifest says, or should not be there."""

    file: str
    kind: str
    message: str
    help: str
    found: str = ""


@dataclass(slots=True)
class Reading:
    """What reading a delivery met, all tables together; memory is bounded however bad the delivery is."""

    findings: list[LineFinding] = field(default_factory=list)
    """The first of each kind in each file, in the order they were read; warnings among them."""
    files: list[FileFinding] = field(default_factory=list)
    """Whole files that are not what their name says."""
    counts: Counter[str] = field(default_factory=Counter)
    """Findings by kind, also those not kept."""
    good: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(table, file) -> rows read."""
    bad: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(table, file) -> lines that gave no row."""
    _kept: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, table: str, file: str, line: int, problem: Problem) -> None:
        """Counts a problem of one line, and keeps it while there is room."""
        self.counts[problem.kind] += 1
        if not problem.warning:
            self.bad[table, file] += 1
        self._kept[file, problem.kind] += 1
        if self._kept[file, problem.kind] <= limits.MAX_PER_KIND and len(self.findings) < limits.MAX_FINDINGS:
            self.findings.append(
                LineFinding(
                    table, file, line, problem.kind, problem.message, problem.help, problem.found, problem.warning
                )
            )

    def add_file(self, finding: FileFinding) -> None:
        """Counts a finding about a whole file, and keeps it while there is room."""
        self.counts[finding.kind] += 1
        if len(self.files) < limits.MAX_FINDINGS:
            self.files.append(finding)

    def rows(self, table: str) -> int:
        """Rows of `table` that were read."""
        return sum(count for (name, _), count in self.good.items() if name == table)
