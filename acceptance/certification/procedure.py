"""Deal, delivery and keys to a signed certificate: validate, fine-tune, evaluate, decide, sign, in that order."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance import scores
from acceptance.certification import certificate
from acceptance.certification.certificate import Finished
from acceptance.certification.statement import Environment, Notice, Statement, Terms
from acceptance.deal import Deal, sha256
from acceptance.engine.evaluation import Outcome, no_execution
from acceptance.engine.trial_ledger import arms_of
from acceptance.errors import BREACHED, Refused
from acceptance.executions import Execute
from acceptance.ledger import Ledger
from acceptance.measures.protocol import no_plugin
from acceptance.scores import BASE, VENDOR, Trial
from acceptance.sealed import asked, copies, open_items, reference, suites
from acceptance.signing import exposures, secrets
from acceptance.signing.exposures import ExposureError, What
from acceptance.signing.secrets import Secrets
from acceptance.statistics.reviews import Reviewed
from acceptance.trial.telling import Tell
from acceptance.validation import Delivery, accepted_records, decide
from spec_lang.basis import calls
from spec_lang.contract import STAGES, Call, Const, Contract, Recipe, Stage
from spec_lang.trialarms import parts

PACKAGES = ("sftspec", "torch", "transformers", "accelerate", "lm_eval", "tokenizers", "datasets", "numpy")

NOTICE = "notice.json"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One certification: what is tried, by whom, and where its results go."""

    deal: Deal
    delivery: Delivery
    secrets: Secrets
    exposures: Path
    """The exposure ledger, beside the secrets."""
    keys: Sequence[Ed25519PrivateKey]
    out: Path
    workers: int
    reuse: Path | None
    attempt: int
    previous: str
    days: int
    plugin: Callable[[Call], Any] = no_plugin
    """What runs the plug-ins of the contract."""
    execute: Callable[[str], Execute] = no_execution
    """What runs delivered code, once for all that is asked of it."""
    runs_answers: bool = False
    """Whether answers that are code are run."""
    reviews: Mapping[str, Reviewed] | None = None
    """What filled sheets say, by rubric, where some were given."""


def before_trial(request: Request, say: Say) -> Outcome:
    """What delivery and review stage decide. A lot that is breached there is not worth a fine-tune."""
    say("deciding the clauses of delivery and intake")
    return decided(request, ("delivery", "review"))


def decided(request: Request, stages: tuple[Stage, ...], evidence: Mapping[str, Any] | None = None) -> Outcome:
    """The ledger up to the last of the stages, with all that this certification may look at."""
    found = {**(evidence or {}), **({} if request.reviews is None else {"reviews": request.reviews})}
    return decide(request.deal, request.delivery, stages, secrets=request.secrets, evidence=found,
                  execute=request.execute, plugin=request.plugin)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exposed:
    """A line of the exposure ledger: its digest, and how often each set was asked up to it."""

    head: str
    counts: Mapping[str, int]


def expose(request: Request, what: What) -> Exposed:
    """Count this use of the held-out sets, before it can tell anybody anything. Raises Refused.

    An intake asks the sets that its clauses name, a trial all of them.
    """
    deal = request.deal
    assert deal.lock is not None and deal.lock.seals is not None
    names = suites(deal.contract) if what == "trial" else guarded(deal.contract)
    sets = asked(deal, names, request.secrets)
    try:
        known, line = exposures.add(
            request.exposures, what, deal.lock.seals.seal, sets, lock=deal.lock_digest,
            attempt=request.attempt if what == "trial" else 0, delivery=request.delivery.digest,
        )  # fmt: skip
    except ExposureError as error:
        raise Refused(str(error)) from error
    return Exposed(line.digest(), {one.heldout: known.count(one.set, line.n) for one in sets})


def guarded(contract: Contract) -> list[str]:
    """Sealed sets that a clause of the intake holds the delivery against."""
    named = {
        str(argument.value.value)
        for clause in contract.clauses
        if clause.stage == "review"
        for call in calls(clause.expr)
        for argument in call.args
        if isinstance(argument.value, Const)
    }
    return [name for name in suites(contract) if name in named]


def copied(request: Request, outcome: Outcome) -> list[str]:
    """Accepted records that are items of a sealed set, whether a clause asks or not: limits of this certificate."""
    deal, found = request.deal, []
    records = list(accepted_records(deal, request.delivery, outcome))
    for name in suites(deal.contract):
        if count := copies(records, open_items(deal, name, request.secrets)):
            found.append(f"{count} accepted records have the input of an item of `{name}`, value for value")
    return found


def run_trial(request: Request, outcome: Outcome, tell: Tell) -> Trial:
    """Train every arm with every seed and ask every held-out set. Raises Refused."""
    from acceptance.trial import public, run
    from acceptance.trial.errors import TrialError

    deal = request.deal
    assert deal.lock is not None and deal.lock.seals is not None
    nonce = request.secrets.item_nonce(deal.lock.seals.seal)
    opened = {name: open_items(deal, name, request.secrets) for name in suites(deal.contract)}
    try:
        shown = {one.name: public.rows(one, deal.folder) for one in deal.contract.heldouts if one.lm_eval}
        plan = run.Plan(
            contract=deal.contract,
            recipe=recipe_of(deal.contract),
            folder=deal.folder,
            vendor=list(accepted_records(deal, request.delivery, outcome)),
            references={name: reference(deal, name) for name in reference_arms(deal.contract)},
            suites=opened | shown,
            seeds=seeds(request),
            blind=lambda text: secrets.item_id(nonce, request.attempt, text),
            workers=request.workers,
            scorer=run.RUNNING if request.runs_answers else run.READING,
            store=request.reuse,
            logs=request.out / "logs",
            tell=tell,
        )
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
    return [name for name in arms_of(contract) if name not in (BASE, VENDOR, *parts(contract))]


def seeds(request: Request) -> dict[str, tuple[str, ...]]:
    """Seeds of every trained arm: from the attempt's seed nonce, the contract, the lock and the arm's data."""
    contract, lock = request.deal.contract, request.deal.lock
    assert lock is not None
    agreed = Terms(jcs=lock.contract, source=lock.source, lock=lock.digest())
    return certificate.seeds(
        contract, agreed, certificate.arms(contract, lock, request.delivery.digest), seed_nonce(request)
    )


def seed_nonce(request: Request) -> str:
    """That of this attempt."""
    assert request.deal.lock is not None and request.deal.lock.seals is not None
    return request.secrets.seed_nonce(request.deal.lock.seals.seal, request.attempt)


def after_trial(request: Request, trial: Trial) -> Ledger:
    """The whole ledger, decided again from the delivery and the scores."""
    return decided(request, STAGES, {"scores": trial.scores, "runs": trial.runs}).ledger


def stated(request: Request, ledger: Ledger, trial: Trial, exposed: Exposed, limits: Sequence[str]) -> Statement:
    """What is signed: verdicts, and the trial that they rest on. Raises CertificateError."""
    assert request.deal.lock is not None
    data, nonce = scores.dumps(trial.scores), seed_nonce(request)
    finished = Finished(nonce, exposed.counts, exposed.head, trial.runs, data, environment(request.workers))
    now = datetime.now(UTC)
    return certificate.state(
        request.deal.contract,
        request.deal.lock,
        ledger,
        now,
        now + timedelta(days=request.days),
        finished,
        request.attempt,
        request.previous,
        limits,
        request.reviews,
    )


def signed(request: Request, statement: Statement, trial: Trial) -> Path:
    """Write scores, notice and certificate; the certificate last. Raises CertificateError.

    There is a notice while another attempt may follow: the vendor gets that alone until then.
    """
    envelope = certificate.sign(statement, request.keys)
    beside = {"scores.jsonl": scores.dumps(trial.scores)}
    if not certificate.last(statement):
        notice = Notice.of(statement, sha256(envelope.dumps()))
        beside[NOTICE] = certificate.sign(notice, request.keys).dumps()
    path = request.out / "certificate.json"
    certificate.write(path, envelope, beside)
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
