"""The agents' example: the made delivery is met, and exactly the planted records are dropped, each with its reason."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.cli import main
from acceptance.execution import box

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "repo_repair"
needs_sandbox = pytest.mark.skipif(bool(box.unable()), reason=box.unable() or "-")


@pytest.fixture(scope="module")
def repairs() -> Iterator[Any]:
    sys.path.insert(0, str(EXAMPLE / "make"))
    import repairs

    yield repairs
    sys.path.remove(str(EXAMPLE / "make"))
    for name in ("repairs", "faults", "tokenizer"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def delivery(repairs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("made") / "repairs"
    repairs.write(folder)
    assert main(["manifest", str(EXAMPLE / "pilot.sftspec"), str(folder)]) == 0
    return folder


def validated(delivery: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["validate", str(EXAMPLE / "pilot.sftspec"), str(delivery), "--format", "json", *more])
    return code, json.loads(capsys.readouterr().out)


def entries(told: dict[str, Any]) -> dict[str, Any]:
    return {entry["clause"]: entry for entry in told["ledger"]["entries"]}


@needs_sandbox
def test_exactly_the_planted_records_are_dropped(
    repairs: Any, delivery: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    receipt = str(tmp_path / "receipt.json")
    code, told = validated(delivery, capsys, "--execute", "--receipt", receipt)
    found = entries(told)
    dropped = {name: one["findings"] for name, one in found.items() if one["dropped"]}
    planted = [(clause, repairs.CLEAN + 1 + at, reason) for at, (_, clause, reason) in enumerate(repairs.PLANTS)]
    named = sorted((name, one["line"], one["message"]) for name, all in dropped.items() for one in all)
    expected = sorted((clause, line) for clause, line, _ in planted)
    assert [(name, line) for name, line, _ in named] == expected, "; ".join(map(str, named))
    messages = {line: message for _, line, message in named}
    assert all(messages[line].startswith(reason) for _, line, reason in planted), messages
    assert {count["table"]: count["accepted"] for count in told["ledger"]["counts"]}["Repair"] == repairs.CLEAN
    assert code == 0, [name for name, one in found.items() if one["verdict"] not in ("met", "reported")]
    verify = ["verify", receipt, "--contract", str(EXAMPLE / "pilot.sftspec"), "--delivery", str(delivery)]
    assert main(verify) == 1 and "delivered code is run only with --execute" in capsys.readouterr().out


def test_without_execution_the_clause_is_undecided(delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = validated(delivery, capsys)
    fix = entries(told)["quality.real_fix"]
    assert (code, fix["verdict"], fix["reason"]) == (4, "undecided", "delivered code is run only with --execute")


def test_without_bubblewrap_it_is_undecided_too(
    delivery: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box.shutil, "which", lambda name: None)
    box.unable.cache_clear()
    try:
        code, told = validated(delivery, capsys, "--execute")
    finally:
        box.unable.cache_clear()
    fix = entries(told)["quality.real_fix"]
    assert (code, fix["verdict"]) == (4, "undecided") and "bubblewrap is not installed" in fix["reason"]


def test_every_planted_fault_is_one(repairs: Any) -> None:
    """Each check fails on the fault and on the wrong turn, and passes on the repair."""
    for one in repairs.FAULTS:
        for body, holds in ((one.faulty, False), (one.wrong, False), (one.right, True)):
            f = eval(f"lambda {one.arguments}: {body}")
            for check in one.checks:
                assert bool(eval(check, {"f": f})) == holds, (one.name, body, check)


def test_the_tokenizer_that_ships_is_the_one_that_the_command_makes(repairs: Any) -> None:
    import tokenizer

    made = json.loads(tokenizer.train().to_str())
    assert made == json.loads((EXAMPLE / "pilot" / "tokenizer.json").read_text("utf-8"))


def test_the_commands_of_the_readme_are_verbs_that_exist(
    repairs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's commands, run as they stand but for the running of code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    block = (EXAMPLE / "README.md").read_text("utf-8").split("```")[1]
    make, *commands = [shlex.split(line) for line in block.strip().splitlines()]
    assert make[:2] == ["python", "examples/repo_repair/make/repairs.py"] and "--execute" in commands[1]
    repairs.write(Path(make[2]))
    codes = [main([word for word in command[1:] if word != "--execute"]) for command in commands]
    assert codes == [0, 4]
