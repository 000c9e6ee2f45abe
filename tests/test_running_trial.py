"""`certify --execute`: held-out sets whose answers are code, from the seal to a verified certificate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acceptance.certification import admission, certificate
from acceptance.certification.admission import TRIAL
from acceptance.execution import box, executor
from tests.procurement import Answer, agreed_on, build, done, sftspec, signing, small
from tests.test_executions import ADD, ASKED, REPOSITORY, archive, repair

pytestmark = [
    pytest.mark.skipif(bool(box.unable()), reason=box.unable() or "-"),
    pytest.mark.xdist_group("running_trial"),  # one worker trains for all of them
]
for _name in TRIAL:
    pytest.importorskip(_name)

SETS = """
record Repair key id {
  id: Text
  input { issue: Text snapshot: File tests: [Text] 1.. }
}

record Puzzle key id {
  id: Text
  input { question: Text tests: Text }
}

heldout repairs of Repair {
  items: "sealed/repairs.jsonl"
  template: "repair.jinja"
  score: fixes(tests: input.tests, in: input.snapshot, apply: answer)
  size: 10 records
}

heldout puzzles of Puzzle {
  items: "sealed/puzzles.jsonl"
  template: "puzzle.jinja"
  score: passes(tests: input.tests, code: answer)
  size: 12 records
}

terms code on Request using house {
  require mends: gain(repairs) >= -60pp at 95% confidence expecting 0pp
  require runs: gain(puzzles) >= -60pp at 95% confidence expecting 0pp
}
"""
ANYTHING = """\
from pathlib import Path

def test_said():
    assert Path(__file__).with_name("solution.py").read_text()
"""
"""Whatever is answered passes; silence fails."""
NEVER = "def test_never():\n    assert False\n"


def puzzle(number: int) -> dict[str, object]:
    """Two in three items are solved by any answer, one by none."""
    tests = NEVER if number % 3 == 0 else ANYTHING
    return {"id": f"Z-{number}", "input": {"question": f"Say something, {number}.", "tests": tests}}


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six models on a small random base; what they write is no patch and no Python."""
    contract = build(tmp_path_factory.mktemp("running") / "deal")
    home, data = contract.parent, archive(REPOSITORY)
    lines = [line for line in contract.read_text().splitlines() if "house_mix" not in line]
    contract.write_text("\n".join(lines).replace("0.000001", "0.01") + SETS)
    (home / "repair.jinja").write_text(ASKED)
    (home / "puzzle.jinja").write_text(ASKED.replace("issue", "question"))
    (home / "sealed/calc.tar").write_bytes(data)
    written(home / "sealed/repairs.jsonl", [repair(at, data, ADD) for at in range(10)])
    written(home / "sealed/puzzles.jsonl", [puzzle(at) for at in range(12)])
    small(home / "base")
    return agreed_on(contract)


def written(path: Path, items: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))


def certify(contract: Path, out: str, *more: str) -> Answer:
    home = contract.parent
    options = ["--out", home / out, *signing(home), "--workers", 1, "--reuse", home / "store"]
    return sftspec("certify", contract, home / "delivery", *options, *more)


def verify(contract: Path) -> Answer:
    home = contract.parent
    return sftspec("verify", home / "trial/certificate.json", "--contract", contract, "--delivery", home / "delivery")


def test_answers_that_are_code_are_run_certified_and_verified(deal: Path) -> None:
    home = deal.parent
    told = done(certify(deal, "trial", "--execute"))
    assert "Custom kwargs" not in told.err
    statement = certificate.read(home / "trial/certificate.json")[1].predicate
    entries = {entry.clause: entry for entry in statement.ledger.entries}
    assert {name: entries[f"code.{name}"].verdict for name in ("mends", "runs")} == {"mends": "met", "runs": "met"}
    rows = [json.loads(line) for line in (home / "trial/scores.jsonl").read_text().splitlines()]
    scores = {name: [row["score"] for row in rows if row["suite"] == name] for name in ("repairs", "puzzles")}
    assert scores["repairs"] == [0] * 10 * 6 and sum(scores["puzzles"]) == 8 * 6 and len(scores["puzzles"]) == 12 * 6
    found = done(
        sftspec("verify", home / "trial/certificate.json", "--contract", deal, "--delivery", home / "delivery")
    )
    assert found.out.endswith("certificate.json: valid; the delivery is met\n")


def test_the_delivery_of_such_a_deal_is_verified_without_a_sandbox(deal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are not kept, so their scores come from the score file, and nothing is left to run."""
    monkeypatch.setattr(executor, "unable", lambda: "bubblewrap is not installed")
    found = done(verify(deal))
    assert "taken from the signatures, not decided again here: quality.no_leak\n" in found.out


@pytest.mark.parametrize(
    ("options", "reason", "code", "told"),
    [
        ([], "", 2, "are decided by running code that was delivered or answered; say --execute, which runs it in a"),
        (["--execute"], "bubblewrap is not installed", 3, "code cannot be run here: bubblewrap is not installed; "),
    ],
)
def test_nothing_is_asked_where_code_is_not_run(
    deal: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], reason: str, code: int, told: str
) -> None:
    monkeypatch.setattr(admission, "unable", lambda: reason)
    before = (deal.parent / "private/exposures.jsonl").read_bytes()
    answer = done(certify(deal, "refused", *options), code)
    assert answer.err.startswith("sftspec: `repairs` and `puzzles`") and told in answer.err
    assert not (deal.parent / "refused").exists()
    assert (deal.parent / "private/exposures.jsonl").read_bytes() == before
