"""A folder in; the example's deal with larger held-out sets and a certificate of 15,004 drawn scores out, in it."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from acceptance import scores
from acceptance.certification import certificate
from acceptance.certification.certificate import Finished
from acceptance.certification.statement import Environment, Terms
from acceptance.engine import observations
from acceptance.engine.trial_ledger import trial_entries
from acceptance.ledger import Count, Entry, Ledger
from acceptance.scores import BASE, VENDOR, Run, ScoreRow
from acceptance.signing import keys, pem, secrets
from spec_lang import lockfile
from spec_lang.compiler import compile_file
from spec_lang.contract import Clause, Contract
from spec_lang.lock import Lock, Sealed, Seals

EXAMPLE = Path(__file__).resolve().parent.parent / "examples/back_office"
PILOT = lockfile.figures(EXAMPLE / "back_office.sftspec")
SIZES = {"400 records in 100 clusters": "500 records in 100 clusters", "size: 400 records": "size: 500 records",
         "size: 200 records": "size: 364 records"}  # fmt: skip
"""1,364 items for 11 models: 15,004 scores."""


def certify(folder: Path) -> None:
    """Write contract, lock, keys, scores and a certificate that is met."""
    contract, text = agreed(folder)
    private = [pem.load_private(folder / f"{role}.pem") for role in ("runner", "buyer")]
    seals = Seals(
        seal="0" * 32,
        sealed=tuple(Sealed(heldout=one.name, commitment="a" * 64, items=one.size) for one in contract.heldouts),
        seeds=(secrets.seed_commitment("5" * 64),),
    )
    lock = lockfile.build(contract, text.read_bytes(), folder, seals, ("pilot/scores.jsonl", PILOT))
    (folder / "contract.lock").write_bytes(lock.dumps())
    statement, rows = stated(contract, lock, folder)
    certificate.write(folder / "certificate.json", certificate.sign(statement, private), {"scores.jsonl": rows})


def agreed(folder: Path) -> tuple[Contract, Path]:
    """The example with larger sets and guards that any delivery meets, its files, fresh keys and a delivery."""
    for name in ("base", "reference", "pilot"):
        shutil.copytree(EXAMPLE / name, folder / name)
    shutil.copy(EXAMPLE / "request.jinja", folder)
    text = (EXAMPLE / "back_office.sftspec").read_text("utf-8")
    for old, new in SIZES.items():
        text = text.replace(old, new)
    path = folder / "back_office.sftspec"
    path.write_text(text, "utf-8")
    keys.write_keys(folder / "keys.json", [pem.generate(folder / f"{role}.pem", role) for role in ("runner", "buyer")])
    compiled = compile_file(path, PILOT)
    assert compiled.contract is not None, compiled.diagnostics
    return compiled.contract, path


def stated(contract: Contract, lock: Lock, folder: Path) -> tuple[certificate.Statement, bytes]:
    """The statement of a trial whose scores are drawn, and the score file."""
    delivery = "d" * 64
    agreed = Terms(jcs=lock.contract, source=lock.source, lock=lock.digest())
    arms = certificate.arms(contract, lock, delivery)
    drawn = {BASE: ("",), **certificate.seeds(contract, agreed, arms, "5" * 64)}
    rows = tuple(scored(contract, drawn))
    recipe, accepted = contract.recipes[0], 2_000
    runs = [
        Run(arm=arm, seed=seed, weights_sha256="c" * 64, steps=recipe.steps * bool(seed), status="ok", seconds=0.0,
            trained_tokens=20 * recipe.steps * recipe.batch * bool(seed), records=accepted * bool(seed),
            log_sha256="e" * 64 if seed else "")
        for arm, seeds in drawn.items() for seed in seeds
    ]  # fmt: skip
    found = trial_entries(contract, rows)
    entries = tuple(found.get(clause.name) or passed(clause) for clause in contract.clauses)
    ledger = Ledger(contract=lock.contract, lock=lock.digest(), delivery=delivery, entries=entries,
                    counts=(Count(table=contract.record, delivered=accepted, accepted=accepted),))  # fmt: skip
    data, now = scores.dumps(rows), datetime.now(UTC)
    asked = dict.fromkeys((one.name for one in contract.heldouts), 1)
    environment = Environment(python="3", packages={}, device="cpu", threads=1)
    trial = Finished("5" * 64, asked, "b" * 64, runs, data, environment)
    return certificate.state(contract, lock, ledger, now, now + timedelta(days=1), trial), data


def scored(contract: Contract, drawn: dict[str, tuple[str, ...]]) -> Iterator[ScoreRow]:
    """Yes-no scores under ids of the right length; the vendor's are better on `calls` alone."""
    draws = random.Random(20270220)
    for heldout in contract.heldouts:
        groups = heldout.clusters or heldout.size
        for arm, seeds in drawn.items():
            share = {VENDOR: 0.88, BASE: 0.35}.get(arm, 0.6) if heldout.name == "calls" else 0.95
            for seed in seeds:
                for at in range(heldout.size):
                    name = f"{at:032x}"
                    group = f"{at % groups:032x}" if heldout.clusters else name
                    yield ScoreRow(suite=heldout.name, arm=arm, seed=seed, item=name, cluster=group,
                                   score=float(draws.random() < share))  # fmt: skip


def passed(clause: Clause) -> Entry:
    """A clause that is met without evidence here; `verify` without the delivery takes it from the signatures."""
    verdict = "reported" if clause.role == "report" else "met"
    return observations.entry(clause, verdict=verdict, bound=observations.bound(clause))


if __name__ == "__main__":
    certify(Path(sys.argv[1]))
