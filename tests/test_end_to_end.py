"""A procurement from keys to verified certificate through the commands themselves; the only fine-tuning is here."""

from __future__ import annotations

import json
import os
import random
import shutil
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from acceptance.certification import certificate, verification
from acceptance.certification.admission import TRIAL
from acceptance.certification.dossier import Dossier, gather
from acceptance.commands import verify as verify_command
from acceptance.deal import open_deal
from acceptance.scores import BASE, VENDOR, ScoreRow, Trial
from tests.procurement import Answer, agreed, done, sftspec, signing

pytestmark = pytest.mark.xdist_group("end_to_end")  # one worker trains for all of them

if any(find_spec(name) is None for name in TRIAL):
    pytest.skip("fine-tuning is not installed", allow_module_level=True)


@dataclass(frozen=True)
class Certified:
    """A procurement with a certificate, and the seconds it took to train and ask all arms."""

    contract: Path
    certify: Answer

    @property
    def folder(self) -> Path:
        return self.contract.parent

    @property
    def delivery(self) -> Path:
        return self.folder / "delivery"

    @property
    def certificate(self) -> Path:
        return self.folder / "trial/certificate.json"

    def again(self, out: str, *more: object) -> Answer:
        """Certify once more, with what is known already."""
        options = ["--out", self.folder / out, *signing(self.folder), "--workers", 1, "--reuse", self.folder / "store"]
        return sftspec("certify", self.contract, self.delivery, *options, *more)

    def verify(self, document: Path | None = None, *more: object) -> Answer:
        document = document or self.certificate
        return sftspec("verify", document, "--contract", self.contract, "--delivery", self.delivery, *more)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    contract = agreed(tmp_path_factory.mktemp("buyer") / "deal")
    made = Certified(contract, Answer(0, "", ""))
    return replace(made, certify=made.again("trial"))


@pytest.fixture
def checkout(certified: Certified, tmp_path: Path) -> Certified:
    """What a third party has: another copy without keys, secrets, sealed sets and stored runs."""
    private = shutil.ignore_patterns("*.pem", "private", "sealed", "store", "reference")
    shutil.copytree(certified.folder, tmp_path / "copy", ignore=private)
    return Certified(tmp_path / "copy/tiny.sftspec", certified.certify)


def buyers(checkout: Certified, certified: Certified) -> None:
    """Gives a checkout all that the buyer holds, as it was before the first trial."""
    for secret in ("store", "private", "sealed", "reference"):
        unspent = shutil.ignore_patterns("exposures.jsonl")
        shutil.copytree(certified.folder / secret, checkout.folder / secret, ignore=unspent)
    for key in ("runner", "buyer"):
        shutil.copy(certified.folder / f"{key}.pem", checkout.folder)


def no_training(*_: object) -> Any:
    raise AssertionError("a run was done again")


# ------------------------------------------------------------------------------------------------ the story


def test_what_is_agreed_is_delivered_and_certified(certified: Certified) -> None:
    done(certified.certify)
    assert "met: of 28 required clauses (delivery, intake by the buyer and trial) 28 met" in certified.certify.out
    written = sorted(path.name for path in (certified.folder / "trial").iterdir())
    assert written == ["certificate.json", "logs", "receipt.json", "report.html", "scores.jsonl"]
    assert len(list((certified.folder / "trial/logs").iterdir())) == 10  # five of the vendor, five of the house
    rows = [json.loads(line) for line in (certified.folder / "trial/scores.jsonl").read_text().splitlines()]
    assert len(rows) == 11 * (14 + 14)
    assert not {"request", "target"} & {key for row in rows for key in row}


def test_it_verifies(certified: Certified) -> None:
    answer = done(certified.verify())
    assert answer.out.splitlines()[-1].endswith("certificate.json: valid; the delivery is met")
    assert "FAILS" not in answer.out
    found = json.loads(certified.verify(None, "--format", "json").out)
    assert found["valid"]
    assert [check["name"] for check in found["checks"] if check["ok"] is not True] == [
        "exposures", "notice", "reviews", "samples", "sheets"]  # fmt: skip
    assert found["trusted"] == ["quality.no_leak"]  # only the buyer can look into the sealed set


def test_it_verifies_in_another_checkout(checkout: Certified) -> None:
    done(checkout.verify())


def test_it_verifies_without_the_delivery_and_says_what_it_trusts(checkout: Certified) -> None:
    words = "verify", checkout.certificate, "--contract", checkout.contract
    answer = done(sftspec(*words))
    assert "  -      delivery: the delivery was not given; name its folder to compare every file" in answer.out
    assert "taken from the signatures, not decided again here: delivery.as_listed, delivery." in answer.out
    trusted = json.loads(done(sftspec(*words, "--format", "json")).out)["trusted"]
    assert f" and {len(trusted) - 6} more, named with --format json\n" in answer.out and len(trusted) > 6


def test_no_scores_no_verdict(checkout: Certified) -> None:
    (checkout.folder / "trial/scores.jsonl").unlink()
    answer = done(checkout.verify(), 1)
    assert "FAILS  scores file: scores.jsonl is not here" in answer.out
    assert answer.out.endswith("NOT VALID\n")


def test_the_receipt_of_the_vendor_verifies(checkout: Certified) -> None:
    receipt = checkout.folder / "receipt.json"
    done(sftspec("validate", checkout.contract, checkout.delivery, "--receipt", receipt))
    told = done(checkout.verify(receipt)).out.splitlines()[-1]  # nobody takes it for a certificate
    assert told.endswith("valid; the delivery is met (a receipt, which nobody signed: its own clauses alone, no intake "
                         "and no trial)")  # fmt: skip
    receipt.write_bytes(receipt.read_bytes().replace(b'"marked":0', b'"marked":1', 1))
    answer = done(checkout.verify(receipt), 1)
    assert "FAILS  ledger: decided otherwise now: delivery.as_listed" in answer.out


# ------------------------------------------------------------------------------------------------ once more


def test_nothing_is_trained_twice(certified: Certified, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acceptance.trial.pool.work", no_training)
    answer = done(certified.again("twice"))
    assert "11 of 11 runs are known from an earlier certification" in answer.err
    done(certified.verify(certified.folder / "twice/certificate.json"))
    same = [(certified.folder / name / "scores.jsonl").read_bytes() for name in ("trial", "twice")]
    assert same[0] == same[1]


def test_another_delivery_trains_all_but_the_base(checkout: Certified, certified: Certified) -> None:
    """Counted without training it: the seeds of the reference are others, too."""
    buyers(checkout, certified)
    part = checkout.delivery / "part-02.jsonl"
    part.write_bytes(b"".join(part.read_bytes().splitlines(keepends=True)[:-1]))
    done(sftspec("manifest", checkout.contract, checkout.delivery))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("acceptance.trial.run.executed", stopped)
        with pytest.raises(Unknown) as found:
            checkout.again("other")
    assert [arm for arm, _ in found.value.tasks] == [VENDOR] * 5 + ["house_mix"] * 5


class Unknown(Exception):
    """The runs that the store does not know."""

    def __init__(self, tasks: list[tuple[str, str]]) -> None:
        super().__init__(tasks)
        self.tasks = tasks


def stopped(job: object, tasks: list[tuple[str, str]], *_: object) -> Any:
    raise Unknown(tasks)


def test_a_second_attempt_names_the_first(certified: Certified, tmp_path: Path) -> None:
    first, second = (tmp_path / name / "certificate.json" for name in ("first", "second"))
    answer = done(certified.again("never", "--attempt", 2, "--previous", certified.certificate), 2)
    assert "trial/certificate.json: is met, and no attempt follows one that is" in answer.err
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("acceptance.trial.run.run_trial", rescored(lambda row, at: 0.0))
        done(certified.again(str(first.parent)), 1)
    done(certified.again(str(second.parent), "--attempt", 2, "--previous", first))
    assert certificate.read(second)[1].predicate.attempt.k == 2
    done(certified.verify(second, "--previous", first))
    assert "attempts: the certificate of attempt 1" in done(certified.verify(second), 1).out
    assert "attempts: the certificate of attempt 1" in done(certified.verify(second, "--previous", second), 1).out
    ids = [{row["item"] for row in map(json.loads, path.with_name("scores.jsonl").read_text().splitlines())}
           for path in (first, second)]  # fmt: skip
    assert not ids[0] & ids[1]  # attempts cannot be linked by their items


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--attempt", 2], "--previous names the certificate of the attempt before, from the second attempt on"),
        (["--attempt", 3], "--attempt 3: the contract allows 2 attempts"),
        (["--previous", "trial/certificate.json"], "--previous names the certificate of the attempt before"),
        (["--attempt", 2, "--previous", "tiny.sftspec"], "tiny.sftspec: not a DSSE envelope"),
        (["--attempt", 2, "--previous", "absent.json"], "absent.json: cannot be read (No such file or directory)"),
    ],
)
def test_attempts_that_cannot_be(
    options: list[object], message: str, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(certified.folder)
    answer = done(certified.again("never", *options), 2)
    assert message in answer.err
    assert not (certified.folder / "never").exists()


def test_an_attempt_follows_one_of_its_own_deal(certified: Certified, tmp_path: Path) -> None:
    statement = certificate.read(certified.certificate)[1]
    agreed_on = statement.predicate.contract.model_copy(update={"lock": "00" * 32})
    other = statement.model_copy(update={"predicate": statement.predicate.model_copy(update={"contract": agreed_on})})
    path = tmp_path / "other.json"
    path.write_bytes(certificate.sign(other, _private(certified)).dumps())
    answer = done(certified.again("never", "--attempt", 2, "--previous", path), 2)
    assert (
        "other.json: was made under another contract or lock; --previous names an undecided or breached attempt 1"
        in answer.err
    )


def test_a_certificate_is_not_written_over(certified: Certified) -> None:
    answer = done(certified.again("trial"), 2)
    assert "certificate.json: exists; every attempt counts, so name another folder" in answer.err


def _private(certified: Certified) -> list[Any]:
    from acceptance.signing.pem import load_private

    return [load_private(certified.folder / f"{role}.pem") for role in ("runner", "buyer")]


# ------------------------------------------------------------------------------------------------ verdicts


def rescored(score: Callable[[ScoreRow, int], float]) -> Callable[[Any], Trial]:
    """A trial whose vendor's scores are these; all else is as the store has it."""
    from acceptance.trial import run

    real = run.run_trial

    def trial(plan: Any) -> Trial:
        found = real(plan)
        rows = [
            replace(row, score=score(row, at) if row.arm == VENDOR else float(row.arm == BASE))
            for at, row in enumerate(found.scores)
        ]
        return found.model_copy(update={"scores": tuple(rows)})

    return trial


@pytest.mark.parametrize(
    ("verdict", "code", "score"),
    [
        ("met", 0, lambda row, at: 1.0),
        ("breached", 1, lambda row, at: 0.0),
        ("undecided", 4, lambda row, at: float(at % 2)),
    ],
)
def test_a_verdict_is_an_exit_code(
    verdict: str, code: int, score: Any, certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acceptance.trial.run.run_trial", rescored(score))
    answer = done(certified.again(str(tmp_path / verdict)), code)
    assert answer.out.endswith(f"certificate.json ({verdict})\n")
    path = tmp_path / verdict / "certificate.json"
    assert done(certified.verify(path), code).out.endswith(f"valid; the delivery is {verdict}\n")
    notice = path.with_name("notice.json")
    assert notice.exists() == (verdict != "met")  # after a certificate that is met no attempt follows
    if notice.exists():
        assert f"for the vendor: {notice}; all else stays with the buyer until the last attempt" in answer.out
        told = done(certified.verify(notice, "--certificate", path), code).out
        assert told.endswith("(a notice: gains rest on the signatures until its certificate is verified)\n")


def test_a_breached_delivery_is_not_tried(
    checkout: Certified, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers(checkout, certified)
    (checkout.delivery / "part-02.jsonl").unlink()
    done(sftspec("manifest", checkout.contract, checkout.delivery))
    monkeypatch.setattr("acceptance.trial.pool.work", no_training)
    answer = done(checkout.again("breached"), 1)
    assert answer.out.endswith("no model was trained: the delivery is breached before the trial\n")
    assert not (checkout.folder / "breached/certificate.json").exists()


# ------------------------------------------------------------------------------------------------ changed bytes

MUTATIONS = int(os.environ.get("SFTSPEC_MUTATIONS", "2000"))


def test_no_random_byte_change_verifies(checkout: Certified) -> None:
    """Every document and every delivered file, one random change at a time: none verifies."""
    draws = random.Random(20270220)
    deal = open_deal(checkout.contract)
    whole = gather(checkout.certificate, deal.contract, checkout.contract, delivery=checkout.delivery)
    whole = replace(
        whole,
        recompute=verify_command._recompute(deal, Namespace(delivery=checkout.delivery, execute=False, plugin=[])),
    )
    assert verification.verify(whole).valid
    delivered = sorted(path for path in checkout.delivery.iterdir())
    for _ in range(MUTATIONS):
        target = draws.choice((*PARSED, *delivered))
        if isinstance(target, str):
            assert not holds_with(target, changed(data_of(target, whole), draws), whole), target
        else:
            assert not holds_with_file(target, changed(target.read_bytes(), draws), whole), target
    assert verification.verify(whole).valid


PARSED = {
    "certificate": ("envelope", "statement"),
    "source": (),
    "lock": ("locked",),
    "keys": ("pinned",),
    "scores": ("scored",),
}
"""The documents, and what a dossier parses from each."""


def data_of(document: str, whole: Dossier) -> bytes:
    given = getattr(whole, document)
    if document != "scores":
        return given
    with given() as stream:
        return stream.read()


def holds_with(document: str, data: bytes, whole: Dossier) -> bool:
    """Whether the certificate holds with other bytes in a document; only these are parsed anew."""
    if data == data_of(document, whole):
        return False
    dossier = replace(whole, **{document: partial(BytesIO, data) if document == "scores" else data})
    known = [name for other, names in PARSED.items() if other != document for name in names]
    dossier.__dict__.update({name: getattr(whole, name) for name in [*known, "agreed"]})
    return verification.verify(dossier).valid


def holds_with_file(path: Path, data: bytes, whole: Dossier) -> bool:
    """Whether the certificate holds with other bytes in a delivered file, which is put back afterwards."""
    aside = path.rename(path.parent.parent / "aside")  # writing over a file makes ext4 flush it
    path.write_bytes(data)
    found = data != aside.read_bytes() and verification.verify(whole).valid
    path.unlink()
    aside.rename(path)
    return found


def changed(data: bytes, draws: random.Random) -> bytes:
    """One bit or byte changed, one byte added or removed, or the end cut off."""
    text, at = bytearray(data), draws.randrange(len(data))
    match draws.randrange(5):
        case 0:
            text[at] ^= 1 << draws.randrange(8)
        case 1:
            text[at] = draws.randrange(256)
        case 2:
            text.insert(at, draws.randrange(256))
        case 3:
            del text[at]
        case 4:
            del text[at:]
    return bytes(text)


@pytest.mark.parametrize(
    "name", ["trial/certificate.json", "trial/scores.jsonl", "tiny.sftspec", "contract.lock", "keys.json",
             "delivery/manifest.json", "delivery/part-01.jsonl", "request.jinja", "base/tokenizer.json"]
)  # fmt: skip
def test_one_changed_byte_through_the_command(name: str, checkout: Certified) -> None:
    path = checkout.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    answer = done(checkout.verify(), 1)
    assert "NOT VALID" in answer.out or len(answer.err.splitlines()) == 1
    assert "Traceback" not in answer.out + answer.err


def test_a_text_that_was_not_locked_is_not_even_compiled(checkout: Certified, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.contract.write_text("sftspec 1\n" + "(" * 1000)
    monkeypatch.setattr("acceptance.deal.compile_file", no_training)
    answer = done(checkout.verify(), 1)
    assert "is not the text that contract.lock pins" in answer.err
