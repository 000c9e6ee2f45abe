"""What one run hands back: plain data that crosses processes and fits in the store. No heavy imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acceptance.scores import Run


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer, without its text. `index` counts the suite's items from 0."""

    index: int
    score: float
    answer_sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, its scores by suite (none for a diverged run), and its training log."""

    run: Run
    scores: Mapping[str, tuple[Scored, ...]]
    log: str
