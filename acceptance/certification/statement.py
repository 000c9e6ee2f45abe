"""What a certificate and a notice state: in-toto Statements v1 whose predicate is the ledger and what it rests on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator

from acceptance.ledger import Entry, Ledger, Sheet, Verdict
from acceptance.statistics.reviews import Reviewed
from spec_lang.contract import canonical
from spec_lang.lock import Sha256

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:sftspec:acceptance:v1"
NOTICE = "urn:sftspec:notice:v1"
PAYLOAD = "application/vnd.in-toto+json"

MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _is_a_time(text: str) -> str:
    if datetime.strptime(text, MOMENT).strftime(MOMENT) != text:
        raise ValueError("a time is written as 2027-02-20T09:30:00Z")
    return text


Time = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"), AfterValidator(_is_a_time)
]
"""RFC 3339, UTC, whole seconds; times of this form compare as texts."""


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
    """What one arm was trained on."""

    name: str
    data: Sha256
    """Of the delivery's manifest, or of the reference file; for a part of the delivery: `certificate.part_sha256`."""


class Suite(Part):
    """One held-out set, by its commitment."""

    name: str
    commitment: Sha256
    items: int
    clusters: int
    exposures: int = Field(ge=1)
    """How often the set was asked in its life, this trial included, by the buyer's ledger."""


class Ran(Part):
    """One model that was evaluated; the base is the one without a seed. See `acceptance.scores.Run`."""

    arm: str
    seed: str
    weights_sha256: str
    steps: int
    trained_tokens: int
    records: int
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
    """Of this attempt alone, revealed here; its commitment is in the lock. Every seed derives from it."""
    arms: tuple[Arm, ...]
    heldout: tuple[Suite, ...]
    exposures: Sha256
    """The line of this trial in the buyer's exposure ledger, which covers every line before it."""
    runs: tuple[Ran, ...]
    scores: Scores
    environment: Environment


class Judged(Part):
    """One rubric's sample as people judged it, in the order drawn. See `acceptance.statistics.reviews.Reviewed`."""

    rubric: str
    draw: str
    """The name of the draw, which follows from seed nonce, contract, lock, delivery and accepted rows."""
    rows: int = Field(ge=0, le=1_000_000_000)
    """What was drawn from."""
    marks: str = Field(pattern=r"^[yn.]*$")
    """A character for each row: `y` if it is defective, `n` if it is not, `.` if nobody judged it."""
    sheet: Sha256
    """Of the filled sheet."""

    @classmethod
    def of(cls, rubric: str, found: Reviewed) -> Judged:
        """What a filled sheet says."""
        marks = "".join(MARKS[mark] for mark in found.marks)
        return cls(rubric=rubric, draw=found.draw, rows=found.rows, marks=marks, sheet=found.sheet)

    def reviewed(self) -> Reviewed:
        """The evidence that clauses are decided by."""
        marks = {letter: mark for mark, letter in MARKS.items()}
        return Reviewed(self.rows, tuple(marks[letter] for letter in self.marks), self.sheet, self.draw)


MARKS = {True: "y", False: "n", None: "."}


class Claim(Part):
    """What certificate and notice have in common."""

    verdict: Verdict
    issued: Time
    expires: Time
    attempt: Attempt
    contract: Terms
    ledger: Ledger

    @field_validator("ledger")
    @classmethod
    def _holds_no_delivered_value(cls, ledger: Ledger) -> Ledger:
        if any(finding.found is not None for entry in ledger.entries for finding in entry.findings):
            raise ValueError("a certificate holds no delivered values; redact the ledger first")
        return ledger


class Predicate(Claim):
    """The claim and its grounds."""

    trial: Tried | None = None
    """None where the delivery was decided before any trial."""
    reviews: tuple[Judged, ...] = ()
    """Every sample that people judged, by rubric."""
    limits: tuple[str, ...]
    """What the certificate does not cover."""


class Announced(Claim):
    """The claim without its grounds: no figure of the trial but gains in whole percentage points."""

    certificate: Sha256
    """Of the certificate's file, which follows with the last attempt."""


class Document(Part):
    """An in-toto statement about a delivery."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: tuple[Subject]

    def dumps(self) -> bytes:
        """RFC 8785 bytes: the payload that is signed."""
        return canonical(self.model_dump(mode="json", by_alias=True))


class Statement(Document):
    """The payload of a certificate."""

    predicate_type: Literal["urn:sftspec:acceptance:v1"] = Field(alias="predicateType")
    predicate: Predicate

    @classmethod
    def of(cls, delivery: str, predicate: Predicate) -> Statement:
        """The statement about the delivery whose manifest has this sha256."""
        return cls.model_validate(_members(delivery, PREDICATE, predicate))


class Notice(Document):
    """The payload of a notice: what the vendor gets while another attempt may follow."""

    predicate_type: Literal["urn:sftspec:notice:v1"] = Field(alias="predicateType")
    predicate: Announced

    @classmethod
    def of(cls, statement: Statement, certificate: str) -> Notice:
        """The one notice of a certificate, whose file has this sha256."""
        told = statement.predicate
        common = {name: getattr(told, name) for name in Claim.model_fields}
        predicate = Announced(**common | {"ledger": rounded(told.ledger), "certificate": certificate})
        return cls.model_validate(_members(statement.subject[0].digest.sha256, NOTICE, predicate))


def _members(delivery: str, kind: str, predicate: Claim) -> dict[str, object]:
    subject = (Subject(digest=Digest(sha256=delivery)),)
    return {"_type": STATEMENT, "subject": subject, "predicateType": kind, "predicate": predicate}


def rounded(ledger: Ledger) -> Ledger:
    """The ledger with gains in whole percentage points and without any other figure of the trial."""
    measured = ((entry, entry.stage == "trial" and bool(entry.statistics)) for entry in ledger.entries)
    entries = tuple(_rounded(entry) if gains else entry for entry, gains in measured)
    return ledger.model_copy(update={"entries": entries})


def _rounded(entry: Entry) -> Entry:
    gains = [f"{one.of} {round(100 * Decimal(one.delta))} pp" for one in entry.statistics]
    hidden = {"observed": "; ".join(gains), "reason": "", "statistics": (), "findings": ()}
    return entry.model_copy(update=hidden)
