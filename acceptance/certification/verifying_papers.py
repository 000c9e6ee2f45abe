"""Checks that need no scores: form, signatures, digests, dates, attempts, delivery. Each yields what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.dossier import Dossier, NotHere, sha256
from acceptance.certification.statement import Notice, Predicate, Statement, Tried
from acceptance.signing import dsse, exposures
from acceptance.signing import roles as signing
from acceptance.signing.exposures import ExposureError
from acceptance.signing.roles import SigningError
from spec_lang.lockfile import LockError


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


def limits_are_stated(dossier: Dossier) -> Iterator[str]:
    """It states all that a certificate of this deal does not cover."""
    told = dossier.statement.predicate
    if not isinstance(told, Predicate):
        raise NotHere("a notice states no limits; its certificate does")
    counts = {one.name: one.exposures for one in told.trial.heldout} if told.trial is not None else {}
    for limit in certificate.bounded(dossier.contract, told.ledger.lots, counts, bool(told.reviews)):
        if limit not in told.limits:
            yield f"leaves out what it does not cover: {limit}"


def delivery_is_the_one(dossier: Dossier) -> Iterator[str]:
    """The manifest is the certified one, and every file is as it lists it."""
    stated = dossier.statement.subject[0].digest.sha256
    if dossier.statement.predicate.ledger.delivery != stated:
        yield "the ledger speaks of another delivery than the certificate"
    if dossier.delivery is None:
        raise NotHere("the delivery was not given; name its folder to compare every file")
    from acceptance.certification import verifying_delivery  # readers, which a certificate alone does not need

    yield from verifying_delivery.differences(dossier.delivery, stated)


def attempts_are_complete(dossier: Dossier) -> Iterator[str]:
    """Every earlier attempt is here, signed, under the same deal, back to the first."""
    attempt = dossier.statement.predicate.attempt
    if attempt.of != dossier.contract.attempts or attempt.k > attempt.of:
        yield f"states attempt {attempt.k} of {attempt.of}; the contract allows {dossier.contract.attempts}"
        return
    known = dict(_earlier(dossier, data) for data in dossier.previous)
    current, wanted = dossier.statement, attempt.previous
    for k in range(attempt.k - 1, 0, -1):
        earlier = known.get(wanted)
        if earlier is None:
            yield f"the {_kind(current)} of attempt {k} ({wanted[:12] or 'not named'}) is not among those given"
            return
        problem = earlier if isinstance(earlier, str) else _follows(dossier, current, earlier, k)
        if isinstance(earlier, str) or problem:
            yield f"attempt {k}: {problem}"
            return
        current, wanted = earlier, earlier.predicate.attempt.previous
    if wanted:
        yield "the first attempt names an earlier one"


def _kind(document: Statement | Notice) -> str:
    return "notice" if isinstance(document, Notice) else "certificate"


def _earlier(dossier: Dossier, data: bytes) -> tuple[str, Statement | Notice | str]:
    """The digest of the certificate that a document is or announces, and the document or what is wrong with it."""
    try:
        envelope = dsse.parse(data)
        signing.verify(envelope, dossier.pinned)
        found = certificate.document(envelope)
    except (SigningError, CertificateError) as error:
        return sha256(data), str(error)
    named = found.predicate.certificate if isinstance(found, Notice) else sha256(data)
    if type(found) is not type(dossier.statement):
        return named, f"is a {_kind(found)}; a {_kind(dossier.statement)} follows a {_kind(dossier.statement)}"
    return named, found


def _follows(dossier: Dossier, later: Statement | Notice, earlier: Statement | Notice, k: int) -> str:
    if earlier.predicate.attempt.k != k or earlier.predicate.attempt.of != later.predicate.attempt.of:
        return "is counted otherwise than the attempt after it says"
    if earlier.predicate.contract != later.predicate.contract:
        return "was made under another contract or lock"
    if earlier.predicate.issued > later.predicate.issued:
        return "was issued after the attempt that follows it"
    if certificate.settled(earlier):
        return "is met, and no attempt follows one that is"
    if isinstance(earlier, Statement) and isinstance(later, Statement):
        return _grounds_follow(dossier, later.predicate.trial, earlier.predicate.trial, k)
    return ""


def _grounds_follow(dossier: Dossier, later: Tried | None, earlier: Tried | None, k: int) -> str:
    if later is None or earlier is None:
        return ""
    if not certificate.opens(dossier.locked, k, earlier.seed_nonce):
        return f"reveals a seed nonce that contract.lock does not commit to for attempt {k}"
    before = {one.name: one.exposures for one in earlier.heldout}
    if any(one.exposures <= before.get(one.name, 0) for one in later.heldout):
        return "the attempt after it does not count one exposure more"
    return ""


def exposures_are_counted(dossier: Dossier) -> Iterator[str]:
    """The buyer's ledger has this trial where the certificate says, and as many exposures up to it."""
    trial = dossier.statement.predicate.trial if isinstance(dossier.statement, Statement) else None
    if dossier.exposures is None or trial is None:
        raise NotHere("exposures are the buyer's word; with --exposures they are counted in the buyer's ledger")
    try:
        ledger = exposures.parse(dossier.exposures, exposures.NAME)
    except ExposureError as error:
        yield str(error)
        return
    line = ledger.named(trial.exposures)
    told = dossier.statement.predicate
    seal = dossier.locked.seals.seal if dossier.locked.seals is not None else ""
    agreed = (seal, told.contract.lock, told.attempt.k, dossier.statement.subject[0].digest.sha256)
    if line is None or (line.seal, line.lock, line.attempt, line.delivery) != agreed:
        yield "the ledger does not have this trial; it was cut or begun anew, or is another buyer's"
        return
    sets = {one.heldout: one.set for one in line.sets}
    for suite in trial.heldout:
        count = ledger.count(sets.get(suite.name, ""), line.n)
        if count != suite.exposures:
            yield f"`{suite.name}`: {suite.exposures} exposures are stated, the ledger counts {count}"


def notice_is_the_certificates(dossier: Dossier) -> Iterator[str]:
    """The notice says what its certificate says, rounded."""
    told = dossier.statement
    if not isinstance(told, Notice):
        raise NotHere("this is a certificate, which needs no notice")
    if dossier.announced is None:
        raise NotHere("the certificate follows with the last attempt; name it with --certificate once it is here")
    if sha256(dossier.announced) != told.predicate.certificate:
        yield "the certificate given is not the one that the notice announces"
        return
    named, found = _earlier(replace(dossier, certificate=dossier.announced), dossier.announced)
    if isinstance(found, Notice | str) or Notice.of(found, named) != told:
        yield f"the certificate gives another notice{f': {found}' if isinstance(found, str) else ''}"
