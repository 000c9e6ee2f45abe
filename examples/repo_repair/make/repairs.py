"""Tiny repositories with one fault each, and runs of an agent on them: 40 true records and 9 planted ones.

`python examples/repo_repair/make/repairs.py out/repairs` writes a delivery for `pilot.sftspec`. What an agent saw is
written by this program, not by a run; patches, snapshots and outcomes are real, and the sandbox finds them so.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faults import FAULTS, TRADES, Fault

CLEAN = 40
EXPERTS = 24
Tree = dict[str, str]
TOOLS = {
    "reproduce": "Run the tests that the issue names, before any change",
    "read_file": "Show a file of the repository",
    "edit_file": "Replace one line of a file",
    "run_tests": "Run the tests that the issue names",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One run: where, what was wrong, and what became of it."""

    number: int
    fault: Fault
    trade: str
    trade_es: str
    outcome: str
    difficulty: str
    language: str
    origin: str

    @property
    def id(self) -> str:
        return f"RR-{self.number:06}"

    @property
    def module(self) -> str:
        return f"src/{self.trade}.py"

    @property
    def test_file(self) -> str:
        return f"tests/test_{self.trade}.py"

    @property
    def tests(self) -> list[str]:
        count = range(1, len(self.fault.checks) + 1)
        return [f"{self.test_file}::test_{self.fault.name}_{number}" for number in count]

    def tree(self, body: str) -> Tree:
        """The repository with this body of the function."""
        name, given = self.fault.name, self.fault.arguments
        code = f'"""Small helpers of the {self.trade} desk."""\n\n\ndef {name}({given}):\n    return {body}\n\n\n'
        code += f'def title():\n    return "{self.trade} desk"\n'
        tests = f"from {self.trade} import {name} as f\nfrom {self.trade} import title\n\n\n"
        tests += f'def test_title():\n    assert title() == "{self.trade} desk"\n'
        for number, check in enumerate(self.fault.checks, 1):
            tests += f"\n\ndef test_{name}_{number}():\n    assert {check}\n"
        return {"README.md": f"# {self.trade} desk\n", self.module: code, self.test_file: tests}


def repairs() -> list[Repair]:
    """The first 40 are true; the rest are to be planted in."""
    outcomes = ["success"] * 12 + ["recovery"] * 5 + ["failure"] * 3
    made = []
    for number in range(CLEAN + len(PLANTS)):
        trade, trade_es = TRADES[number // len(FAULTS) % len(TRADES)]
        if number >= len(FAULTS) * len(TRADES):
            trade, trade_es = "museum", "museos"
        outcome = outcomes[number % 20] if number < CLEAN else "success"
        origin = "synthetic" if number % 10 == 3 else "licensed" if number % 10 == 7 else "human"
        made.append(
            Repair(
                number=number + 1,
                fault=FAULTS[number % len(FAULTS)],
                trade=trade,
                trade_es=trade_es,
                outcome=outcome,
                difficulty=("easy", "medium", "hard", "medium")[(number + number // 20) % 4],
                language="es" if number % 20 in (0, 4, 8, 12, 14, 16, 18) else "en",
                origin=origin,
            )
        )
    return made


# ------------------------------------------------------------------------------------------------ one record


def diff(before: Tree, after: Tree) -> str:
    """As `git diff` writes it."""
    out = []
    for path in sorted(before):
        sides = [tree[path].splitlines(keepends=True) for tree in (before, after)]
        out += difflib.unified_diff(*sides, f"a/{path}", f"b/{path}")
    return "".join(out)


def archive(tree: Tree) -> bytes:
    """The same bytes every time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, text in sorted(tree.items()):
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(out.getvalue(), mtime=0)


def file(path: str, data: bytes, files: dict[str, bytes]) -> dict[str, Any]:
    """A File value, and the file itself into the delivery."""
    files[path] = data
    return {
        "path": path,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "media_type": "application/gzip",
    }


def steps(one: Repair) -> list[dict[str, Any]]:
    """The run: reproduce, read, edit, and for all but a success a wrong turn first."""
    tries = {"success": ["right"], "recovery": ["wrong", "right"], "failure": ["wrong"]}[one.outcome]
    count = len(one.tests)
    found = [
        step("reproduce", {"tests": count}, f"{count} failed", 1),
        step("read_file", {"path": one.module}, f"return {one.fault.faulty}", None),
    ]
    for attempt in tries:
        good = attempt == "right"
        line = one.fault.right if good else one.fault.wrong
        found.append(step("edit_file", {"path": one.module, "line": 5, "text": f"    return {line}"}, "saved", None))
        verdict = f"{count} passed" if good else f"{count} failed"
        found.append(step("run_tests", {"tests": count}, verdict, 0 if good else 1))
    return found


def step(tool: str, arguments: dict[str, Any], observation: str, code: int | None) -> dict[str, Any]:
    made = {"tool": tool, "arguments": arguments, "observation": observation, "executed": True}
    return made if code is None else {**made, "exit_code": code}


def record(one: Repair, files: dict[str, bytes]) -> dict[str, Any]:
    """The record as it is delivered; its archives go into `files`."""
    fixed = one.outcome != "failure"
    before, after = one.tree(one.fault.faulty), one.tree(one.fault.right if fixed else one.fault.wrong)
    thing = (one.fault.spanish, one.trade_es) if one.language == "es" else (one.fault.english, one.trade)
    person = (one.number - 1) % EXPERTS
    source: dict[str, Any] = {
        "origin": one.origin,
        "author": f"E{person + 1:02}",
        "reviewer": f"E{(person + 7) % EXPERTS + 1:02}",
        "status": "accepted",
        "written_at": "2026-09-15",
        "evidence": [],
        "parents": [],
    }
    if one.origin == "synthetic":
        source["generator"] = "agent-small 1.2"
    if one.origin == "licensed":
        source["register"] = f"register entry {one.number}"
    return {
        "id": one.id,
        "input": {
            "repository": f"{one.trade}-{one.fault.name.replace('_', '-')}",
            "snapshot": file(f"snapshots/{one.id}.tar.gz", archive(before), files),
            "issue": thing[0].replace("THING", thing[1]),
            "tests": one.tests,
            "tools": [
                {"name": name, "description": words, "parameters": {"type": "object"}} for name, words in TOOLS.items()
            ],
            "language": one.language,
            "difficulty": one.difficulty,
        },
        "target": {
            "steps": steps(one),
            "patch": diff(before, after),
            "report": {
                "before": [{"test": test, "result": "failed"} for test in one.tests],
                "after": [{"test": test, "result": "passed" if fixed else "failed"} for test in one.tests],
            },
            "terminal": file(f"terminal/{one.id}.tar.gz", archive(after), files),
            "outcome": one.outcome,
            "interventions": [],
            "rationale": "none",
        },
        "source": source,
        "training": {"split": "validation" if one.number % 20 == 6 else "train", "weight": 1 if fixed else 0},
        "governance": {
            "license": "MIT",
            "privacy": "none",
            "sensitivity": "public",
            "retain_until": "2031-12-31",
            "release": "pilot-1",
            "limitations": "Functions of one line; no real repository is behind them",
        },
    }


# ------------------------------------------------------------------------------------------------ what is planted

Record = dict[str, Any]
Plant = Callable[[Repair, Record, dict[str, bytes]], None]


def mends_nothing(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    row["target"]["patch"] = diff(one.tree(one.fault.faulty), one.tree(one.fault.wrong))


def edits_the_tests(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    before = one.tree(one.fault.faulty)
    emptied = before[one.test_file].replace(f"assert {one.fault.checks[0]}", "assert f")
    row["target"]["patch"] = diff(before, {**before, one.test_file: emptied})


def is_of_another_run(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    other = replace(one, fault=FAULTS[(one.number + 5) % len(FAULTS)])
    row["target"]["patch"] = diff(other.tree(other.fault.faulty), other.tree(other.fault.right))


def passed_all_along(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    row["input"]["tests"].append(f"{one.test_file}::test_title")


def is_no_failure(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    row["target"]["steps"] = steps(replace(one, outcome="failure"))
    row["target"]["outcome"], row["training"]["weight"] = "failure", 0


def ends_the_process(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    row["target"]["patch"] = _ending_with(one, "import os\n\nos._exit(0)\n")


def forges_the_report(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    code = "import _pytest.python\n\n_pytest.python.Function.runtest = lambda self: None\n"
    row["target"]["patch"] = _ending_with(one, code)


def is_of_another_snapshot(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    other = archive(replace(one, trade="airport").tree(one.fault.faulty))
    row["input"]["snapshot"] = file(row["input"]["snapshot"]["path"], other, files)


def hides_a_wrong_turn(one: Repair, row: Record, files: dict[str, bytes]) -> None:
    row["target"]["steps"] = steps(replace(one, outcome="recovery"))


def _ending_with(one: Repair, code: str) -> str:
    before = one.tree(one.fault.faulty)
    return diff(before, {**before, one.module: before[one.module] + code})


FIX, APART = "quality.real_fix", "Repair.told_apart"
PLANTS: tuple[tuple[Plant, str, str], ...] = (
    (mends_nothing, FIX, "passes after: no"),
    (edits_the_tests, FIX, "patch edits tests/"),
    (is_of_another_run, FIX, "patch does not apply at hunk 1"),
    (passed_all_along, FIX, "fails before: no"),
    (is_no_failure, FIX, "the named tests fail before and pass after"),
    (ends_the_process, FIX, "with the patch the tests end the process before they are told"),
    (forges_the_report, FIX, "the outcome is forged"),
    (is_of_another_snapshot, FIX, "test 1 of "),
    (hides_a_wrong_turn, APART, ""),
)
"""What is done to a true record, the clause that finds it, and how its reason begins."""


# ------------------------------------------------------------------------------------------------ the delivery


def rows(files: dict[str, bytes]) -> list[Record]:
    """All records in order; the planted ones come last."""
    made = []
    for one in repairs():
        row = record(one, files)
        if one.number > CLEAN:
            PLANTS[one.number - CLEAN - 1][0](one, row, files)
        made.append(row)
    return made


def write(folder: Path) -> None:
    """The delivery without its manifest."""
    files: dict[str, bytes] = {}
    made = rows(files)
    files["part-01.jsonl"] = lines(made)
    files["experts.jsonl"] = lines([expert(number) for number in range(1, EXPERTS + 1)])
    files["ratings.csv"] = ratings(made)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def lines(made: list[Record]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made).encode()


def expert(number: int) -> Record:
    held = {"name": "software-engineer", "issuer": "Meridian Data Works", "issued": "2024-01-10"}
    return {"id": f"E{number:02}", "credentials": [held], "languages": ["en", "es"]}


def ratings(made: list[Record]) -> bytes:
    """Two second readings of each outcome; one reader errs once."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["repair", "rater", "outcome"])
    for number, row in enumerate(made):
        told = row["target"]["outcome"]
        writer.writerow([row["id"], f"E{number % EXPERTS + 1:02}", told])
        writer.writerow([row["id"], f"E{(number + 3) % EXPERTS + 1:02}", "recovery" if number == 4 else told])
    return out.getvalue().encode()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    print(f"{sys.argv[1]}: {CLEAN} true records and {len(PLANTS)} planted ones; now write the manifest")
