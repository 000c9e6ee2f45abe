"""What a certification rests on in, or the reason why it cannot begin out: before an hour of training, not after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.statement import Statement
from acceptance.deal import LOCK, Deal, sha256
from acceptance.engine.observations import binding
from acceptance.errors import BREACHED, FAILED, USAGE, Refused, extra
from acceptance.execution.box import unable
from acceptance.files import can_hold
from acceptance.measures.protocol import Unavailable
from acceptance.sealed import open_items, suites
from acceptance.signing import dsse, exposures, keys, pem, roles, secrets
from acceptance.signing.exposures import ExposureError
from acceptance.signing.keys import SigningError
from acceptance.signing.passphrase import PassphraseError, take
from acceptance.signing.secrets import Secrets, SecretsError
from spec_lang.basis import calls
from spec_lang.contract import Contract
from spec_lang.diagnostics import listing
from spec_lang.lockfile import unsealed
from spec_lang.signatures import evidence_of

TRIAL = ("torch", "transformers", "accelerate", "lm_eval", "datasets")
"""What the extra `trial` brings."""
RESULTS = ("certificate.json", "notice.json", "scores.jsonl", "receipt.json", "report.html", "logs/run.jsonl")
"""What a certification writes at its end, with the losses of one run for those of all."""


def machine_can_train() -> None:
    """Everything that fine-tuning imports is installed."""
    missing = [name for name in TRIAL if find_spec(name) is None]
    if missing:
        raise Refused(f"this command needs {', '.join(missing)}; {extra('trial')}", code=FAILED)


def code_can_run(contract: Contract, execute: bool) -> None:
    """What a verdict takes a run of code for may and can be run: nothing is left undecided for want of a sandbox."""
    found = list(executing(contract))
    if not found:
        return
    names = listing(name for name, _ in found)
    if not execute:
        message = f"{names} {'is' if len(found) == 1 else 'are'} decided by running code that was delivered or answered"
        raise Refused(f"{message}; say --execute, which runs it in a sandbox", code=USAGE)
    lacking = any(by == "pytest" for _, by in found) and find_spec("pytest") is None
    if reason := unable() or ("pytest is not installed" if lacking else ""):
        raise Refused(f"{names}: code cannot be run here: {reason}; nothing else would decide it", code=FAILED)


def executing(contract: Contract) -> Iterator[tuple[str, str]]:
    """Clauses and held-out sets that code is run for, with the runner."""
    scores = ((one.name, one.score) for one in contract.heldouts if one.score is not None)
    for name, expr in (*((clause.name, clause.expr) for clause in contract.clauses), *scores):
        runners = [call.word("by") for call in calls(expr) if evidence_of(call.measure) == "executions"]
        yield from ((name, by) for by in runners[:1])


def deal_can_be_tried(deal: Deal) -> None:
    """The contract is locked, its held-out sets are sealed, and it has a clause for a trial to decide."""
    if deal.lock is None:
        raise Refused(f"{deal.folder / LOCK}: not here; run `sftspec lock {deal.path}` first", code=BREACHED)
    problems = unsealed(deal.lock, deal.contract)
    if problems:
        raise Refused("\n".join(problems), code=BREACHED)
    if not any(clause.stage == "trial" for clause in deal.contract.clauses):
        raise Refused("this contract has no trial clause; `sftspec validate` decides it", code=USAGE)


def public_sets_can_be_asked(deal: Deal) -> None:
    """Every public task is the installed harness's, of the versions that were agreed, and its items are here."""
    sets = [one for one in deal.contract.heldouts if one.lm_eval is not None]
    if not sets:
        return
    from acceptance.trial import public
    from acceptance.trial.errors import TrialError

    try:
        for one in sets:
            public.rows(one, deal.folder)
    except TrialError as error:
        raise Refused(str(error), code=BREACHED) from error


def out_is_free(out: Path) -> None:
    """The results have a place to go to, and no certificate is there. Raises Refused."""
    path = out / "certificate.json"
    if path.exists():
        raise Refused(f"{path}: exists; every attempt counts, so name another folder", code=USAGE)
    for name in RESULTS:
        can_hold(out / name)


def signers(sources: Sequence[str], passphrases: Sequence[str], deal: Deal) -> list[Ed25519PrivateKey]:
    """The private keys: pinned by the contract, runner and a party among them. A source is a file or `env:NAME`."""
    if deal.contract.keys is None:
        raise Refused("the contract pins no keys, so nobody could sign; add `keys:` to it", code=BREACHED)
    if not sources:
        raise Refused("a certificate is signed by the runner and a party; give --key twice", code=USAGE)
    try:
        given = [take(name) for name in passphrases]
        found = [pem.load_private(source, given) for source in sources]
        pinned = keys.read_keys(deal.folder / deal.contract.keys)
        for source, key in zip(sources, found, strict=True):
            if keys.pin(key.public_key(), "runner").keyid not in {one.keyid for one in pinned.keys}:
                raise Refused(f"{source}: {deal.contract.keys} does not pin this key; give the one it pins", code=USAGE)
        roles.verify(dsse.sign(b"", "text/plain", found), pinned)
    except (SigningError, PassphraseError) as error:
        raise Refused(str(error), code=USAGE) from error
    return found


def nonces(path: Path, deal: Deal) -> Secrets:
    """The buyer's secrets: those that the lock's seals were made with, and every sealed set opens with them."""
    try:
        found = secrets.read(path)
    except SecretsError as error:
        raise Refused(str(error), code=USAGE) from error
    seals = deal.lock.seals if deal.lock is not None else None
    if seals is not None and secrets.seed_commitment(found.seed_nonce(seals.seal, 1)) != seals.seeds[0]:
        message = "contract.lock commits to other secrets; use those that this contract was sealed with"
        raise Refused(f"{path}: {message}", code=BREACHED)
    for name in suites(deal.contract):
        _opens(deal, name, found)
    return found


def _opens(deal: Deal, name: str, found: Secrets) -> None:
    try:
        open_items(deal, name, found)
    except Unavailable as missing:
        raise Refused(f"{missing}; put its file there: a trial asks every held-out set", code=USAGE) from missing


def exposed(path: Path, deal: Deal, k: int, delivery: str, previous: Path | None) -> None:
    """The exposure ledger is whole, goes on from the attempt before, and has no other delivery for this attempt."""
    try:
        known = exposures.read(path)
    except ExposureError as error:
        raise Refused(str(error), code=USAGE) from error
    assert deal.lock is not None and deal.lock.seals is not None
    if previous is not None:
        trial = _certificate(previous, deal).predicate.trial
        if trial is not None and known.named(trial.exposures) is None:
            raise Refused(f"{path}: is not the ledger that {previous} names; restore your backup", code=BREACHED)
    problem = exposures.misfit(known, deal.lock.seals.seal, deal.lock_digest, k, delivery)
    if problem:
        raise Refused(f"{path}: {problem}", code=BREACHED)


def attempt(k: int, previous: Path | None, deal: Deal) -> str:
    """The digest of the previous attempt's certificate, which is of this deal; empty for the first attempt."""
    of = deal.contract.attempts
    if not 1 <= k <= of:
        raise Refused(f"--attempt {k}: the contract allows {of} attempt{'s' * (of > 1)}", code=USAGE)
    if (k > 1) != (previous is not None):
        raise Refused("--previous names the certificate of the attempt before, from the second attempt on", code=USAGE)
    if previous is None:
        return ""
    problem = _other_chain(_certificate(previous, deal), k, deal)
    if problem:
        raise Refused(f"{previous}: {problem}; --previous names an undecided or breached attempt {k - 1}", code=USAGE)
    return sha256(previous.read_bytes())


def forecast(k: int, here: int, contract: Contract, wanted: bool) -> str:
    """What an attempt after so many lots comes to, in words; empty where every clause of the trial binds.

    Raises Refused for the last attempt unless it is `wanted`: none is left for the lot that decides.
    """
    if all(binding(contract, clause, here) for clause in contract.clauses if clause.stage == "trial"):
        return ""
    gains = f"after {here} of {contract.lots} lots gains are forecasts, and no part of the verdict"
    if k < contract.attempts:
        return f"{gains}; this is attempt {k} of {contract.attempts}, and {contract.attempts - k} more may follow"
    spent = f"{gains}; this would be attempt {k} of {contract.attempts}, and none is left for the last lot"
    if not wanted:
        raise Refused(f"{spent}; certify when all lots are here, or say --forecast", code=USAGE)
    return spent


def _certificate(path: Path, deal: Deal) -> Statement:
    try:
        envelope, statement = certificate.read(path)
        roles.verify(envelope, keys.read_keys(deal.folder / str(deal.contract.keys)))
        return statement
    except (CertificateError, SigningError) as error:
        where = "" if str(error).startswith(str(path)) else f"{path}: "
        raise Refused(f"{where}{error}", code=USAGE) from error


def _other_chain(earlier: Statement, k: int, deal: Deal) -> str:
    if earlier.predicate.attempt.k != k - 1:
        return f"is of attempt {earlier.predicate.attempt.k}"
    agreed = earlier.predicate.contract
    if (agreed.jcs, agreed.lock) != (deal.contract.digest(), deal.lock_digest):
        return "was made under another contract or lock"
    return "is met, and no attempt follows one that is" if certificate.settled(earlier) else ""
