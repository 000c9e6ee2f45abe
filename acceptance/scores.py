"""What a trial leaves behind: runs, and one score per arm, seed and item; to canonical `scores.jsonl` and back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from spec_lang.contract import canonical
from spec_lang.trialarms import BASE, VENDOR

__all__ = [
    "BASE",
    "VENDOR",
    "Run",
    "ScoreRow",
    "ScoresError",
    "Trial",
    "dumps",
    "identity",
    "loads",
    "read",
    "rows",
    "write",
]


PIECE = 2**16
"""Bytes that are hashed at once."""


class ScoresError(Exception):
    """A score file that is not exactly what `write` leaves; `str()` says the line and what is wrong."""


class Sheet(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=True))
class ScoreRow:
    """The score of one item by one model. No text of the item is here, only ids that its owner can recompute.

    There are tens of thousands of them, so they have slots.
    """

    suite: str
    arm: str
    seed: str
    """Empty for the base."""
    item: str
    cluster: str
    score: float
    """1 and 0 for a yes-no score."""

    @field_validator("score")
    @classmethod
    def is_finite(cls, score: float) -> float:
        if not math.isfinite(score):
            raise ValueError("a score is a finite number")
        return score

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the file is sorted by; unique."""
        return self.suite, self.arm, self.seed, self.item


class Run(Sheet):
    """One model that was evaluated: the base, or the outcome of one fine-tune."""

    arm: str
    seed: str
    weights_sha256: str
    """Over names, shapes and bytes of the tensors; empty for a diverged run."""
    steps: int
    trained_tokens: int
    """Tokens that bore loss, counted each time they were seen."""
    records: int = 0
    """Different records that it was trained on."""
    status: Literal["ok", "diverged"]
    """Of a diverged run every score is the worst."""
    log_sha256: str
    seconds: float
    """Wall time; no part of any digest."""


class Trial(Sheet):
    """All runs and all scores, none left out."""

    runs: tuple[Run, ...]
    scores: tuple[ScoreRow, ...]


def dumps(rows: Iterable[ScoreRow]) -> bytes:
    """One RFC 8785 line per row, sorted. Raises ScoresError where an item was scored twice."""
    ordered = sorted(rows, key=lambda row: row.key)
    for earlier, later in pairwise(ordered):
        if earlier.key == later.key:
            raise ScoresError(f"item {later.item} of {later.suite} is scored twice for {later.arm} {later.seed}")
    return b"".join(map(_line, ordered))


def _line(row: ScoreRow) -> bytes:
    """RFC 8785, as `canonical` writes it: of the sorted members only the score needs more than JSON's own escapes."""
    score = "01"[int(row.score)] if row.score in (0, 1) else canonical(row.score).decode()
    arm, cluster, item, seed, suite = map(_text, (row.arm, row.cluster, row.item, row.seed, row.suite))
    line = f'{{"arm":{arm},"cluster":{cluster},"item":{item},"score":{score},"seed":{seed},"suite":{suite}}}\n'
    return line.encode()


_text = json.JSONEncoder(ensure_ascii=False).encode


def loads(data: bytes) -> tuple[ScoreRow, ...]:
    """The rows of a score file. Raises ScoresError unless `dumps` gives the same bytes again."""
    return tuple(rows(BytesIO(data)))


def rows(lines: Iterable[bytes]) -> Iterator[ScoreRow]:
    """As `loads`, line by line, of a file that is opened for reading bytes, say."""
    last: tuple[str, ...] = ()
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            raise ScoresError("the score file does not end with a line break; it may be cut")
        row = _row(line, number)
        if row.key <= last or _line(row) != line:
            raise ScoresError(
                f"the score file is not in its canonical form at line {number}: rows must be sorted, each once, and "
                "written as RFC 8785"
            )
        last = row.key
        yield row


def identity(stream: BinaryIO) -> tuple[str, int]:
    """sha256 of a score file, and its number of rows: what is signed of it. Read in pieces."""
    digest, rows = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        digest.update(piece)
        rows += piece.count(b"\n")
    return digest.hexdigest(), rows


def _row(line: bytes, number: int) -> ScoreRow:
    try:
        return _ROW.validate_json(line, strict=True)
    except ValidationError as error:
        raise ScoresError(f"line {number} of the score file is not a score: {error.errors()[0]['msg']}") from error


_ROW = TypeAdapter(ScoreRow)


def write(rows: Iterable[ScoreRow], path: Path) -> str:
    """Writes the file whole or not at all; gives its sha256."""
    data = dumps(rows)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)
    return hashlib.sha256(data).hexdigest()


def read(path: Path, sha256: str | None = None) -> tuple[ScoreRow, ...]:
    """Raises ScoresError where the file is absent, altered or not canonical."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ScoresError(f"{path.name} cannot be read: {error.strerror}") from error
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise ScoresError(f"{path.name} is not the file that was signed: its sha256 differs")
    return loads(data)
