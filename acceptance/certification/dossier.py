"""Files beside a certificate in, everything a verifier looks at out: bytes as given, parsed when first asked for."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from acceptance import scores
from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.statement import Notice, Predicate, Statement
from acceptance.errors import Refused
from acceptance.files import read_whole
from acceptance.ledger import Ledger
from acceptance.signing import dsse, keys
from acceptance.signing.dsse import Envelope
from acceptance.signing.keys import Keys
from acceptance.statistics.cells import Scored, cells
from spec_lang import lockfile
from spec_lang.contract import Contract
from spec_lang.lock import Lock
from spec_lang.paths import PathError, regular

if TYPE_CHECKING:
    from acceptance.reviewing.drawing import Drawn


class NotHere(Exception):
    """A check cannot be made with the files given; str() says which one it needs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run was trained on."""

    records: int
    tokens: int
    """That bore loss, each time they were seen."""


Recount = Mapping[str, Mapping[str, Seen] | NotHere | Refused]
"""Arm -> seed -> what its run saw; or what is missing to say so, or why there can have been no such run."""


@dataclass(frozen=True, slots=True)
class Redone:
    """What the engine makes of the delivery now."""

    ledger: Ledger
    samples: Callable[[str], Sequence[Drawn]]
    """The seed nonce of an attempt -> the sample of each rubric."""
    seen: Callable[[Mapping[str, Mapping[str, int]]], Recount]
    """Arm -> seed, in the order they are derived in -> steps of the run, to what it saw. Raises NotHere."""


@dataclass(frozen=True)
class Dossier:
    """What is verified, and what it is held against. The contract, its lock and its keys are the verifier's own."""

    certificate: bytes
    contract: Contract
    source: bytes
    """The contract's text."""
    lock: bytes
    keys: bytes
    scores: Callable[[], BinaryIO] | None = None
    """Opens the score file, which is read in pieces: once for its digest, once for its rows. Whoever changed it in
    between would only see that the signed figures do not follow from it.
    """
    delivery: Path | None = None
    """The delivery's folder, with its manifest."""
    previous: Sequence[bytes] = ()
    """Certificates of earlier attempts, in any order; for a notice, notices of earlier attempts."""
    announced: bytes | None = None
    """For a notice, the certificate that it announces."""
    exposures: bytes | None = None
    """The buyer's exposure ledger."""
    sheets: Sequence[tuple[Path, bytes]] = ()
    """Filled sheets of reviews."""
    recompute: Callable[[], Redone] | None = None
    """The engine over the delivery."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def envelope(self) -> Envelope:
        """Raises SigningError."""
        return dsse.parse(self.certificate)

    @cached_property
    def statement(self) -> Statement | Notice:
        """Raises SigningError, CertificateError. Read it only after the signatures were checked."""
        return certificate.document(self.envelope)

    @cached_property
    def locked(self) -> Lock:
        """Raises LockError."""
        return lockfile.parse(self.lock)

    @cached_property
    def agreed(self) -> str:
        """The digest of the verifier's own contract."""
        return self.contract.digest()

    @cached_property
    def pinned(self) -> Keys:
        """Raises SigningError."""
        return keys.parse_keys(self.keys)

    @cached_property
    def scored(self) -> Scored:
        """Raises ScoresError. Read it only after the file's digest was checked."""
        if self.scores is None:
            return {}
        with self.scores() as stream:
            return cells(scores.rows(stream))

    @cached_property
    def redone(self) -> Redone:
        """Raises NotHere."""
        if self.recompute is None:
            raise NotHere("taken from the signature; name the delivery's folder with --delivery to compute it again")
        return self.recompute()

    @cached_property
    def seen(self) -> Recount:
        """What the runs saw of delivery and references. Raises NotHere. Read it only after seeds were checked."""
        told = self.statement.predicate
        trial = told.trial if isinstance(told, Predicate) else None
        if trial is None:
            raise NotHere("no trial is shown, so no run can be counted again")
        steps = {(run.arm, run.seed): run.steps for run in trial.runs}
        derived = certificate.seeds(self.contract, told.contract, trial.arms, trial.seed_nonce)
        return self.redone.seen({arm: {seed: steps[arm, seed] for seed in seeds} for arm, seeds in derived.items()})

    @cached_property
    def samples(self) -> Sequence[Drawn]:
        """What people review, drawn from the delivery by the revealed nonce. Raises NotHere."""
        trial = self.statement.predicate.trial if isinstance(self.statement, Statement) else None
        if trial is None:
            raise NotHere("no seed nonce is revealed where no trial was run, so no sample can be drawn again")
        return self.redone.samples(trial.seed_nonce)


def gather(
    path: Path,
    contract: Contract,
    text: Path,
    scores: Path | None = None,
    delivery: Path | None = None,
    previous: Sequence[Path] = (),
    announced: Path | None = None,
    exposures: Path | None = None,
    sheets: Sequence[Path] = (),
    recompute: Callable[[], Redone] | None = None,
) -> Dossier:
    """Read the files. Raises CertificateError.

    `text` is the contract's file, with contract.lock and the keys beside it; scores are looked for beside `path`.
    """
    beside = path.with_name("scores.jsonl")
    found = scores or (beside if beside.exists() else None)
    return Dossier(
        certificate=_read(path, "the certificate"),
        contract=contract,
        source=_read(text, "the contract"),
        lock=_read(text.with_name("contract.lock"), "the contract's lock"),
        keys=_keys(text.parent, contract.keys) if contract.keys else b"",
        scores=_opener(found) if found else None,
        delivery=delivery,
        previous=[_read(one, "an earlier certificate") for one in previous],
        announced=_read(announced, "the certificate") if announced else None,
        exposures=_read(exposures, "the exposure ledger") if exposures else None,
        sheets=[(one, _read(one, "a sheet of reviews")) for one in sheets],
        recompute=recompute,
    )


def _keys(folder: Path, name: str) -> bytes:
    try:
        return _read(regular(folder, name).at, "the pinned keys")
    except PathError as error:
        raise CertificateError(f"the pinned keys {error}") from error


def _read(path: Path, what: str) -> bytes:
    try:
        return read_whole(path, dsse.LIMIT)
    except OSError as error:
        raise _unreadable(path, what, error) from error


def _opener(path: Path) -> Callable[[], BinaryIO]:
    """It lies beside the certificate and is read to its end, so it is a file that has one."""
    try:
        if not path.is_file():
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, "the scores", error) from error
    return lambda: path.open("rb")


def _unreadable(path: Path, what: str, error: OSError) -> CertificateError:
    return CertificateError(f"{path}: {what} cannot be read ({error.strerror}); ask for the file")


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()
