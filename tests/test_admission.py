"""What is refused before an hour of training: code that a verdict needs and that may not or cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.certification import admission
from acceptance.errors import FAILED, USAGE, Refused
from spec_lang.compiler import compile_file
from spec_lang.contract import Contract
from tests.procurement import agreed_on, build, done, sftspec, signing

RUNS = """
terms more on Request using house {
  require runs: every(passes("def test_it(): import solution; assert solution.x", "x = 1"))
}
"""


def compiled(path: Path) -> Contract:
    contract = compile_file(path).contract
    assert contract is not None
    return contract


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A procurement with a clause that code is run for, and a held-out set whose answers are code."""
    path = build(tmp_path_factory.mktemp("deal"))
    path.write_text(path.read_text("utf-8") + RUNS, "utf-8")
    return path


def test_what_runs_nothing_needs_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "unable", lambda: "there is none")
    admission.code_can_run(compiled(build(tmp_path)), execute=False)


def test_code_is_run_only_where_that_is_allowed(running: Path) -> None:
    with pytest.raises(Refused, match=r"`more.runs` is decided by running code .* say --execute") as refused:
        admission.code_can_run(compiled(running), execute=False)
    assert refused.value.code == USAGE


def test_without_a_sandbox_nothing_else_decides(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "unable", lambda: "bubblewrap is not installed")
    with pytest.raises(Refused, match="cannot be run here: bubblewrap is not installed") as refused:
        admission.code_can_run(compiled(running), execute=True)
    assert refused.value.code == FAILED


def test_the_command_refuses_before_it_trains(running: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    agreed_on(running)
    keys, out = signing(running.parent), tmp_path / "out"
    answer = done(sftspec("certify", running, running.parent / "delivery", "--out", out, *keys), USAGE)
    assert "say --execute, which runs it in a sandbox" in answer.err and not out.exists()
