"""Certificates: written, read, verified offline; no changed byte and no signed lie verifies."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from acceptance import scores
from acceptance.certification import certificate, verification
from acceptance.certification.certificate import CertificateError, Finished
from acceptance.certification.dossier import Dossier, NotHere, Redone, Seen, gather, sha256
from acceptance.certification.statement import PAYLOAD, PREDICATE, Document, Environment, Notice, Statement, Terms
from acceptance.certification.verifying_records import records_are_counted, references_are_counted
from acceptance.delivery import manifest
from acceptance.engine.review_ledger import review_entry
from acceptance.engine.trial_ledger import decided_here, trial_entries, trial_entry
from acceptance.errors import Refused
from acceptance.ledger import Count, Finding, Ledger
from acceptance.reviewing.drawing import Drawn, Place
from acceptance.scores import Run, ScoreRow
from acceptance.signing import dsse, secrets
from acceptance.signing import roles as signing
from acceptance.statistics.cells import cells
from acceptance.statistics.reviews import Reviewed
from spec_lang import lockfile
from spec_lang.contract import Contract, canonical
from spec_lang.lockfile import Sealed, Seals
from tests import synthetic
from tests.test_signing import PINNED, PRIVATE

ISSUED = datetime(2027, 2, 20, 9, 30, tzinfo=UTC)
EXPIRES = datetime(2028, 2, 20, 9, 30, tzinfo=UTC)
NOW = datetime(2027, 6, 1, tzinfo=UTC)
NONCES = ("5e" * 32, "5f" * 32, "60" * 32)
"""The seed nonce of each attempt."""
ITEMS = "17" * 32
LEDGER = "1e" * 32
"""The digest of a line in the buyer's exposure ledger."""
REVIEWS = {"rubric.md": Reviewed(2, (False, False), "5e" * 32, "d" * 16)}
"""People looked at both rows of the delivery."""


@dataclass(frozen=True)
class Deal:
    """Everything a runner has."""

    contract: Contract
    folder: Path
    lock: lockfile.Lock
    delivery: str
    rows: tuple[ScoreRow, ...]
    runs: tuple[Run, ...]
    ledger: Ledger

    def statement(self, **changes: Any) -> Statement:
        asked = dict.fromkeys(("exam", "general"), changes.pop("exposures", 1))
        nonce = changes.pop("seed_nonce", NONCES[changes.get("attempt", 1) - 1])
        trial = Finished(
            nonce, asked, LEDGER, self.runs, scores.dumps(self.rows),
            Environment(python="3.11.7", packages={"torch": "2.13.0"}, device="cpu", threads=1),
        )  # fmt: skip
        return certificate.state(
            self.contract, self.lock, self.ledger, ISSUED, EXPIRES, trial=changes.pop("trial", trial), reviews=REVIEWS,
            **changes,
        )  # fmt: skip

    def dossier(self, statement: Statement | None = None, **changes: Any) -> Dossier:
        envelope = certificate.sign(statement or self.statement(), [PRIVATE["runner"], PRIVATE["buyer"]])
        given: dict[str, Any] = {
            "certificate": envelope.dumps(),
            "contract": self.contract,
            "source": synthetic.SOURCE,
            "lock": self.lock.dumps(),
            "keys": PINNED.dumps(),
            "scores": partial(BytesIO, scores.dumps(self.rows)),
            "delivery": self.folder / "delivery",
            "now": NOW,
        }
        return Dossier(**(given | changes))


def deal(folder: Path, contract: Contract, attempt: int = 1) -> Deal:
    """A trial that ran as the contract says, with scores under blinded ids."""
    synthetic.folder(folder)
    (folder / "keys.json").write_bytes(PINNED.dumps())
    (folder / "delivery").mkdir(exist_ok=True)
    (folder / "delivery/part-01.jsonl").write_text('{"id": "1"}\n{"id": "2"}\n')
    manifest.write_manifest(folder / "delivery", contract)
    sealed = [Sealed(heldout=one.name, commitment="ab" * 32, items=one.size) for one in contract.heldouts]
    seeds = [secrets.seed_commitment(nonce) for nonce in NONCES[: contract.attempts]]
    lock = lockfile.build(contract, synthetic.SOURCE, folder, Seals(seal="d" * 32, sealed=sealed, seeds=seeds))
    delivery = manifest.digest(folder / "delivery")
    arms, agreed = certificate.arms(contract, lock, delivery), terms(contract, lock)
    drawn = {"base": ("",), **certificate.seeds(contract, agreed, arms, NONCES[attempt - 1])}
    rows = tuple(blinded(attempt, row) for row in synthetic.scores(drawn))
    runs = tuple(ran(arm, seed) for arm, seeds in drawn.items() for seed in seeds)
    return Deal(contract, folder, lock, delivery, rows, runs, ledger(contract, lock, delivery, rows, runs))


def terms(contract: Contract, lock: lockfile.Lock) -> Terms:
    """What was agreed, as the certificate states it."""
    return Terms(jcs=contract.digest(), source=lock.source, lock=lock.digest())


def ran(arm: str, seed: str) -> Run:
    """Ten steps of four records: twenty passes over two records of five trained tokens, or forty over one of two."""
    steps, records, tokens = (10, 1, 80) if arm.startswith("vendor") and arm != "vendor" else (10, 2, 100)
    if not seed:
        steps, records, tokens = 0, 0, 0
    return Run(arm=arm, seed=seed, weights_sha256="cd" * 32, steps=steps, trained_tokens=tokens, records=records,
               status="ok", log_sha256="ef" * 32 if seed else "", seconds=1.5)  # fmt: skip


def blinded(attempt: int, row: synthetic.Row) -> ScoreRow:
    item = secrets.item_id(ITEMS, attempt, f"{row.suite}/{row.item}")
    cluster = secrets.item_id(ITEMS, attempt, f"{row.suite}#{row.cluster}") if row.cluster else item
    return ScoreRow(suite=row.suite, arm=row.arm, seed=row.seed, item=item, cluster=cluster, score=row.score)


def ledger(
    contract: Contract, lock: lockfile.Lock, delivery: str, rows: tuple[ScoreRow, ...], runs: tuple[Run, ...] = ()
) -> Ledger:
    eye = review_entry(contract, contract.clause("acceptance.by_eye"), REVIEWS, 1)
    found = trial_entries(contract, rows, runs) | {"acceptance.by_eye": eye}
    entries = tuple(found[clause.name] for clause in contract.clauses)
    counts = (Count(table="Request", delivered=2, accepted=2),)
    return Ledger(contract=contract.digest(), lock=lock.digest(), delivery=delivery, counts=counts, entries=entries)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Deal:
    return deal(tmp_path_factory.mktemp("deal"), synthetic.contract())


def failing(dossier: Dossier) -> str:
    """`check: detail` of the check that failed; empty if the certificate is valid."""
    found = verification.verify(dossier)
    assert found.valid == (found.verdict is not None) == all(check.ok is not False for check in found.checks)
    return next((f"{check.name}: {check.detail}" for check in found.checks if check.ok is False), "")


def test_a_certificate_verifies_offline(made: Deal) -> None:
    found = verification.verify(made.dossier())
    assert found.valid
    assert found.verdict == "met"
    assert found.trusted == ()  # scores and marks decide all of it
    assert {check.name: check.ok for check in found.checks} == {name: True for name, _ in verification.CHECKS} | {
        "delivery clauses": None,  # no engine was given
        "samples": None,
        "sheets": None,
        "records": None,
        "references": None,
        "exposures": None,  # nor the buyer's ledger
        "notice": None,
    }


def test_it_is_written_once_and_read_back(made: Deal, tmp_path: Path) -> None:
    statement = made.statement(limits=("no public benchmark was run",))
    envelope = certificate.sign(statement, [PRIVATE["runner"], PRIVATE["vendor"]])
    path = tmp_path / "out/certificate.json"
    certificate.write(path, envelope, {"scores.jsonl": scores.dumps(made.rows)})
    assert certificate.read(path) == (envelope, statement)
    assert sorted(one.name for one in path.parent.iterdir()) == ["certificate.json", "scores.jsonl"]
    with pytest.raises(CertificateError, match="exists; every attempt counts"):
        certificate.write(path, envelope)
    text = made.folder / "small.sftspec"
    text.write_bytes(synthetic.SOURCE)
    (made.folder / "contract.lock").write_bytes(made.lock.dumps())
    dossier = gather(path, made.contract, text, delivery=made.folder / "delivery")
    assert failing(replace(dossier, now=NOW)) == ""


def test_no_delivered_value_leaves_in_a_certificate(made: Deal) -> None:
    finding = Finding(
        clause="acceptance.by_eye", file="part-01.jsonl", line=1, path="$", message="odd", found="a delivered secret"
    )
    entries = tuple(one.model_copy(update={"findings": (finding,)}) for one in made.ledger.entries)
    told = replace(made, ledger=made.ledger.model_copy(update={"entries": entries}))
    assert b"a delivered secret" not in told.statement().dumps()
    raw = json.loads(told.statement().dumps())
    raw["predicate"]["ledger"] = told.ledger.model_dump(mode="json")
    with pytest.raises(ValueError, match="a certificate holds no delivered values"):
        Statement.model_validate_json(json.dumps(raw))


def test_limits_are_stated(made: Deal) -> None:
    """Those of every certificate, of people's marks, of a worn set, of a forecast and of this delivery."""
    told = made.statement(limits=("one more",), exposures=10).predicate.limits
    assert told[: len(certificate.LIMITS) + 1] == (*certificate.LIMITS, certificate.REVIEWED)
    assert told[-2].startswith("held-out set `general` is worn: asked 10 times") and told[-1] == "one more"
    assert failing(made.dossier(made.statement(exposures=10))) == ""
    lots = made.contract.model_copy(update={"lots": 3})
    assert certificate.cautions(lots, 1, {}) == (
        "after 1 of 3 lots: sums, reviews and gains are forecasts, and no part of the verdict before the last lot",
    )


def test_other_limits_are_another_version() -> None:
    """`verify` asks for these texts in every certificate of this predicate: to change one is to write another."""
    texts = "\n".join((*certificate.LIMITS, certificate.REVIEWED))
    assert (PREDICATE, sha256(texts.encode())[:16]) == ("urn:sftspec:acceptance:v1", "3e96d950274d2c74")


def test_a_certificate_of_another_version_is_told_so(made: Deal) -> None:
    for kind in ("urn:sftspec:acceptance:v2", "https://slsa.dev/provenance/v1"):
        other = canonical(json.loads(made.statement().dumps()) | {"predicateType": kind})
        data = dsse.sign(other, PAYLOAD, [PRIVATE["runner"], PRIVATE["buyer"]]).dumps()
        says = (
            f"statement: it states a `{kind}`, which this version of sftspec does not know; use the one that wrote it"
        )
        assert failing(made.dossier(certificate=data)) == says


@pytest.mark.parametrize("time", ["९९९९-९९-९९T९९:९९:९९Z", "9999-99-99T99:99:99Z", "2027-02-30T09:30:00Z", "2027-02-20"])
def test_a_time_is_one(time: str, made: Deal) -> None:
    """Times are compared as texts: digits of another script would never expire."""
    raw = json.loads(made.statement().dumps())
    raw["predicate"]["expires"] = time
    with pytest.raises(ValueError, match=r"predicate\.expires"):
        Statement.model_validate_json(json.dumps(raw))


# ------------------------------------------------------------------------------------------------ changed bytes


def changed(data: bytes, draws: random.Random) -> bytes:
    """One random byte changed, added or removed."""
    text, at = bytearray(data), draws.randrange(len(data))
    kind = draws.randrange(4)
    if kind < 2:
        text[at] ^= draws.randrange(1, 256) if kind else 1 << draws.randrange(8)
    elif kind == 2:
        text.insert(at, draws.randrange(256))
    else:
        del text[at]
    return bytes(text)


@pytest.mark.parametrize(
    ("part", "times"), [("certificate", 1200), ("lock", 300), ("keys", 200), ("scores", 200), ("source", 100)]
)
def test_no_changed_byte_verifies(part: str, times: int, made: Deal) -> None:
    """2,000 random changes in the five documents: none is valid. Only equal bytes are left out."""
    draws, whole = random.Random(20270220), made.dossier()
    for _ in range(times):
        before = whole.scores().read() if part == "scores" else getattr(whole, part)
        other = changed(before, draws)
        if other != before:
            now = partial(BytesIO, other) if part == "scores" else other
            assert not verification.verify(replace(whole, **{part: now})).valid, other


def test_every_bit_of_the_signatures_and_key_names_counts(made: Deal) -> None:
    whole = made.dossier()
    start = whole.certificate.index(b'"payloadType"')
    for at in range(start, len(whole.certificate)):
        other = bytearray(whole.certificate)
        other[at] ^= 1 << (at % 7)
        assert not verification.verify(replace(whole, certificate=bytes(other))).valid


def test_no_changed_delivery_verifies(tmp_path: Path) -> None:
    made = deal(tmp_path, synthetic.contract())
    whole, draws = made.dossier(), random.Random(1)
    for name in ("part-01.jsonl", "manifest.json"):
        path = made.folder / "delivery" / name
        before = path.read_bytes()
        for _ in range(60):
            path.write_bytes(changed(before, draws))
            if path.read_bytes() != before:
                assert failing(replace(whole)).startswith("delivery: ")
        path.write_bytes(before)
    assert failing(replace(whole)) == ""
    (made.folder / "delivery/extra.jsonl").write_text("{}\n")
    assert failing(whole) == "delivery: extra.jsonl: the manifest does not list this file"
    (made.folder / "delivery/extra.jsonl").unlink()
    (made.folder / "delivery/part-01.jsonl").unlink()
    assert failing(whole).startswith("delivery: part-01.jsonl: cannot be read")


# ------------------------------------------------------------------------------------------------ signed lies


def lie(made: Deal, change: Callable[[dict[str, Any]], None]) -> str:
    """What verify says of a statement that runner and buyer signed after this change."""
    raw = json.loads(made.statement().dumps())
    change(raw["predicate"])
    return failing(made.dossier(Statement.model_validate_json(json.dumps(raw))))


def _run(predicate: dict[str, Any], arm: str) -> dict[str, Any]:
    """The first run of an arm."""
    return next(run for run in predicate["trial"]["runs"] if run["arm"] == arm)


def _all(predicate: dict[str, Any], arm: str, **changes: Any) -> None:
    """Every run of an arm changed."""
    for run in predicate["trial"]["runs"]:
        run.update(changes if run["arm"] == arm else {})


def _entry(predicate: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in predicate["ledger"]["entries"] if entry["clause"] == name)


def expected(made: Deal, says: str) -> str:
    """With the seed of the first run of the arm that it names."""
    arm = says.partition("arm `")[2].partition("`")[0]
    return says.replace("{seed}", next((run.seed for run in made.runs if run.arm == arm), ""))


LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a better gain": (
        lambda p: _entry(p, "acceptance.exam")["statistics"][0].update(delta="0.9"),
        "figures: acceptance.exam: statistics are not what the scores give (met, ",
    ),
    "a last digit": (
        lambda p: _entry(p, "acceptance.exam")["statistics"][0].update(
            p=_entry(p, "acceptance.exam")["statistics"][0]["p"] + "1"
        ),
        "figures: acceptance.exam: statistics are not",
    ),
    "another observed text": (
        lambda p: _entry(p, "acceptance.exam").update(observed="99 pp"),
        "figures: acceptance.exam: observed are not what the scores give",
    ),
    "a verdict that does not follow": (
        lambda p: p.update(verdict="breached"),
        "verdict: states `breached`; its entries give `met`",
    ),
    "a clause left out": (
        lambda p: p["ledger"]["entries"].pop(),
        "clauses: the ledger does not list the contract's clauses",
    ),
    "a guard made advice": (
        lambda p: _entry(p, "acceptance.still_general").update(role="advise"),
        "clauses: acceptance.still_general: role, stage, basis, words or bound are not those",
    ),
    "a declared clause called executed": (
        lambda p: _entry(p, "acceptance.by_eye").update(basis="recomputed"),
        "clauses: acceptance.by_eye: role, stage, basis",
    ),
    "a breach that does not bind": (
        lambda p: _entry(p, "acceptance.by_eye").update(verdict="breached", binding=False),
        "clauses: acceptance.by_eye: is signed as not binding; the contract has it otherwise",
    ),
    "another bound": (
        lambda p: _entry(p, "acceptance.by_eye").update(bound="<= 90%"),
        "clauses: acceptance.by_eye: role, stage, basis, words or bound are not those of the contract",
    ),
    "rows that no clause drops": (
        lambda p: _entry(p, "acceptance.by_eye").update(dropped=1),
        "clauses: acceptance.by_eye: 1 rows were signed as dropped; it can have dropped 0",
    ),
    "more lots than there are": (
        lambda p: p["ledger"].update(lots=2),
        "clauses: 2 lots were signed, the contract has 1",
    ),
    "nothing that it does not cover": (
        lambda p: p.update(limits=[]),
        "limits: leaves out what it does not cover: gains are certified under this recipe, on this base model",
    ),
    "a run twice": (lambda p: p["trial"]["runs"].append(p["trial"]["runs"][1]), "seeds: a run is listed twice"),
    "a diverged run with good scores": (
        lambda p: p["trial"]["runs"][1].update(status="diverged"),
        "cells: scores: suite `exam`, arm `vendor`, seed ",
    ),
    "a run of fewer steps": (
        lambda p: _run(p, "vendor").update(steps=9),
        "runs: arm `vendor`, seed {seed}: 9 steps were signed, the recipe says 10",
    ),
    "a run that went on": (
        lambda p: _run(p, "house_mix").update(steps=11),
        "runs: arm `house_mix`, seed {seed}: 11 steps were signed, the recipe says 10",
    ),
    "a base that was trained": (
        lambda p: _run(p, "base").update(steps=10, trained_tokens=100),
        "runs: arm `base`: 10 steps on 100 tokens were signed, on no record",
    ),
    "a base with records": (
        lambda p: _run(p, "base").update(records=2),
        "runs: arm `base`: 2 records were signed; the base is not trained",
    ),
    "an outcome without weights": (
        lambda p: _run(p, "vendor").update(weights_sha256=""),
        "runs: arm `vendor`, seed {seed}: a run that ended has weights, a diverged one none",
    ),
    "a token more": (
        lambda p: _run(p, "vendor").update(trained_tokens=101),
        "runs: arm `vendor`, seed {seed}: 101 trained tokens were signed; 10 steps of 4 records cannot see so many in "
        "an arm of 2",
    ),
    "more tokens than a record holds": (
        lambda p: _run(p, "vendor").update(trained_tokens=40 * 128),
        "runs: arm `vendor`, seed {seed}: 5,120 trained tokens were signed",
    ),
    "another pass than other seeds saw": (
        lambda p: _run(p, "vendor").update(trained_tokens=120),
        "records and tokens: arm `vendor`: the trained tokens of its runs cannot come from the same records",
    ),
    "a run on fewer records": (
        lambda p: _run(p, "vendor").update(records=1, trained_tokens=80),
        "records and tokens: arm `vendor`: its runs were signed with 1, 2 records",
    ),
    "more records than were accepted": (
        lambda p: _all(p, "vendor", records=4),
        "records and tokens: arm `vendor`: 4 records were signed, the ledger accepts 2",
    ),
    "a reference of nothing": (
        lambda p: _all(p, "house_mix", records=0, steps=0, trained_tokens=0),
        "records and tokens: arm `house_mix`: no record was signed",
    ),
    "a weaker reference": (
        lambda p: _all(p, "house_mix", trained_tokens=80),
        "records and tokens: arm `house_mix`: its runs saw 4 trained tokens in a pass, the delivery's 5; the contract "
        "allows 1 % difference",
    ),
    "another nonce": (lambda p: p["trial"].update(seed_nonce="00" * 32), "seeds: the revealed seed nonce is not"),
    "another reference": (
        lambda p: p["trial"]["arms"][1].update(data="00" * 32),
        "arms and held-out sets: the arms of the trial are not those",
    ),
    "another held-out set": (
        lambda p: p["trial"]["heldout"][0].update(commitment="00" * 32),
        "arms and held-out sets: the held-out sets of the trial are not those",
    ),
    "other scores": (
        lambda p: p["trial"]["scores"].update(sha256="00" * 32),
        "scores file: scores.jsonl is not the file",
    ),
    "no trial": (lambda p: p.update(trial=None), "figures: acceptance.exam: is met, but no trial was run"),
    "another contract": (
        lambda p: p["contract"].update(jcs="00" * 32),
        "contract: certifies another contract (000000000000",
    ),
    "another lock": (lambda p: p["ledger"].update(lock="00" * 32), "contract: certifies under another contract.lock"),
    "another delivery": (
        lambda p: p["ledger"].update(delivery="00" * 32),
        "delivery: the ledger speaks of another delivery than the certificate",
    ),
    "more attempts": (
        lambda p: p["attempt"].update(k=2, of=2),
        "attempts: states attempt 2 of 2; the contract allows 1",
    ),
    "an earlier attempt": (
        lambda p: p["attempt"].update(previous="00" * 32),
        "attempts: the first attempt names an earlier one",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_signed_lie_is_found(name: str, made: Deal) -> None:
    change, says = LIES[name]
    assert lie(made, change).startswith(expected(made, says))


# ------------------------------------------------------------------------------------------------ parts of the delivery


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Deal:
    """A trial with half of the delivery, and with all but one task of it."""
    return deal(tmp_path_factory.mktemp("parted"), synthetic.contract(parts=True))


def test_parts_of_the_delivery_verify(parted: Deal) -> None:
    assert failing(parted.dossier()) == ""
    arms = {arm.name: arm.data for arm in parted.statement().predicate.trial.arms}  # type: ignore[union-attr]
    assert list(arms) == [
        "vendor", "house_mix", "vendor@50%", "vendor-input.task.refund", "vendor~input.task.refund",
        "vendor-input.task.invoice", "vendor~input.task.invoice",
    ]  # fmt: skip
    assert len(set(arms.values())) == 7  # so that each has seeds of its own
    worth = next(entry for entry in parted.ledger.entries if entry.clause == "acceptance.worth")
    assert [(one.of, one.records) for one in worth.statistics][:2] == [
        ("refund over as many at random", 1), ("refund over nothing", 1)]  # fmt: skip


PART_LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a slice worth more": (
        lambda p: _entry(p, "acceptance.worth")["statistics"][0].update(delta="0.9"),
        "figures: acceptance.worth: statistics are not what the scores give",
    ),
    "a slice of other records": (
        lambda p: _entry(p, "acceptance.worth")["statistics"][1].update(records=4),
        "figures: acceptance.worth: statistics are not what the scores give",
    ),
    "a share that did as well": (
        lambda p: _entry(p, "acceptance.half").update(observed="50% of the records 60 pp"),
        "figures: acceptance.half: observed are not what the scores give",
    ),
    "a part drawn otherwise": (
        lambda p: p["trial"]["arms"][2].update(data="00" * 32),
        "arms and held-out sets: the arms of the trial are not those",
    ),
    "a slice that was not tried": (
        lambda p: p["trial"].update(runs=[r for r in p["trial"]["runs"] if r["arm"] != "vendor-input.task.refund"]),
        "seeds: arm `vendor-input.task.refund`: the run with seed ",
    ),
    "a half of everything": (
        lambda p: _all(p, "vendor@50%", records=2, trained_tokens=100),
        "records and tokens: arm `vendor@50%`: 2 records were signed; of the delivery's 2 it has 1",
    ),
    "others than are left without a slice": (
        lambda p: _all(p, "vendor~input.task.refund", records=2, trained_tokens=100),
        "records and tokens: arm `vendor~input.task.refund`: 2 records were signed; of the delivery's 2 it has 1",
    ),
    "slices of more than there is": (
        lambda p: [_all(p, f"vendor{how}input.task.refund", records=0, steps=0, trained_tokens=0) for how in "-~"],
        "records and tokens: slices by input.task: `refund` of 2, `invoice` of 1 records were signed, more than the "
        "delivery's 2 together",
    ),
    "more without a slice than with it": (
        lambda p: [_all(p, f"vendor{how}input.task.refund", records=4) for how in "-~"],
        "records and tokens: arm `vendor-input.task.refund`: 4 records were signed; of the delivery's 2 it has 2",
    ),
    "a half as heavy as the whole": (
        lambda p: _run(p, "vendor@50%").update(trained_tokens=200),
        "records and tokens: arm `vendor@50%`, seed {seed}: 200 trained tokens were signed; what is left of the "
        "delivery's 5 is not what 1 records bear",
    ),
    "a report that is met": (
        lambda p: _entry(p, "acceptance.half").update(verdict="met"),
        "clauses: acceptance.half: a report has no verdict",
    ),
}


@pytest.mark.parametrize("name", PART_LIES)
def test_a_signed_lie_about_a_part_is_found(name: str, parted: Deal) -> None:
    change, says = PART_LIES[name]
    assert lie(parted, change).startswith(expected(parted, says))


def recounted(made: Deal, dropped: int = 0, **other: Any) -> Dossier:
    """A certificate whose intake dropped so many; `other` says what the data gives of an arm but what was signed."""
    entries = (one.model_copy(update={"dropped": dropped * (one.stage == "review")}) for one in made.ledger.entries)
    ledger = made.ledger.model_copy(update={"entries": tuple(entries)})
    signed: dict[str, Any] = {run.arm: Seen(run.records, run.trained_tokens) for run in made.runs}

    def seen(steps: Any) -> dict[str, Any]:
        found = {arm: other.get(arm, signed[arm]) for arm in steps}
        return {arm: dict.fromkeys(steps[arm], one) if isinstance(one, Seen) else one for arm, one in found.items()}

    intake = (
        one.model_copy(update={"table": "Request"}) if one.stage == "review" else one for one in made.contract.clauses
    )
    contract = made.contract.model_copy(update={"clauses": tuple(intake)})
    told = replace(made, ledger=ledger).statement()
    return made.dossier(told, contract=contract, recompute=lambda: Redone(ledger, drawn, seen))


def test_records_and_tokens_are_counted_in_the_delivery(parted: Deal) -> None:
    def told(dropped: int = 0, **other: Any) -> list[str]:
        return list(records_are_counted(recounted(parted, dropped, **other)))

    few, light = {"vendor-input.task.refund": Seen(2, 100)}, {"vendor@50%": Seen(1, 79)}
    assert told() == [] and len(told(**few)) == 5 == len(told(**light))
    assert all(one.startswith("arm `vendor-input.task.refund`, seed ") for one in told(**few))
    assert told(**few)[0].endswith(": 1 records were signed, the data gives 2")
    assert told(**light)[0].endswith(": 80 trained tokens were signed, its order of the data sees 79 in 10 steps")
    for other in (few, light):
        with pytest.raises(NotHere, match="the buyer's intake dropped 1 record, which only the sealed set"):
            told(1, **other)


def test_references_are_counted_where_their_file_is(parted: Deal) -> None:
    def told(dropped: int = 0, **other: Any) -> list[str]:
        return list(references_are_counted(recounted(parted, dropped, **other)))

    assert told() == [] and told(vendor=Seen(3, 3)) == []
    assert told(house_mix=Seen(3, 100))[0].endswith(": 2 records were signed, the data gives 3")
    assert told(house_mix=Refused("cannot be matched", code=1)) == ["arm `house_mix`: cannot be matched"]
    with pytest.raises(NotHere, match="arm `house_mix`: is not here"):
        told(house_mix=NotHere("is not here"))
    with pytest.raises(NotHere, match="the buyer's intake dropped records, so what references were matched with"):
        told(1, house_mix=Seen(3, 100))


def test_one_score_of_a_slice_changed_and_signed_is_found(parted: Deal) -> None:
    at = next(n for n, row in enumerate(parted.rows) if row.arm == "vendor-input.task.refund")
    rows = list(parted.rows)
    rows[at] = replace(rows[at], score=1.0 - rows[at].score)
    other = replace(parted, rows=tuple(rows))
    assert failing(other.dossier()).startswith("figures: acceptance.worth: ")


def test_a_notice_rounds_what_parts_are_worth(parted: Deal) -> None:
    told = Notice.of(parted.statement(), "ab" * 32).predicate.ledger.entries
    half, worth = (entry for entry in told if entry.clause in ("acceptance.half", "acceptance.worth"))
    assert half.observed == "50% of the records 59 pp; 100% of the records 54 pp"
    assert worth.observed.count("pp") == 4 and not worth.statistics and "." not in worth.observed


# ------------------------------------------------------------------------------------------------ held against


def test_another_contract_lock_or_keys_are_named(made: Deal, tmp_path: Path) -> None:
    whole = made.dossier()
    other = made.contract.model_copy(update={"version": "2.0.0"})
    assert failing(replace(whole, contract=other)).startswith("contract: certifies another contract (")
    assert failing(replace(whole, source=b"sftspec 1\n")).startswith("lock: the contract's text is not the one")
    assert failing(replace(whole, keys=b"{}")) == (
        "keys: keys.json: is not the file that contract.lock pins; use the keys that were agreed on"
    )
    relocked = made.lock.model_copy(update={"seals": None})
    assert failing(replace(whole, lock=relocked.dumps())).startswith("contract: certifies under another contract.lock")


def test_scores_are_needed_and_the_delivery_is_not(made: Deal) -> None:
    whole = made.dossier()
    assert failing(replace(whole, scores=None)).startswith(
        "scores file: scores.jsonl is not here; the verdict is recomputed"
    )
    found = verification.verify(replace(whole, delivery=None))
    assert found.valid
    given = ("exposures", "notice")
    assert [check.name for check in found.checks if check.ok is None] == [
        *given, "delivery", "delivery clauses", "samples", "sheets", "records", "references"]  # fmt: skip


def test_dates(made: Deal) -> None:
    whole = made.dossier()
    assert failing(replace(whole, now=EXPIRES)) == ""  # the day itself is included
    assert failing(replace(whole, now=datetime(2028, 2, 20, 9, 31, tzinfo=UTC))) == (
        "dates: expired at 2028-02-20T09:30:00Z; ask for a new certificate"
    )
    assert failing(replace(whole, now=datetime(2027, 1, 1, tzinfo=UTC))).startswith(
        "dates: issued at 2027-02-20T09:30:00Z, which"
    )


def test_missing_cells_are_found(made: Deal) -> None:
    """A runner who leaves out an item, a seed or a suite and signs the rest is found before any figure is computed."""

    def told(rows: Iterator[ScoreRow]) -> str:
        other = replace(made, rows=tuple(rows))
        return failing(other.dossier())

    vendor = next(run.seed for run in made.runs if run.arm == "vendor")
    first = made.rows[0].item
    assert "39 items are scored, the contract says 40" in told(row for row in made.rows if row.item != first)
    assert "the contract says with 5 seeds" in told(row for row in made.rows if row.seed != vendor)
    assert "0 items are scored" in told(row for row in made.rows if row.suite != "general")
    moved = [replace(row, seed="42") if row.seed == vendor else row for row in made.rows]
    assert "its arms and seeds are not those of the runs" in told(iter(moved))


def test_delivery_clauses_are_decided_again(made: Deal) -> None:
    """The engine's ledger must be the signed one in every entry of the delivery stage, and in the rows delivered."""
    assert failing(made.dossier(recompute=lambda: Redone(made.ledger, drawn, untrained))) == ""
    fewer = made.ledger.model_copy(update={"counts": (Count(table="Request", delivered=1, accepted=1),)})
    assert failing(made.dossier(recompute=lambda: Redone(fewer, drawn, untrained))) == (
        "delivery clauses: the numbers of delivered rows are not those that were signed"
    )
    less = made.ledger.model_copy(update={"counts": (Count(table="Request", delivered=2, accepted=1),)})
    assert failing(made.dossier(recompute=lambda: Redone(less, drawn, untrained))) == (
        "delivery clauses: Request: 2 accepted rows were signed, the delivery gives 1"
    )


def untrained(steps: object) -> dict[str, Any]:
    """An engine without a tokenizer."""
    raise NotHere("no tokenizer is here")


def drawn(nonce: str) -> list[Drawn]:
    """Both rows of the delivery, as the nonce of the first attempt draws them."""
    places = tuple(Place("part-01.jsonl", line, "ab" * 16) for line in (2, 1))
    return [Drawn("rubric.md", 2, "d" * 16, places, ())] if nonce == NONCES[0] else []


def attempts(folder: Path, count: int) -> tuple[Deal, list[bytes]]:
    """The deal as the last of so many attempts has it, and the certificates of all, in order."""
    certificates: list[bytes] = []
    for k in range(1, count + 1):
        made = deal(folder, synthetic.contract(attempts=count), k)
        previous = sha256(certificates[-1]) if certificates else ""
        tried = made if k == count else failed(made)
        certificates.append(signed(tried.statement(attempt=k, previous=previous, exposures=k)))
    return made, certificates


def failed(made: Deal) -> Deal:
    """The same trial, of a delivery that teaches nothing."""
    rows = tuple(replace(row, score=0.0) if row.arm == "vendor" else row for row in made.rows)
    return replace(made, rows=rows, ledger=ledger(made.contract, made.lock, made.delivery, rows, made.runs))


def signed(statement: Document) -> bytes:
    """The file that runner and buyer sign."""
    return certificate.sign(statement, [PRIVATE["runner"], PRIVATE["buyer"]]).dumps()


def test_attempts_form_a_chain(tmp_path: Path) -> None:
    made, (first, second, last) = attempts(tmp_path, 3)
    third = made.dossier(certificate=last)
    assert failing(replace(third, previous=[first, second])) == ""
    assert failing(replace(third, previous=[second])).startswith("attempts: the certificate of attempt 1 (")
    assert failing(third).startswith("attempts: the certificate of attempt 2 (")
    skipped = made.dossier(made.statement(attempt=3, previous=sha256(first), exposures=3), previous=[first, second])
    assert failing(skipped) == "attempts: attempt 2: is counted otherwise than the attempt after it says"
    forged = dsse.sign(made.statement().dumps(), "text/plain", [PRIVATE["runner"], PRIVATE["buyer"]]).dumps()
    after = made.dossier(made.statement(attempt=2, previous=sha256(forged)), previous=[forged])
    assert failing(after).startswith("attempts: attempt 1: the envelope holds `text/plain`")


def test_a_forecast_that_is_met_is_not_the_last_word(tmp_path: Path) -> None:
    """After the first of three lots nothing of the trial binds, so the verdict is met whatever the scores say."""
    made = failed(deal(tmp_path, synthetic.contract(attempts=2).model_copy(update={"lots": 3})))
    scored = cells(made.rows)
    early = [
        trial_entry(made.contract, clause, scored, made.runs, 1)
        if decided_here(clause)
        else review_entry(made.contract, clause, REVIEWS, 1)
        for clause in made.contract.clauses
    ]
    ledger = made.ledger.model_copy(update={"entries": tuple(early), "lots": 1})
    told = replace(made, ledger=ledger).statement()
    assert told.predicate.verdict == "met" and not certificate.last(told)  # the vendor gets a notice, no figures
    found = verification.verify(made.dossier(told))
    assert found.valid and found.short == "after 1 of 3 lots, where sums, reviews and gains are forecasts"
    certain = made.ledger.model_copy(update={"entries": tuple(early), "lots": 3})
    assert failing(made.dossier(replace(made, ledger=certain).statement())).startswith("clauses: acceptance.exam: is ")


# ------------------------------------------------------------------------------------------------ notices


def notices(certificates: list[bytes]) -> list[bytes]:
    """What the vendor got of each."""
    found = [certificate.document(dsse.parse(data)) for data in certificates]
    return [signed(Notice.of(one, sha256(data))) for one, data in zip(found, certificates, strict=True)
            if isinstance(one, Statement)]  # fmt: skip


def test_a_notice_shows_verdicts_and_whole_points(made: Deal) -> None:
    """No figure of the trial, no seed, no id of an item: gains are rounded, and the certificate is named."""
    told = Notice.of(made.statement(), "ab" * 32)
    gains = {entry.clause: (entry.verdict, entry.observed) for entry in told.predicate.ledger.entries}
    assert gains["acceptance.exam"] == ("met", "gain(exam, over: base) 54 pp")
    exact = {entry.clause: entry.observed for entry in made.ledger.entries}["acceptance.exam"]
    assert exact.startswith("54") and exact not in told.dumps().decode()
    whole = json.loads(told.dumps())["predicate"]
    assert sorted(whole) == ["attempt", "certificate", "contract", "expires", "issued", "ledger", "verdict"]
    assert not any(entry["statistics"] or entry["reason"] for entry in whole["ledger"]["entries"][:3])


def test_a_notice_is_verified_as_far_as_it_goes(tmp_path: Path) -> None:
    made, certificates = attempts(tmp_path, 3)
    first, second, _ = notices(certificates)
    whole = made.dossier(certificate=second, scores=None, previous=[first])
    assert (
        verification.verify(whole).short == "a notice: gains rest on the signatures until its certificate is verified"
    )
    assert failing(whole) == ""
    found = verification.verify(whole)
    unmade = [check.name for check in found.checks if check.ok is None]
    trial = ["arms and held-out sets", "seeds", "limits", "cells", "runs", "records and tokens", "figures"]
    assert unmade == ["scores file", "exposures", "notice", *trial, "reviews", "delivery clauses", "samples",
                      "sheets", "records", "references"]  # fmt: skip
    assert set(found.trusted) >= {"acceptance.exam", "acceptance.by_eye"}  # gains rest on the signatures until then
    assert failing(replace(whole, previous=[])).startswith("attempts: the notice of attempt 1 (")
    assert failing(replace(whole, previous=certificates)).startswith("attempts: attempt 1: is a certificate; a notice")
    assert failing(replace(whole, announced=certificates[1])) == ""
    assert failing(replace(whole, announced=certificates[0])).startswith("notice: the certificate given is not the one")


def test_a_notice_that_says_more_than_its_certificate_is_found(made: Deal) -> None:
    """The buyer told the vendor of a breach; the certificate says met."""
    whole = made.statement()
    told = Notice.of(whole, sha256(signed(whole)))
    entries = list(told.predicate.ledger.entries)
    entries[0] = entries[0].model_copy(update={"verdict": "breached"})
    ledger = told.predicate.ledger.model_copy(update={"entries": tuple(entries)})
    other = told.predicate.model_copy(update={"ledger": ledger, "verdict": "breached"})
    dossier = made.dossier(certificate=signed(told.model_copy(update={"predicate": other})), announced=signed(whole))
    assert failing(dossier) == "notice: the certificate gives another notice"


def test_only_the_runner_and_a_party_certify(made: Deal) -> None:
    alone = certificate.sign(made.statement(), [PRIVATE["runner"]]).dumps()
    assert failing(made.dossier(certificate=alone)).startswith("signatures: neither buyer nor vendor has signed")


def test_other_files_are_no_certificates(made: Deal, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    with pytest.raises(CertificateError, match="cannot be read"):
        certificate.read(path)
    path.write_text("{}")
    with pytest.raises(signing.SigningError, match="not a DSSE envelope"):
        certificate.read(path)
    loose = json.dumps(json.loads(made.statement().dumps()), indent=1).encode()
    path.write_bytes(dsse.sign(loose, "application/vnd.in-toto+json", [PRIVATE["runner"]]).dumps())
    with pytest.raises(CertificateError, match="not in its canonical form"):
        certificate.read(path)
