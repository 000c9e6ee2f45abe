"""Contract, lock, ledger and trial in, the certificate's statement and its signed file out, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, TypeAdapter, ValidationError

from acceptance.certification.statement import (
    MOMENT,
    PAYLOAD,
    Arm,
    Attempt,
    Document,
    Environment,
    Judged,
    Notice,
    Predicate,
    Ran,
    Scores,
    Statement,
    Suite,
    Terms,
    Tried,
)
from acceptance.engine.trial_ledger import arms_of
from acceptance.files import write_whole
from acceptance.ledger import Ledger, redacted
from acceptance.scores import BASE, VENDOR, Run
from acceptance.signing import dsse, secrets
from acceptance.signing.dsse import Envelope
from acceptance.statistics.reviews import Reviewed
from acceptance.statistics.wear import published, worn
from spec_lang.contract import STAGES, Contract, canonical
from spec_lang.lock import Lock
from spec_lang.trialarms import parts

LIMITS: tuple[str, ...] = (
    "gains are certified under this recipe, on this base model and these held-out sets only",
    "seeds and items are samples: over many deals a met clause is wrong about as often as its stated error, and more "
    "often where whole clusters go wrong together and are too few to show it",
    "clauses with the basis `declared` rest on the vendor's word",
    "clauses with the basis `plugin` rest on the plug-in that each of them names, a program of another author",
    "a runner who colludes with one party is not excluded",
    "weights, logs, the machine and the step at which a run diverged are the runner's word until somebody redoes a run",
    "records and trained tokens of a reference are held against the delivery's; only its file, beside the contract, "
    "lets `verify --delivery` count them again",
    "the quality of the held-out sets is the buyer's responsibility",
)
"""What no certificate covers. `verify` asks for each, so that to change one is to write another predicate."""


REVIEWED = (
    "reviews: the certificate shows what reviewers marked, not that they looked, nor that they judged by the rubric"
)
"""What it does not cover beside, where people judged a sample."""


def bounded(contract: Contract, lots: int, exposures: Mapping[str, int], reviews: bool) -> tuple[str, ...]:
    """What a certificate after so many lots does not cover: it states all of these, and `verify` asks for them."""
    return (*LIMITS, *([REVIEWED] if reviews else ()), *cautions(contract, lots, exposures))


def cautions(contract: Contract, lots: int, exposures: Mapping[str, int]) -> tuple[str, ...]:
    """What a reader should know of this deal beside: worn and public sets, and that lots are missing."""
    found = [worn(contract, name, count) for name, count in exposures.items()] + published(contract)
    if lots < contract.lots:
        told = "sums, reviews and gains are forecasts, and no part of the verdict before the last lot"
        found.append(f"after {lots} of {contract.lots} lots: {told}")
    return tuple(one for one in found if one)


class CertificateError(Exception):
    """A certificate that cannot be written or read; str() says what to do."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial that has run. `scores` are the bytes of scores.jsonl."""

    seed_nonce: str
    exposures: Mapping[str, int]
    """Held-out set -> how often it was asked."""
    head: str
    """The trial's line in the exposure ledger."""
    runs: Sequence[Run]
    scores: bytes
    environment: Environment


def state(
    contract: Contract,
    lock: Lock,
    ledger: Ledger,
    issued: datetime,
    expires: datetime,
    trial: Finished | None = None,
    attempt: int = 1,
    previous: str = "",
    limits: Sequence[str] = (),
    reviews: Mapping[str, Reviewed] | None = None,
) -> Statement:
    """The statement to sign. `previous` is the sha256 of the last attempt's certificate. Times must have a zone.

    `limits` are those of this delivery, beside what is `bounded` anyway.
    """
    agreed = Terms(jcs=lock.contract, source=lock.source, lock=lock.digest())
    predicate = Predicate(
        verdict=ledger.verdict(STAGES),
        issued=moment(issued),
        expires=moment(expires),
        attempt=Attempt(k=attempt, of=contract.attempts, previous=previous),
        contract=agreed,
        trial=_tried(contract, lock, ledger.delivery, trial) if trial else None,
        reviews=tuple(Judged.of(rubric, found) for rubric, found in sorted((reviews or {}).items())),
        ledger=redacted(ledger),
        limits=(*bounded(contract, ledger.lots, trial.exposures if trial else {}, bool(reviews)), *limits),
    )
    return Statement.of(ledger.delivery, predicate)


def _tried(contract: Contract, lock: Lock, delivery: str, trial: Finished) -> Tried:
    return Tried(
        seed_nonce=trial.seed_nonce,
        arms=arms(contract, lock, delivery),
        heldout=suites(contract, lock, trial.exposures),
        exposures=trial.head,
        runs=tuple(Ran(**run.model_dump(exclude={"seconds"})) for run in trial.runs),
        scores=Scores(sha256=hashlib.sha256(trial.scores).hexdigest(), rows=trial.scores.count(b"\n")),
        environment=trial.environment,
    )


def arms(contract: Contract, lock: Lock, delivery: str) -> tuple[Arm, ...]:
    """Every trained arm with the digest of its data, as contract and lock have it. Raises CertificateError."""
    found, derived = [], parts(contract)
    for name in arms_of(contract):
        if name == BASE:
            continue
        if name == VENDOR:
            found.append(Arm(name=name, data=delivery))
            continue
        if name in derived:
            found.append(Arm(name=name, data=part_sha256(delivery, name)))
            continue
        pinned = lock.pinned("reference", contract.reference(name).items)
        if pinned is None:
            raise CertificateError(f"contract.lock: the reference `{name}` is not pinned; run `sftspec lock`")
        found.append(Arm(name=name, data=pinned.sha256))
    return tuple(found)


def seeds(contract: Contract, agreed: Terms, arms: Sequence[Arm], nonce: str) -> dict[str, tuple[str, ...]]:
    """Seeds of every trained arm, in order: from the attempt's nonce, contract, lock, the arm's data and the delivery.

    A reference is the buyer's, and so are nonce and lock: were it not for the delivery, the buyer could seal until the
    reference is lucky.
    """
    counts, delivery = arms_of(contract), next((arm.data for arm in arms if arm.name == VENDOR), "")
    terms = nonce, agreed.jcs, agreed.lock
    drawn = ((arm.name, secrets.seeds(*terms, beside(arm.data, delivery), counts[arm.name])) for arm in arms)
    return {name: tuple(map(str, found)) for name, found in drawn}


def beside(data: str, delivery: str) -> str:
    """The digest that an arm's seeds follow from: the delivery's, or that of its own data and the delivery's."""
    return data if data == delivery else hashlib.sha256(canonical({"data": data, "delivery": delivery})).hexdigest()


def part_sha256(delivery: str, name: str) -> str:
    """Stands for the data of a part of the delivery, so that each part has seeds of its own."""
    return hashlib.sha256(canonical({"arm": name, "delivery": delivery})).hexdigest()


def suites(contract: Contract, lock: Lock, exposures: Mapping[str, int]) -> tuple[Suite, ...]:
    """Every sealed held-out set, as contract and lock have it. `exposures` holds all of them."""
    declared = {heldout.name: heldout for heldout in contract.heldouts}
    return tuple(
        Suite(
            name=one.heldout,
            commitment=one.commitment,
            items=one.items,
            clusters=declared[one.heldout].clusters or one.items,
            exposures=exposures[one.heldout],
        )
        for one in (lock.seals.sealed if lock.seals else ())
        if one.heldout in declared
    )


def opens(lock: Lock, attempt: int, seed_nonce: str) -> bool:
    """Whether a nonce is the one that the lock commits to for this attempt, and not that of another."""
    promised = lock.seals.seeds if lock.seals is not None else ()
    return 0 < attempt <= len(promised) and secrets.seed_commitment(seed_nonce) == promised[attempt - 1]


def moment(time: datetime) -> str:
    """`2027-02-20T09:30:00Z`."""
    return time.astimezone(UTC).strftime(MOMENT)


def sign(statement: Document, keys: Sequence[Ed25519PrivateKey]) -> Envelope:
    """The statement in an envelope."""
    return dsse.sign(statement.dumps(), PAYLOAD, keys)


def last(statement: Statement) -> bool:
    """Whether no other attempt can follow, so that everything is shown."""
    return statement.predicate.attempt.k == statement.predicate.attempt.of or settled(statement)


def settled(document: Statement | Notice) -> bool:
    """Whether it says that the deal is met, and nothing waits for a later lot."""
    told = document.predicate
    return told.verdict == "met" and all(entry.binding for entry in told.ledger.entries)


def write(path: Path, envelope: Envelope, beside: Mapping[str, bytes] | None = None) -> None:
    """Write the files that go with a certificate, then the certificate: that it is there means that all are.

    Raises CertificateError if there is a certificate already: an attempt is not undone by writing over it.
    """
    if path.exists():
        raise CertificateError(f"{path}: exists; every attempt counts, so move it away or name another file")
    try:
        for name, data in (beside or {}).items():
            write_whole(path.parent / name, data)
        write_whole(path, envelope.dumps())
    except OSError as error:
        raise CertificateError(f"{error.filename}: {error.strerror}; choose a folder you may write to") from error


def read(path: Path) -> tuple[Envelope, Statement]:
    """Envelope and statement, strictly read; signatures are not checked here. Raises CertificateError, SigningError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(dsse.LIMIT + 1)
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror}); name a certificate") from error
    envelope = dsse.parse(data)
    found = document(envelope)
    if not isinstance(found, Statement):
        raise CertificateError("a notice, not a certificate; the buyer holds the certificate that it announces")
    return envelope, found


def document(envelope: Envelope) -> Statement | Notice:
    """The statement or notice in an envelope. Raises CertificateError unless it is one, in its canonical bytes."""
    if envelope.payload_type != PAYLOAD:
        raise CertificateError(f"the envelope holds `{envelope.payload_type[:80]}`, not a certificate of sftspec")
    try:
        found = _KINDS.validate_json(envelope.payload, strict=True)
        exact = found.dumps() == envelope.payload
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "union_tag_invalid":
            kind = first["ctx"]["tag"][:80]
            message = f"it states a `{kind}`, which this version of sftspec does not know; use the one that wrote it"
            raise CertificateError(message) from error
        where = ".".join(str(part) for part in first["loc"][1:]) or "the payload"
        raise CertificateError(f"the certificate is not as sftspec writes it: {where}: {first['msg']}") from error
    except ValueError as error:
        raise CertificateError("the certificate's payload has no canonical form; ask for the original") from error
    if not exact:
        message = "not in its canonical form; ask for the original, or use the version of sftspec that wrote it"
        raise CertificateError(f"the certificate's payload is {message}")
    return found


_KINDS: TypeAdapter[Statement | Notice] = TypeAdapter(
    Annotated[Statement | Notice, Field(discriminator="predicate_type")]
)
