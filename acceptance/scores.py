"""What a trial leaves behind: runs, and one score per arm, seed and item; to canonical `scores.jsonl` and back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from spec_lang.contract import canonical

BASE = "base"
"""The arm without training; its seed is the empty text."""
VENDOR = "vendor"
"""The arm trained on the delivery. A reference arm has the reference's name."""


class ScoresError(Exception):
    """A score file that is not exactly what `write` leaves; `str()` says the line and what is wrong."""


class Sheet(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ScoreRow(Sheet):
    """The score of one item by one model. No text of the item is here, only ids that its owner can recompute."""

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
    return b"".join(canonical(row.model_dump(mode="json")) + b"\n" for row in ordered)


def loads(data: bytes) -> tuple[ScoreRow, ...]:
    """The rows of a score file. Raises ScoresError unless `dumps` gives the same bytes again."""
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise ScoresError("the score file does not end with a line break; it may be cut")
    rows = tuple(_row(line, number) for number, line in enumerate(lines, start=1))
    if dumps(rows) != data:
        raise ScoresError("the score file is not in its canonical form: rows must be sorted and written as RFC 8785")
    return rows


def _row(line: bytes, number: int) -> ScoreRow:
    try:
        value = json.loads(line.decode("utf-8"))
        if isinstance(value, dict) and type(value.get("score")) is int:
            value["score"] = float(value["score"])  # RFC 8785 writes 1.0 as 1
        return ScoreRow.model_validate(value)
    except (ValueError, RecursionError, ValidationError) as error:
        raise ScoresError(f"line {number} of the score file is not a score: {_short(error)}") from error


def _short(error: Any) -> str:
    return str(error.errors()[0]["msg"]) if isinstance(error, ValidationError) else type(error).__name__


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
