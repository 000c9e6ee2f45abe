"""`certify` under `accelerate launch`: two processes that train together certify what one does, to rounding.

One held-out set is sealed, one is a public task.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from acceptance.certification import certificate
from acceptance.certification.admission import TRIAL
from acceptance.certification.statement import Tried
from tests.procurement import agreed_on, build, done, sftspec, signing, small

for _name in TRIAL:
    pytest.importorskip(_name)

from tests.test_public_tasks import EASY, PUBLISHED, SEALED  # noqa: E402 - heavy, and only where they are installed
from tests.test_public_tasks import written as asked  # noqa: E402


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five runs on a small random base, at a rate that moves its weights."""
    contract = build(tmp_path_factory.mktemp("together") / "deal")
    lines = [line for line in contract.read_text().splitlines() if "house_mix" not in line]
    text = "\n".join(lines).replace("0.000001", "0.01") + "\n"
    assert SEALED in text
    contract.write_text(text.replace(SEALED, PUBLISHED))
    asked(contract.parent, [EASY[at % 3] | {"question": f"question {at}"} for at in range(14)])
    small(contract.parent / "base")
    return agreed_on(contract)


def launched(deal: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`sftspec` in two processes that know of each other, over gloo."""
    home = Path(__file__).parent.parent
    launch = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1",
              "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]  # fmt: skip
    command = [sys.executable, *launch, "-m", "acceptance.cli", *map(str, words)]
    shared = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(home)}
    return subprocess.run(command, cwd=deal.parent, env=shared, capture_output=True, text=True, timeout=600)


def trial(path: Path) -> Tried:
    found = certificate.read(path)[1].predicate.trial
    assert found is not None
    return found


def test_two_processes_certify_what_one_does(deal: Path) -> None:
    home = deal.parent
    words = ["certify", deal, home / "delivery", *signing(home)]
    done(sftspec(*words, "--out", home / "one", "--workers", 1))
    found = launched(deal, *words, "--out", home / "two", "--reuse", home / "store")
    assert found.returncode == 0, found.stderr
    one, two = trial(home / "one/certificate.json"), trial(home / "two/certificate.json")
    assert (one.environment.threads, two.environment.threads) == (1, 2)
    assert one.scores == two.scores
    rows = [json.loads(line) for line in (home / "two/scores.jsonl").read_text().splitlines()]
    assert [row["suite"] for row in rows].count("general") == 14 * 6
    assert "Custom kwargs" not in found.stderr  # lm-eval's own words, which mean nothing here
    for first, second in zip(one.runs, two.runs, strict=True):
        assert (first.arm, first.seed, first.trained_tokens) == (second.arm, second.seed, second.trained_tokens)
        if first.seed:
            logs = [(home / out / f"logs/{first.arm}-{first.seed}.log").read_text() for out in ("one", "two")]
            figures = [[float(word) for word in log.split()] for log in logs]
            assert figures[0] == pytest.approx(figures[1], rel=1e-4) and len(figures[0]) == 5
    done(sftspec("verify", home / "two/certificate.json", "--contract", deal, "--delivery", home / "delivery"))
    assert len(list((home / "store").glob("*.json"))) == 6  # no process wrote beside the first


def test_a_refusal_lets_the_other_process_go(deal: Path) -> None:
    found = launched(deal, "certify", deal, deal.parent / "delivery", "--out", deal.parent / "none")
    assert found.returncode != 0
    assert "a certificate is signed by the runner and a party; give --key twice" in found.stderr
