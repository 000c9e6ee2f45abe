"""The threat table of docs/certificate.md: each attack is played with the real commands or library, and is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.certification import certificate
from acceptance.certification.admission import TRIAL
from acceptance.delivery import manifest
from acceptance.scores import Run
from acceptance.signing import exposures, secrets
from acceptance.signing.exposures import Asked
from acceptance.signing.secrets import Secrets
from spec_lang import lockfile
from tests import synthetic
from tests.procurement import Answer, agreed, done, sftspec, signing
from tests.test_certificate import EXPIRES, NONCES, Deal, attempts, deal, failed, failing, signed, terms

can_train = pytest.mark.skipif(any(find_spec(name) is None for name in TRIAL), reason="fine-tuning is not installed")


@pytest.fixture
def made(tmp_path: Path) -> Deal:
    """A deal whose trial has run, and its certificate can be signed."""
    return deal(tmp_path, synthetic.contract())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return agreed(tmp_path_factory.mktemp("threats") / "deal")


@pytest.fixture
def order(clean: Path, tmp_path: Path) -> Path:
    """The contract of a deal made by the commands, in a folder of its own, before any trial."""
    shutil.copytree(clean.parent, tmp_path / "deal")
    return tmp_path / "deal/tiny.sftspec"


def certify(order: Path, *more: object) -> Answer:
    """What the runner tries. None of these attacks gets as far as training."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("acceptance.certification.procedure.run_trial", no_training)
        out = order.parent / "trial"
        answer = sftspec("certify", order, order.parent / "delivery", "--out", out, *signing(order.parent), *more)
    assert not (out / "certificate.json").exists()
    return answer


def no_training(*_: object) -> Any:
    raise AssertionError("a model was trained")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


def delivered_again(order: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """The vendor changes the second shard and lists it anew."""
    path = order.parent / "delivery/part-02.jsonl"
    rows = list(lines(path))
    change(rows)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    done(sftspec("manifest", order, order.parent / "delivery"))


# ------------------------------------------------------------------------------------------------ the vendor


def test_records_edited_after_the_test(made: Deal) -> None:
    """The vendor edits a record of the certified delivery and lists it anew, so that folder and manifest agree."""
    (made.folder / "delivery/part-01.jsonl").write_text('{"id": "1"}\n{"id": "3"}\n')
    manifest.write_manifest(made.folder / "delivery", made.contract)
    assert failing(made.dossier()) == "delivery: manifest.json is not that of the certified delivery"


@can_train
def test_training_on_the_test(order: Path) -> None:
    """The vendor has got hold of the sealed set and delivers it under keys of its own."""
    stolen = list(lines(order.parent / "sealed/calls.jsonl"))

    def steal(rows: list[dict[str, Any]]) -> None:
        for at, item in enumerate(stolen):
            rows[at] |= {"input": item["input"], "target": item["target"]}

    delivered_again(order, steal)
    answer = done(certify(order), 1)
    assert "quality.no_leak" in answer.out
    assert answer.out.endswith("no model was trained: the delivery is breached before the trial\n")
    ledger = exposures.read(order.parent / "private/exposures.jsonl")
    assert [line.what for line in ledger.lines] == ["sealed", "intake"]  # being told which records leak is an exposure
    assert [one.heldout for one in ledger.lines[1].sets] == ["calls"]


@can_train
def test_resubmitting_until_lucky(order: Path) -> None:
    """A second delivery is tried as if it were the first, then with a ledger that was begun anew."""
    ledger = order.parent / "private/exposures.jsonl"
    spent(order, attempt=1, delivery="d" * 64)
    answer = done(certify(order), 1)
    assert "attempt 1 was spent on delivery dddddddddddd" in answer.err
    assert "another delivery is another attempt" in answer.err
    certificate_1 = order.parent / "first.json"
    certificate_1.write_bytes(first_of(order))
    ledger.unlink()
    answer = done(certify(order, "--attempt", 2, "--previous", certificate_1), 1)
    assert "exposures.jsonl: is not the ledger that" in answer.err


def spent(order: Path, attempt: int, delivery: str) -> exposures.Exposure:
    """What certify leaves in the ledger when it tries a delivery."""
    lock = lockfile.read(order.parent / "contract.lock")
    assert lock.seals is not None
    sets = (Asked(heldout="calls", set="a" * 64), Asked(heldout="general", set="b" * 64))
    path = order.parent / "private/exposures.jsonl"
    given = {"lock": lock.digest(), "attempt": attempt, "delivery": delivery}
    return exposures.add(path, "trial", lock.seals.seal, sets, **given)[1]  # type: ignore[arg-type]


def first_of(order: Path, tried: Callable[[Deal], Deal] = failed) -> bytes:
    """A certificate of the first attempt that names the ledger as it is now."""
    from acceptance.deal import open_deal
    from acceptance.signing.pem import load_private
    from tests.test_certificate import LEDGER

    agreed_on, whole = open_deal(order), tried(deal(order.parent / "aside", synthetic.contract())).statement()
    text = whole.dumps().decode().replace(LEDGER, spent(order, 1, "d" * 64).digest())
    predicate = json.loads(text)["predicate"]
    stated = {"jcs": agreed_on.contract.digest(), "source": "0" * 64, "lock": agreed_on.lock_digest}
    predicate |= {"contract": stated, "attempt": {"k": 1, "of": 2, "previous": ""}}
    other = type(whole).model_validate_json(json.dumps(json.loads(text) | {"predicate": predicate}))
    keys = [load_private(order.parent / f"{role}.pem") for role in ("runner", "buyer")]
    return certificate.sign(other, keys).dumps()


def test_grinding_the_next_delivery_for_lucky_seeds(tmp_path: Path) -> None:
    """Certificate 1 reveals a nonce. The vendor permutes records until it gives good seeds for attempt 2."""
    made, (first, _) = attempts(tmp_path, 2)
    assert NONCES[0] in made.dossier(certificate=first).envelope.payload.decode()
    data = (made.contract.digest(), made.lock.digest(), made.delivery, 5)
    hoped, drawn = secrets.seeds(NONCES[0], *data), secrets.seeds(NONCES[1], *data)
    assert not set(hoped) & set(drawn)
    runs = tuple(_moved(run, dict(zip(map(str, drawn), map(str, hoped), strict=True))) for run in made.runs)
    forged = replace(made, runs=runs).statement(attempt=2, previous=_sha(first), seed_nonce=NONCES[0], exposures=2)
    says = failing(made.dossier(forged, previous=[first]))
    assert says == "seeds: the revealed seed nonce is not the one that contract.lock commits to for attempt 2"
    key = Secrets(key="7" * 64)
    assert len({key.seed_nonce(seal, k) for seal in ("a" * 32, "b" * 32) for k in (1, 2, 3)}) == 6


def _moved(run: Run, seeds: dict[str, str]) -> Run:
    return run.model_copy(update={"seed": seeds.get(run.seed, run.seed)})


def _sha(data: bytes) -> str:
    from acceptance.deal import sha256

    return sha256(data)


# ------------------------------------------------------------------------------------------------ the buyer


@can_train
def test_margins_changed_after_seeing_the_data(order: Path, made: Deal) -> None:
    """The buyer asks for more once the delivery is here: under the old lock, then under a new one."""
    order.write_text(order.read_text().replace("gain(calls) >= -46pp", "gain(calls) >= -1pp"))
    assert certify(order).code == 1
    clause = synthetic.gain_clause("acceptance.exam", "exam", "1")
    asked = made.contract.model_copy(update={"clauses": (clause, *made.contract.clauses[1:])})
    lock = lockfile.build(asked, synthetic.SOURCE, made.folder, made.lock.seals)
    dossier = replace(made.dossier(), contract=asked, lock=lock.dumps())
    assert failing(dossier).startswith("contract: certifies under another contract.lock (")


@can_train
def test_another_test_after_seeing_the_data(order: Path) -> None:
    """The buyer swaps the sealed set for a harder one."""
    path = order.parent / "sealed/calls.jsonl"
    rows = list(lines(path))
    rows[0]["input"]["request"] = "Kindly do something that no model could guess."
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    answer = done(certify(order), 1)
    assert "sealed/calls.jsonl: does not match the commitment of `calls` in contract.lock" in answer.err


@can_train
def test_a_weaker_recipe(order: Path) -> None:
    """The buyer trains for one step instead of two."""
    order.write_text(order.read_text().replace("steps: 2", "steps: 1"))
    assert "contract.lock: pins contract " in done(certify(order), 1).err


def test_claiming_failure(made: Deal) -> None:
    """Runner and buyer sign `breached` over scores that say met."""
    raw = json.loads(made.statement().dumps())
    raw["predicate"]["verdict"] = raw["predicate"]["ledger"]["entries"][0]["verdict"] = "breached"
    forged = type(made.statement()).model_validate_json(json.dumps(raw))
    assert failing(made.dossier(forged)).startswith("figures: acceptance.exam: verdict are not what the scores give")


@can_train
def test_asking_again_after_it_was_met(order: Path, tmp_path: Path) -> None:
    """The buyer hides a certificate that is met, and tries the delivery again until it fails."""
    met = order.parent / "met.json"
    met.write_bytes(first_of(order, tried=lambda made: made))
    answer = done(certify(order, "--attempt", 2, "--previous", met), 2)
    assert f"{met}: is met, and no attempt follows one that is" in answer.err
    made, _ = attempts(tmp_path / "signed", 2)
    first = signed(made.statement(seed_nonce=NONCES[0]))
    again = failed(made).statement(attempt=2, previous=_sha(first), exposures=2)
    says = failing(failed(made).dossier(again, previous=[first]))
    assert says == "attempts: attempt 1: is met, and no attempt follows one that is"


def test_sealing_until_the_reference_is_lucky(made: Deal) -> None:
    """The buyer has contract, lock, nonce and reference before there is a delivery, and tries the reference's runs."""
    arms, agreed_on = certificate.arms(made.contract, made.lock, made.delivery), terms(made.contract, made.lock)
    other = certificate.arms(made.contract, made.lock, "7" * 64)
    assert arms[1] == other[1] and arms[1].name == "house_mix"
    drawn, hoped = (certificate.seeds(made.contract, agreed_on, one, NONCES[0]) for one in (arms, other))
    assert not set(drawn["house_mix"]) & set(hoped["house_mix"])  # they wait for the delivery
    runs = tuple(_moved(run, dict(zip(drawn["house_mix"], hoped["house_mix"], strict=True))) for run in made.runs)
    says = failing(made.dossier(replace(made, runs=runs).statement()))
    assert says.startswith("seeds: arm `house_mix`: the run with seed ")


def test_wearing_a_set_out_in_secret(tmp_path: Path) -> None:
    """The buyer has asked the set more often than the certificate says, or begins the ledger anew."""
    made, path = deal(tmp_path / "deal", synthetic.contract()), tmp_path / "exposures.jsonl"
    sets = (Asked(heldout="exam", set="1" * 64), Asked(heldout="general", set="2" * 64))
    exposures.add(path, "appeal", "e" * 32, sets[:1])
    given = {"lock": made.lock.digest(), "attempt": 1, "delivery": made.delivery}
    _, line = exposures.add(path, "trial", "d" * 32, sets, **given)  # type: ignore[arg-type]
    told = made.statement().dumps().decode().replace("1e" * 32, line.digest())
    dossier = made.dossier(type(made.statement()).model_validate_json(told), exposures=path.read_bytes())
    assert failing(dossier) == "exposures: `exam`: 1 exposures are stated, the ledger counts 2"
    path.unlink()
    exposures.add(path, "trial", "d" * 32, sets, **given)  # type: ignore[arg-type]
    fresh = path.read_bytes().replace(b'"at":"2', b'"at":"3')
    assert failing(replace(dossier, exposures=fresh)).startswith("exposures: the ledger does not have this trial")


# ------------------------------------------------------------------------------------------------ either, or the runner


def test_a_run_left_out_or_chosen(made: Deal) -> None:
    """The worst of five seeds is left out; then it is replaced by a better one."""
    worst = next(run for run in made.runs if run.arm == "vendor")
    fewer = replace(made, runs=tuple(run for run in made.runs if run != worst))
    assert failing(made.dossier(fewer.statement())) == (
        f"seeds: arm `vendor`: the run with seed {worst.seed}, which the contract derives, is missing"
    )
    other = replace(made, runs=tuple(_moved(run, {worst.seed: "42"}) for run in made.runs))
    assert "the run with seed 42 is not one that the contract derives" in failing(made.dossier(other.statement()))


@can_train
def test_other_weights(order: Path) -> None:
    """The runner puts another base model where the pinned one lies."""
    path = order.parent / "base/model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "base `base/model.safetensors`: 2742792 bytes, sha256 " in done(certify(order), 1).err


@can_train
def test_another_template_in_training(order: Path) -> None:
    """Nobody's intent: the template was touched between the agreement and the trial."""
    path = order.parent / "request.jinja"
    path.write_text(path.read_text() + " ")
    assert "template `request.jinja`: " in done(certify(order), 1).err


# ------------------------------------------------------------------------------------------------ third parties


def test_a_forged_verdict(made: Deal) -> None:
    """A stranger signs a better statement, alone or beside the parties' names."""
    mallory = Ed25519PrivateKey.generate()
    forged = certificate.sign(made.statement(), [mallory]).dumps()
    assert failing(made.dossier(certificate=forged)).startswith("signatures: signed by key ")


def test_a_replay_on_another_delivery_or_project(made: Deal, tmp_path: Path) -> None:
    """A certificate that was honestly earned is shown for other data, in another project, and years later."""
    whole = made.dossier()
    other = tmp_path / "other"
    other.mkdir()
    (other / "part-01.jsonl").write_text('{"id": "9"}\n')
    manifest.write_manifest(other, made.contract)
    assert failing(replace(whole, delivery=other)) == "delivery: manifest.json is not that of the certified delivery"
    project = made.contract.model_copy(update={"name": "another"})
    lock = lockfile.build(project, synthetic.SOURCE, made.folder, made.lock.seals)
    assert failing(replace(whole, contract=project, lock=lock.dumps())).startswith("contract: certifies under another")
    assert failing(replace(whole, now=EXPIRES + timedelta(seconds=1))).startswith("dates: expired at ")


def test_the_held_out_set_through_the_certificate(tmp_path: Path) -> None:
    """A vendor collects all certificates and score files, and lays them side by side. See also test_leftovers.py."""
    key, names = Secrets(key="7" * 64), [f"BO-{at:05}" for at in range(100)]
    seen: set[str] = set()
    for seal in ("a" * 32, "b" * 32):
        for attempt in (1, 2):
            ids = {secrets.item_id(key.item_nonce(seal), attempt, name) for name in names}
            assert len(ids) == len(names)
            assert not ids & seen  # neither attempts nor deals can be linked by their items
            seen |= ids
    made, certificates = attempts(tmp_path, 2)
    told = b"".join(certificates) + signed(made.statement())
    assert not any(row.item.encode() in told for row in made.rows)  # ids are in the score file alone


# ------------------------------------------------------------------------------------------------ the table


def test_the_threat_table_names_tests_that_are_there() -> None:
    """And every test here but this one stands in the table."""
    here = Path(__file__).resolve().parent
    table = (here.parent / "docs/certificate.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", table))
    there = {
        path.name: set(re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)) for path in here.glob("*.py")
    }
    assert named <= set().union(*there.values())
    assert there[Path(__file__).name] - named == {"test_the_threat_table_names_tests_that_are_there"}
