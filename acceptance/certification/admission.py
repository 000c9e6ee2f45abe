"""What a certification rests on in, or the reason why it cannot begin out: before an hour of training, not after it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.statement import Statement
from acceptance.deal import LOCK, Deal, sha256
from acceptance.errors import BREACHED, FAILED, USAGE, Refused
from acceptance.files import writable
from acceptance.measures.protocol import Unavailable
from acceptance.sealed import open_items
from acceptance.signing import dsse, roles, secrets
from acceptance.signing import keys as signing
from acceptance.signing.keys import SigningError
from acceptance.signing.secrets import Secrets, SecretsError
from spec_lang.lockfile import unsealed

TRIAL = ("torch", "transformers", "accelerate", "lm_eval", "datasets")
"""What `pip install 'sftspec[trial]'` brings."""


def machine_can_train() -> None:
    """Everything that fine-tuning imports is installed."""
    missing = [name for name in TRIAL if find_spec(name) is None]
    if missing:
        message = f"this command needs {', '.join(missing)}; install the extra: pip install 'sftspec[trial]'"
        raise Refused(message, code=FAILED)


def deal_can_be_tried(deal: Deal) -> None:
    """The contract is locked, its held-out sets are sealed, and it has a clause for a trial to decide."""
    if deal.lock is None:
        raise Refused(f"{deal.folder / LOCK}: not here; run `sftspec lock {deal.path}` first", code=BREACHED)
    problems = unsealed(deal.lock, deal.contract)
    if problems:
        raise Refused("\n".join(problems), code=BREACHED)
    if not any(clause.stage == "trial" for clause in deal.contract.clauses):
        raise Refused("this contract has no trial clause; `sftspec validate` decides it", code=USAGE)


def out_is_free(out: Path) -> None:
    """The results have a folder to go to, and no certificate is there. Raises Refused, OSError."""
    path = out / "certificate.json"
    if path.exists():
        raise Refused(f"{path}: exists; every attempt counts, so name another folder", code=USAGE)
    writable(out)


def signers(paths: Sequence[Path], deal: Deal) -> list[Ed25519PrivateKey]:
    """The private keys: pinned by the contract, runner and a party among them."""
    if deal.contract.keys is None:
        raise Refused("the contract pins no keys, so nobody could sign; add `keys:` to it", code=BREACHED)
    if not paths:
        raise Refused("a certificate is signed by the runner and a party; give --key twice", code=USAGE)
    try:
        found = [signing.load_private(path) for path in paths]
        pinned = signing.read_keys(deal.folder / deal.contract.keys)
        for path, key in zip(paths, found, strict=True):
            if signing.pin(key.public_key(), "runner").keyid not in {one.keyid for one in pinned.keys}:
                raise Refused(f"{path}: {deal.contract.keys} does not pin this key; give the one it pins", code=USAGE)
        roles.verify(dsse.sign(b"", "text/plain", found), pinned)
    except SigningError as error:
        raise Refused(str(error), code=USAGE) from error
    return found


def nonces(path: Path, deal: Deal) -> Secrets:
    """The buyer's secrets: those that the lock commits to, and every sealed set opens with them."""
    try:
        found = secrets.read(path)
    except SecretsError as error:
        raise Refused(str(error), code=USAGE) from error
    if deal.lock is not None and secrets.seed_commitment(found.seed_nonce) != deal.lock.seed_commitment:
        message = "contract.lock commits to other secrets; use those that this contract was locked with"
        raise Refused(f"{path}: {message}", code=BREACHED)
    for heldout in deal.contract.heldouts:
        if heldout.items is not None:
            _opens(deal, heldout.name, found)
    return found


def _opens(deal: Deal, name: str, found: Secrets) -> None:
    try:
        open_items(deal, name, found)
    except Unavailable as missing:
        raise Refused(f"{missing}; put its file there: a trial asks every held-out set", code=USAGE) from missing


def attempt(k: int, previous: Path | None, deal: Deal) -> str:
    """The digest of the previous attempt's certificate, which is of this deal; empty for the first attempt."""
    of = deal.contract.attempts
    if not 1 <= k <= of:
        raise Refused(f"--attempt {k}: the contract allows {of} attempt{'s' * (of > 1)}", code=USAGE)
    if (k > 1) != (previous is not None):
        raise Refused("--previous names the certificate of the attempt before, from the second attempt on", code=USAGE)
    if previous is None:
        return ""
    problem = _other_chain(_certificate(previous), k, deal)
    if problem:
        raise Refused(f"{previous}: {problem}; name the certificate of attempt {k - 1}", code=USAGE)
    return sha256(previous.read_bytes())


def _certificate(path: Path) -> Statement:
    try:
        return certificate.read(path)[1]
    except (CertificateError, SigningError) as error:
        where = "" if str(error).startswith(str(path)) else f"{path}: "
        raise Refused(f"{where}{error}", code=USAGE) from error


def _other_chain(earlier: Statement, k: int, deal: Deal) -> str:
    if earlier.predicate.attempt.k != k - 1:
        return f"is of attempt {earlier.predicate.attempt.k}"
    agreed = earlier.predicate.contract
    if (agreed.jcs, agreed.lock) != (deal.contract.digest(), deal.lock_digest):
        return "was made under another contract or lock"
    return ""
