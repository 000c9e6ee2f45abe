"""Seals and exposures: what is promised before anybody signs, and what was asked since."""

from __future__ import annotations

import json
import shutil
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from acceptance.deal import open_deal
from acceptance.sealed import copies, flaws
from acceptance.signing import exposures, secrets
from acceptance.signing.exposures import Asked, ExposureError, Exposures
from acceptance.statistics.wear import error_on, wear, worn
from spec_lang import contract, lockfile
from spec_lang.types import TEXT
from tests import synthetic
from tests.procurement import agreed, done, sftspec

EXAM = Asked(heldout="exam", set="1" * 64)
OTHER = Asked(heldout="general", set="2" * 64)
SEAL, LOCK = "d" * 32, "c" * 64


def trial(path: Path, attempt: int, delivery: str, *sets: Asked, seal: str = SEAL, lock: str = LOCK) -> Exposures:
    return exposures.add(path, "trial", seal, sets or (EXAM,), lock=lock, attempt=attempt, delivery=delivery * 64)[0]


def test_what_was_asked_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "exposures.jsonl"
    exposures.add(path, "sealed", SEAL, (EXAM, OTHER))  # sealing asks nothing
    trial(path, 1, "a", EXAM, OTHER)
    exposures.add(path, "appeal", SEAL, (EXAM,))
    known = trial(path, 1, "b", EXAM, seal="e" * 32)  # another deal over the same set
    assert (known.count(EXAM.set), known.count(OTHER.set)) == (3, 1)
    assert known.count(EXAM.set, 2) == 1  # up to and with the second line
    assert known.known(SEAL) == {"exam": EXAM.set, "general": OTHER.set}
    assert exposures.read(path) == known
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_trial_begun_again_counts_once(tmp_path: Path) -> None:
    """The same seeds on the same delivery tell nothing new; two appeals are two answers."""
    path = tmp_path / "exposures.jsonl"
    for _ in range(2):
        assert trial(path, 1, "a").count(EXAM.set) == 1
    for count in (2, 3):
        assert exposures.add(path, "appeal", SEAL, (EXAM,))[0].count(EXAM.set) == count


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[1:], ":1: was edited, or a line before it is missing"),
        (lambda lines: [lines[0], lines[2]], ":2: was edited, or a line before it is missing"),
        (lambda lines: [lines[0].replace(b"trial", b"appeal"), *lines[1:]], ":2: was edited"),
        (lambda lines: [*lines[:2], lines[2].replace(b'"n":3', b'"n": 3')], ":3: was edited"),
        (lambda lines: [*lines[:2], lines[2][:-9]], "its last line is cut"),
        (lambda lines: [b"[]\n", *lines], ":1: was edited"),
        (lambda lines: [b"[" * 100_000 + b"\n"], ":1: was edited"),
    ],
)
def test_a_ledger_that_was_touched_is_refused(change, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "exposures.jsonl"
    for attempt in (1, 2, 3):
        trial(path, attempt, "abc"[attempt - 1])
    before = b"".join(change(path.read_bytes().splitlines(keepends=True)))
    path.write_bytes(before)
    with pytest.raises(ExposureError, match=says):
        exposures.read(path)
    with pytest.raises(ExposureError, match=says):
        trial(path, 4, "d")
    assert path.read_bytes() == before


def test_which_attempt_may_be_made(tmp_path: Path) -> None:
    path = tmp_path / "exposures.jsonl"
    known = trial(path, 1, "a")

    def says(attempt: int, delivery: str, lock: str = LOCK, seal: str = SEAL) -> str:
        return exposures.misfit(known, seal, lock, attempt, delivery * 64)

    assert says(1, "a") == ""  # the same once more
    assert says(2, "b") == ""
    assert says(1, "b").startswith("attempt 1 was spent on delivery aaaaaaaaaaaa at ")
    assert says(3, "b").startswith("attempt 2 is not in the exposure ledger")
    assert says(2, "b", lock="9" * 64).startswith("these seals served contract.lock cccccccccccc, whose certificates")
    assert says(1, "b", lock="9" * 64, seal="e" * 32) == ""  # sealed anew


def test_a_set_wears_out() -> None:
    """Two attempts at 95%: each is tested at 2.5%, so 20 exposures reach one half."""
    contract = synthetic.contract(attempts=2)
    assert error_on(contract, "exam") == Decimal("0.025")
    assert wear(contract, "exam", 19) == Decimal("0.475")
    assert worn(contract, "exam", 19) == ""
    assert worn(contract, "exam", 20) == (
        "held-out set `exam` is worn: asked 20 times at an error of 2.5%, so luck alone could have met one delivery "
        "in its life with a chance of up to 50%; seal fresh items"
    )
    assert wear(contract, "exam", 1_000) == 1
    assert worn(contract, "unused", 1_000) == ""


def test_records_that_copy_an_item_are_counted() -> None:
    """Value for value, whatever the order of members; the target may be another."""
    items = [{"id": "1", "input": {"task": "pay", "request": "Pay 5."}, "target": {"reply": "Paid."}}]
    records = [
        {"id": "8", "input": {"request": "Pay 5.", "task": "pay"}, "target": {"reply": "No."}},
        {"id": "9", "input": {"request": "Pay 6.", "task": "pay"}},
        {"id": "10"},
    ]
    assert copies(records, items) == 1
    assert copies(records, [{"id": "1"}]) == 0


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return agreed(tmp_path_factory.mktemp("seals") / "deal")


def test_a_set_of_which_one_cluster_holds_nearly_all_is_not_sealed(order: Path) -> None:
    """Its gain would be the luck of that cluster; a vendor who sees only how many there are could not know."""
    whole, steps = open_deal(order).contract, contract.Path(root="row", steps=("topic",), type=TEXT)
    heldout = whole.heldout("calls").model_copy(update={"size": 500, "clusters": 10, "cluster_by": steps})
    items = [{"id": str(at), "input": str(at), "topic": str(max(0, at - 490))} for at in range(500)]
    assert list(flaws(whole, heldout, items)) == [
        "sealed/calls.jsonl: the 10 clusters are so unequal that they are worth 1.0 of one size; deciding needs at "
        "least 5; seal items of which no cluster holds so many"
    ]
    items = [one | {"topic": str(at % 10)} for at, one in enumerate(items)]
    assert not list(flaws(whole, heldout, items))


def test_seals_show_neither_items_nor_seeds(order: Path) -> None:
    seals = lockfile.read_seals(order.parent / "seals.json")
    private = secrets.read(order.parent / "private/secrets.json")
    assert seals == lockfile.read(order.parent / "contract.lock").seals
    assert [(one.heldout, one.items) for one in seals.sealed] == [("calls", 14), ("general", 14)]
    data = (order.parent / "sealed/calls.jsonl").read_bytes()
    assert seals.sealed[0].commitment == secrets.heldout_commitment(private.item_nonce(seals.seal), data)
    assert seals.seeds == tuple(secrets.seed_commitment(private.seed_nonce(seals.seal, k)) for k in (1, 2))
    told = seals.dumps().decode()
    hidden = (private.key, private.item_nonce(seals.seal), private.seed_nonce(seals.seal, 1), private.set_id(data))
    assert not any(one in told for one in hidden)


def test_sealing_again_promises_other_seeds(order: Path, tmp_path: Path) -> None:
    """So no two deals share a nonce, though the team's key and the set are the same."""
    first = lockfile.read_seals(order.parent / "seals.json")
    done(sftspec("seal", order, "--out", tmp_path / "seals.json"))
    again = lockfile.read_seals(tmp_path / "seals.json")
    assert again.seal != first.seal
    assert not {one.commitment for one in again.sealed} & {one.commitment for one in first.sealed}
    assert not set(again.seeds) & set(first.seeds)
    known = exposures.read(order.parent / "private/exposures.jsonl")
    assert known.known(again.seal) == known.known(first.seal)  # the ledger knows that they are the same sets


def test_lock_needs_neither_secrets_nor_held_out_files(order: Path, tmp_path: Path) -> None:
    """The data lead locks with what the evaluation team handed over."""
    private = shutil.ignore_patterns("private", "sealed", "*.pem")
    shutil.copytree(order.parent, tmp_path / "lead", ignore=private)
    assert "2 held-out sets sealed" in done(sftspec("lock", tmp_path / "lead/tiny.sftspec")).out
    assert (tmp_path / "lead/contract.lock").read_bytes() == (order.parent / "contract.lock").read_bytes()


def test_a_contract_is_locked_before_it_is_sealed_and_says_what_is_missing(order: Path, tmp_path: Path) -> None:
    shutil.copytree(order.parent, tmp_path / "lead", ignore=shutil.ignore_patterns("seals.json"))
    answer = done(sftspec("lock", tmp_path / "lead/tiny.sftspec"))
    assert (
        "before a trial or a review: contract.lock: held-out sets and seeds are not sealed; run `sftspec seal`"
        in answer.out
    )


def test_an_answered_appeal_is_counted_and_planned_with(order: Path) -> None:
    ledger = order.parent / "private/exposures.jsonl"
    before = len(exposures.read(ledger).lines)
    answer = done(sftspec("seal", order, "--answered", "calls"))
    assert "an answered appeal about `calls`" in answer.out
    assert "calls: asked 1 time so far" in answer.out
    assert len(exposures.read(ledger).lines) == before + 1
    plan = json.loads(done(sftspec("check", "--plan", "--format", "json", order)).out)["plan"]
    assert plan["exposures"]["calls"] == {"asked": 1, "luck": "0.0750", "worn": False}
    for _ in range(19):
        sftspec("seal", order, "--answered", "calls")
    told = done(sftspec("check", "--plan", order)).out
    assert "warning: held-out set `calls` is worn: asked 20 times at an error of 2.5%" in told
