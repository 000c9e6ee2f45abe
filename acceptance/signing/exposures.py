"""What the buyer's held-out sets were asked: an append-only ledger beside the secrets, each line naming the last.

Every answer that depends on a held-out set tells something of it. A certification is one exposure, an intake that
refused a delivery is one, an answered appeal is one. A line once written is covered by the head that later
certificates state, so a ledger that was cut or begun anew is found by whoever holds one of them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import Field, ValidationError

from acceptance.ledger import Sheet
from spec_lang.contract import canonical
from spec_lang.lock import Sha256

NAME = "exposures.jsonl"
"""Where the ledger lies: beside the secrets."""

What = Literal["sealed", "intake", "trial", "appeal"]


class ExposureError(Exception):
    """A ledger that cannot be read, or that an exposure does not fit into; str() says what to do."""


class Asked(Sheet):
    """One held-out set of an exposure."""

    heldout: str
    """Its name in the contract."""
    set: Sha256
    """HMAC of the file under the buyer's key: the same in every deal (`Secrets.set_id`)."""


class Exposure(Sheet):
    """One line. `sealed` is no exposure: it says which sets a seal is about."""

    n: int = Field(ge=1)
    previous: Sha256 | Literal[""] = ""
    """sha256 of the line before, without its line break; empty for the first."""
    at: str
    what: What
    seal: str
    lock: Sha256 | Literal[""] = ""
    attempt: int = Field(default=0, ge=0)
    """0 where no attempt was made."""
    delivery: Sha256 | Literal[""] = ""
    sets: tuple[Asked, ...]

    def dumps(self) -> bytes:
        """RFC 8785, without the line break."""
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> str:
        """sha256 of the line: what the next line and a certificate name."""
        return hashlib.sha256(self.dumps()).hexdigest()


@dataclass(frozen=True, slots=True)
class Exposures:
    """The whole ledger."""

    lines: tuple[Exposure, ...] = ()

    def count(self, set_id: str, upto: int | None = None) -> int:
        """How often a set was asked, up to and with line `upto`."""
        return sum(line.what != "sealed" and set_id in _sets(line) for line in self.lines[:upto])

    def trials(self, seal: str) -> list[Exposure]:
        """The attempts that were made under one seal."""
        return [line for line in self.lines if line.what == "trial" and line.seal == seal]

    def known(self, seal: str) -> dict[str, str]:
        """The sets of a seal: held-out set's name -> set."""
        return {one.heldout: one.set for line in self.lines if line.seal == seal for one in line.sets}

    def named(self, head: str) -> Exposure | None:
        """The line with this digest."""
        return next((line for line in self.lines if line.digest() == head), None)


def _sets(line: Exposure) -> set[str]:
    return {one.set for one in line.sets}


def parse(data: bytes, name: str) -> Exposures:
    """Bytes to ledger. Raises ExposureError unless every line is written as ours and names the one before it."""
    if data and not data.endswith(b"\n"):
        raise ExposureError(f"{name}: its last line is cut; restore it from your backup")
    lines: list[Exposure] = []
    for number, text in enumerate(data.split(b"\n")[:-1], start=1):
        line = _line(text)
        if line is None or line.n != number or line.previous != (lines[-1].digest() if lines else ""):
            raise ExposureError(f"{name}:{number}: was edited, or a line before it is missing; restore your backup")
        lines.append(line)
    return Exposures(tuple(lines))


def _line(text: bytes) -> Exposure | None:
    try:
        line = Exposure.model_validate(json.loads(text))
        return line if line.dumps() == text else None
    except (ValueError, RecursionError, ValidationError):  # also of what has no canonical form
        return None


def read(path: Path) -> Exposures:
    """The ledger; an empty one where there is none yet. Raises ExposureError."""
    try:
        return parse(path.read_bytes(), str(path))
    except FileNotFoundError:
        return Exposures()
    except OSError as error:
        raise ExposureError(f"{path}: cannot be read ({error.strerror})") from error


def add(
    path: Path, what: What, seal: str, sets: Sequence[Asked], *, lock: str = "", attempt: int = 0, delivery: str = ""
) -> tuple[Exposures, Exposure]:
    """Append a line, and read the ledger back up to it. Raises ExposureError, and OSError that names `path`.

    A trial or an intake of the same delivery, begun again, tells nothing new and is not counted twice.
    """
    with _held(path) as stream:
        known = parse(stream.read(), str(path))
        made = Exposure(
            n=len(known.lines) + 1, previous=known.lines[-1].digest() if known.lines else "", at=_now(), what=what,
            seal=seal, lock=lock, attempt=attempt, delivery=delivery, sets=tuple(sets),
        )  # fmt: skip
        if what in ("trial", "intake") and (earlier := _same(known.lines, made)) is not None:
            return known, earlier
        _append(stream, made.dumps() + b"\n")
    return Exposures((*known.lines, made)), made


def _same(lines: Iterable[Exposure], made: Exposure) -> Exposure | None:
    return next((line for line in lines if _occasion(line) == _occasion(made)), None)


def _occasion(line: Exposure) -> tuple[object, ...]:
    return line.what, line.seal, line.lock, line.attempt, line.delivery, line.sets


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _held(path: Path) -> Iterator[BinaryIO]:
    """The file, which no other process appends to meanwhile."""
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream
    except OSError as error:
        raise OSError(error.errno, f"cannot be written ({error.strerror})", str(path)) from error


def _append(stream: BinaryIO, line: bytes) -> None:
    size = stream.seek(0, os.SEEK_END)
    try:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    except OSError:  # a full disk: half a line would break the chain
        os.ftruncate(stream.fileno(), size)
        raise


def misfit(known: Exposures, seal: str, lock: str, attempt: int, delivery: str) -> str:
    """Why this attempt cannot be made now; empty where it can."""
    for line in known.trials(seal):
        if line.lock != lock:
            return (
                f"these seals served contract.lock {line.lock[:12]}, whose certificates reveal their seeds; run "
                "`sftspec seal` and `sftspec lock` again"
            )
        if line.attempt == attempt and line.delivery != delivery:
            return (
                f"attempt {attempt} was spent on delivery {line.delivery[:12]} at {line.at}; another delivery is "
                "another attempt"
            )
    missing = sorted(set(range(1, attempt)) - {line.attempt for line in known.trials(seal)})
    if missing:
        return f"attempt {missing[0]} is not in the exposure ledger; restore it from your backup"
    return ""
