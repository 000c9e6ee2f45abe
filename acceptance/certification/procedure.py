"""Deal, delivery and keys to a signed certificate: validate, fine-tune, evaluate, decide, sign, in that order."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance import scores
from acceptance.certification import certificate
from acceptance.certification.certificate import Finished
from acceptance.certification.statement import Environment
from acceptance.deal import Deal
from acceptance.delivery import strict
from acceptance.engine.evaluation import Outcome
from acceptance.engine.trial_ledger import arms_of
from acceptance.errors import BREACHED, Refused
from acceptance.ledger import Ledger
from acceptance.measures.protocol import no_plugin
from acceptance.scores import BASE, VENDOR, Trial
from acceptance.sealed import open_items
from acceptance.signing import secrets
from acceptance.signing.secrets import Secrets
from acceptance.trial.telling import Tell
from acceptance.validation import Delivery, accepted_records, decide
from spec_lang.contract import STAGES, Call, Contract, Recipe

PACKAGES = ("sftspec", "torch", "transformers", "accelerate", "lm_eval", "tokenizers", "datasets", "numpy")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One certification: what is tried, by whom, and where its results go."""

    deal: Deal
    delivery: Delivery
    secrets: Secrets
    keys: Sequence[Ed25519PrivateKey]
    out: Path
    workers: int
    reuse: Path | None
    attempt: int
    previous: str
    days: int
    plugin: Callable[[Call], Any] = no_plugin
    """What runs the plug-ins of the contract."""


def before_trial(request: Request, say: Say) -> Outcome:
    """What delivery and review stage decide. A lot that is breached there is not worth a fine-tune."""
    say("deciding the clauses of delivery and intake")
    return decide(
        request.deal, request.delivery, ("delivery", "review"), secrets=request.secrets, plugin=request.plugin
    )


def run_trial(request: Request, outcome: Outcome, tell: Tell) -> Trial:
    """Train every arm with every seed and ask every held-out set. Raises Refused."""
    from acceptance.trial import run
    from acceptance.trial.errors import TrialError

    deal = request.deal
    plan = run.Plan(
        contract=deal.contract,
        recipe=recipe_of(deal.contract),
        folder=deal.folder,
        vendor=accepted_records(deal, request.delivery, outcome),
        references={name: reference_records(deal, name) for name in reference_arms(deal.contract)},
        suites={name: open_items(deal, name, request.secrets) for name in suites_of(deal)},
        seeds=seeds(request),
        blind=lambda text: secrets.item_id(request.secrets.item_nonce, request.attempt, text),
        workers=request.workers,
        store=request.reuse,
        logs=request.out / "logs",
        tell=tell,
    )
    try:
        return run.run_trial(plan)
    except TrialError as error:
        raise Refused(str(error)) from error


def recipe_of(contract: Contract) -> Recipe:
    """The recipe of the trial. Raises Refused where the contract has several."""
    used = {clause.recipe for clause in contract.clauses if clause.stage == "trial" and clause.recipe}
    names = used or {recipe.name for recipe in contract.recipes}
    if len(names) != 1:
        listed = ", ".join(sorted(names)) or "none"
        raise Refused(f"a trial is run under one recipe; this contract's trial clauses name: {listed}", code=BREACHED)
    return contract.recipe(names.pop())


def reference_arms(contract: Contract) -> list[str]:
    """References that a gain clause compares with."""
    return [name for name in arms_of(contract) if name not in (BASE, VENDOR)]


def suites_of(deal: Deal) -> list[str]:
    """Held-out sets with a file of their own."""
    return [heldout.name for heldout in deal.contract.heldouts if heldout.items is not None]


def reference_records(deal: Deal, name: str) -> list[dict[str, Any]]:
    """The records of a reference; the lock has vouched for the file."""
    path = deal.folder / deal.contract.reference(name).items
    records = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            row, problem, _ = strict.parse(line)
            if row is None:
                raise Refused(f"{path.name}:{number}: {problem.message if problem else 'unreadable'}", code=BREACHED)
            records.append(row)
    return records


def seeds(request: Request) -> dict[str, tuple[str, ...]]:
    """Seeds of every trained arm: from the seed nonce, the contract, the lock and the arm's data."""
    contract, lock = request.deal.contract, request.deal.lock
    assert lock is not None
    out = {}
    for arm in certificate.arms(contract, lock, request.delivery.digest):
        count = arms_of(contract)[arm.name]
        drawn = secrets.seeds(request.secrets.seed_nonce, lock.contract, lock.digest(), arm.data, count)
        out[arm.name] = tuple(str(seed) for seed in drawn)
    return out


def after_trial(request: Request, trial: Trial) -> Ledger:
    """The whole ledger, decided again from the delivery and the scores."""
    evidence = {"scores": trial.scores}
    return decide(
        request.deal, request.delivery, STAGES, secrets=request.secrets, evidence=evidence, plugin=request.plugin
    ).ledger


def signed(request: Request, ledger: Ledger, trial: Trial) -> Path:
    """Write scores and certificate; the certificate last. Raises CertificateError."""
    assert request.deal.lock is not None
    data = scores.dumps(trial.scores)
    finished = Finished(request.secrets.seed_nonce, trial.runs, data, environment(request.workers))
    now = datetime.now(UTC)
    statement = certificate.state(
        request.deal.contract,
        request.deal.lock,
        ledger,
        now,
        now + timedelta(days=request.days),
        finished,
        request.attempt,
        request.previous,
    )
    path = request.out / "certificate.json"
    certificate.write(path, certificate.sign(statement, request.keys), {"scores.jsonl": data})
    return path


def environment(workers: int) -> Environment:
    """What computed the scores."""
    from acceptance.trial.fingerprint import device

    packages = {name: found for name in PACKAGES if (found := _version(name))}
    return Environment(python=platform.python_version(), packages=packages, device=device(), threads=workers)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
