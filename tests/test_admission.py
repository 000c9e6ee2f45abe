"""What is refused before an hour of training: code that a verdict needs and that may not or cannot be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.certification import admission
from acceptance.errors import FAILED, USAGE, Refused
from spec_lang.compiler import compile_file
from spec_lang.contract import Contract
from tests.procurement import Answer, agreed_on, build, done, sftspec, signing

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


@pytest.fixture(scope="module")
def first_lot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A procurement in two lots with one attempt, of which the first lot is delivered."""
    path = build(tmp_path_factory.mktemp("lots") / "deal")
    text = path.read_text("utf-8").replace("50..70 records", "50..130 records in 2 lots")
    path.write_text(text.replace("attempts: 2", "attempts: 1"), "utf-8")
    return agreed_on(path)


def certify(order: Path, *more: str) -> Answer:
    """As far as the first step of a training."""

    def train(*_: object) -> None:
        raise Refused("here a model would be trained", code=FAILED)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("acceptance.certification.procedure.run_trial", train)
        words = ["--out", str(order.parent / "out"), *signing(order.parent), *more]
        return sftspec("certify", order, order.parent / "delivery", *words)


def test_the_last_attempt_is_not_spent_on_a_forecast_unasked(first_lot: Path) -> None:
    pytest.importorskip("torch")
    spent = (
        "after 1 of 2 lots gains are forecasts, and no part of the verdict; this would be attempt 1 of 1, and none is "
        "left for the last lot"
    )
    before = (first_lot.parent / "private/exposures.jsonl").read_bytes()
    assert f"{spent}; certify when all lots are here, or say --forecast" in done(certify(first_lot), USAGE).err
    assert (first_lot.parent / "private/exposures.jsonl").read_bytes() == before  # nothing was asked, nothing counts
    answer = done(certify(first_lot, "--forecast"), FAILED)
    assert f"warning: {spent}\n" in answer.err.partition("here a model would be trained")[0]


@pytest.mark.parametrize(
    ("k", "here", "says"),
    [
        (1, 2, ""),
        (2, 2, ""),
        (1, 1, "this is attempt 1 of 2, and 1 more may follow"),
        (2, 1, "this would be attempt 2 of 2, and none is left for the last lot"),
    ],
)
def test_an_attempt_before_the_last_lot_is_called_a_forecast(k: int, here: int, says: str, first_lot: Path) -> None:
    contract = compiled(first_lot).model_copy(update={"attempts": 2})
    said = admission.forecast(k, here, contract, wanted=True)
    assert said.endswith(says) and bool(said) == bool(says)
