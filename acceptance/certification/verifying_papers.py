"""Checks that need no scores: form, signatures, digests, dates, attempts, delivery. Each yields what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.dossier import Dossier, sha256
from acceptance.certification.statement import Statement
from acceptance.delivery import counting, inventory, manifest
from acceptance.delivery import folder as folders
from acceptance.delivery.manifest import BadManifest
from acceptance.signing import dsse
from acceptance.signing import roles as signing
from acceptance.signing.roles import SigningError
from spec_lang.lockfile import LockError


class NotHere(Exception):
    """A check cannot be made with the files given; str() says which one it needs."""


def envelope_is_exact(dossier: Dossier) -> Iterator[str]:
    """The file is an envelope in its one written form."""
    try:
        dossier.envelope  # noqa: B018  # parsing is the check
    except SigningError as error:
        yield str(error)


def lock_is_exact(dossier: Dossier) -> Iterator[str]:
    """The lock is a lock, and the text is the one it pins."""
    try:
        lock = dossier.locked
    except LockError as error:
        yield str(error)
        return
    if lock.source != sha256(dossier.source):
        yield "the contract's text is not the one that contract.lock pins; use the text that was agreed on"


def keys_are_pinned(dossier: Dossier) -> Iterator[str]:
    """The keys are those that the lock pins."""
    path = dossier.contract.keys
    if path is None:
        yield "the contract pins no keys, so nobody could sign; add `keys:` to it"
        return
    pinned = dossier.locked.pinned("keys", path)
    if pinned is None or pinned.sha256 != sha256(dossier.keys):
        yield f"{path}: is not the file that contract.lock pins; use the keys that were agreed on"
        return
    try:
        dossier.pinned  # noqa: B018
    except SigningError as error:
        yield str(error)


def signatures_hold(dossier: Dossier) -> Iterator[str]:
    """The runner and one party signed, and every signature holds."""
    try:
        signing.verify(dossier.envelope, dossier.pinned)
    except SigningError as error:
        yield str(error)


def statement_is_exact(dossier: Dossier) -> Iterator[str]:
    """The payload is a statement of ours in canonical form."""
    try:
        dossier.statement  # noqa: B018
    except CertificateError as error:
        yield str(error)


def contract_is_the_one(dossier: Dossier) -> Iterator[str]:
    """Certificate, lock, text and checked contract are one deal."""
    stated, ledger = dossier.statement.predicate.contract, dossier.statement.predicate.ledger
    lock = sha256(dossier.lock)
    if (stated.lock, ledger.lock) != (lock, lock):
        yield f"certifies under another contract.lock ({stated.lock[:12]}, here {lock[:12]})"
    if stated.source != dossier.locked.source:
        yield "certifies under another text of the contract"
    if {stated.jcs, ledger.contract, dossier.locked.contract} != {dossier.agreed}:
        yield f"certifies another contract ({stated.jcs[:12]}, here {dossier.agreed[:12]})"


def dates_hold(dossier: Dossier) -> Iterator[str]:
    """Issued, and not expired."""
    predicate = dossier.statement.predicate
    now = certificate.moment(dossier.now)  # all three are UTC texts of one form, so they compare as times
    if predicate.issued > now:
        yield f"issued at {predicate.issued}, which lies in the future; check this machine's clock"
    if predicate.expires < now:
        yield f"expired at {predicate.expires}; ask for a new certificate"


def delivery_is_the_one(dossier: Dossier) -> Iterator[str]:
    """The manifest is the certified one, and every file is as it lists it."""
    stated = dossier.statement.subject[0].digest.sha256
    if dossier.statement.predicate.ledger.delivery != stated:
        yield "the ledger speaks of another delivery than the certificate"
    if dossier.delivery is None:
        raise NotHere("the delivery was not given; name its folder to compare every file")
    try:
        if manifest.digest(dossier.delivery) != stated:
            yield "manifest.json is not that of the certified delivery"
            return
        listed = manifest.read_manifest(dossier.delivery)
    except BadManifest as error:
        yield str(error)
        return
    yield from _files(dossier, listed)


def _files(dossier: Dossier, listed: manifest.Manifest) -> Iterator[str]:
    assert dossier.delivery is not None
    for entry in listed.files():
        try:
            found = counting.weigh(dossier.delivery, entry.path)
        except (OSError, folders.Unsafe) as error:
            yield f"{entry.path}: cannot be read ({error}); restore the delivered file"
            continue
        if (found.bytes, found.sha256) != (entry.bytes, entry.sha256):
            yield f"{entry.path}: is not the file that was certified; restore the delivered one"
    present = dict(folders.walk(dossier.delivery))
    for finding in inventory.nothing_else_is_here(present, list(listed.files())):
        yield f"{finding.file}: {finding.message}"


def attempts_are_complete(dossier: Dossier) -> Iterator[str]:
    """Every earlier attempt is here, signed, under the same deal, back to the first."""
    attempt = dossier.statement.predicate.attempt
    if attempt.of != dossier.contract.attempts or attempt.k > attempt.of:
        yield f"states attempt {attempt.k} of {attempt.of}; the contract allows {dossier.contract.attempts}"
        return
    known = {sha256(data): data for data in dossier.previous}
    current, wanted = dossier.statement, attempt.previous
    for k in range(attempt.k - 1, 0, -1):
        if wanted not in known:
            yield f"the certificate of attempt {k} ({wanted[:12] or 'not named'}) is not among those given"
            return
        earlier = _earlier(dossier, known[wanted])
        problem = earlier if isinstance(earlier, str) else _follows(current, earlier, k)
        if isinstance(earlier, str) or problem:
            yield f"attempt {k}: {problem}"
            return
        current, wanted = earlier, earlier.predicate.attempt.previous
    if wanted:
        yield "the first attempt names an earlier one"


def _earlier(dossier: Dossier, data: bytes) -> Statement | str:
    try:
        envelope = dsse.parse(data)
        signing.verify(envelope, dossier.pinned)
        return certificate.statement(envelope)
    except (SigningError, CertificateError) as error:
        return str(error)


def _follows(later: Statement, earlier: Statement, k: int) -> str:
    if earlier.predicate.attempt.k != k or earlier.predicate.attempt.of != later.predicate.attempt.of:
        return "is counted otherwise than the attempt after it says"
    if earlier.predicate.contract != later.predicate.contract:
        return "was made under another contract or lock"
    if earlier.predicate.issued > later.predicate.issued:
        return "was issued after the attempt that follows it"
    return ""
