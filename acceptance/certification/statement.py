"""What a certificate states: an in-toto Statement v1 whose predicate is the ledger and everything it rests on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator

from acceptance.ledger import Ledger, Sheet, Verdict
from spec_lang.contract import canonical
from spec_lang.lock import Sha256

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:sftspec:acceptance:v1"
PAYLOAD = "application/vnd.in-toto+json"

Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
"""RFC 3339, UTC, whole seconds."""


class Part(Sheet):
    """Read strictly: `"1"` is no number and `true` no 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Digest(Part):
    """in-toto's DigestSet, of which we use one."""

    sha256: Sha256


class Subject(Part):
    """The delivery, by its manifest."""

    name: Literal["delivery"] = "delivery"
    digest: Digest


class Attempt(Part):
    """Which try this is. Each is tested at the error divided by `of`."""

    k: int = Field(ge=1)
    of: int = Field(ge=1)
    previous: Sha256 | Literal[""] = ""
    """sha256 of the certificate of attempt k - 1; empty for the first."""


class Terms(Part):
    """What was agreed."""

    jcs: Sha256
    """The contract's canonical form."""
    source: Sha256
    """The contract's text."""
    lock: Sha256


class Arm(Part):
    """What one arm was trained on: the manifest of the delivery, or the reference file."""

    name: str
    data: Sha256


class Suite(Part):
    """One held-out set, by its commitment."""

    name: str
    commitment: Sha256
    items: int
    clusters: int


class Ran(Part):
    """One model that was evaluated; the base is the one without a seed. See `acceptance.scores.Run`."""

    arm: str
    seed: str
    weights_sha256: str
    steps: int
    trained_tokens: int
    status: Literal["ok", "diverged"]
    log_sha256: str


class Scores(Part):
    """The score file: HMAC(item), HMAC(cluster), arm, seed, suite, score."""

    file: Literal["scores.jsonl"] = "scores.jsonl"
    sha256: Sha256
    rows: int


class Environment(Part):
    """Where it ran. Evidence, not recomputed."""

    python: str
    packages: dict[str, str]
    device: str
    threads: int


class Tried(Part):
    """The trial, where one was run."""

    seed_nonce: Sha256
    """Revealed here; its commitment is in the lock. Every seed derives from it."""
    arms: tuple[Arm, ...]
    heldout: tuple[Suite, ...]
    runs: tuple[Ran, ...]
    scores: Scores
    environment: Environment


class Predicate(Part):
    """The claim and its grounds."""

    verdict: Verdict
    issued: Time
    expires: Time
    attempt: Attempt
    contract: Terms
    trial: Tried | None = None
    """None where the delivery was decided before any trial."""
    ledger: Ledger
    limits: tuple[str, ...]
    """What the certificate does not cover."""


class Statement(Part):
    """The signed document."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: tuple[Subject]
    predicate_type: Literal["urn:sftspec:acceptance:v1"] = Field(alias="predicateType")
    predicate: Predicate

    @field_validator("predicate")
    @classmethod
    def _holds_no_delivered_value(cls, predicate: Predicate) -> Predicate:
        if any(finding.found is not None for entry in predicate.ledger.entries for finding in entry.findings):
            raise ValueError("a certificate holds no delivered values; redact the ledger first")
        return predicate

    @classmethod
    def of(cls, delivery: str, predicate: Predicate) -> Statement:
        """The statement about the delivery whose manifest has this sha256."""
        subject = (Subject(digest=Digest(sha256=delivery)),)
        members = {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate}
        return cls.model_validate(members)

    def dumps(self) -> bytes:
        """RFC 8785 bytes: the payload that is signed."""
        return canonical(self.model_dump(mode="json", by_alias=True))
