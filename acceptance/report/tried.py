"""How a trial was run, as its report tells it: what a certificate holds beside the verdicts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arm:
    """The fine-tunes on one set of data: least and most of a run, where runs differ."""

    name: str
    runs: int
    diverged: int
    """Of these; their every score is the worst."""
    records: tuple[int, int]
    steps: tuple[int, int]
    trained_tokens: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suite:
    """A sealed held-out set."""

    name: str
    items: int
    clusters: int
    exposures: int
    """How often it was asked in its life, this trial included."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial."""

    recipe: str
    base: str
    """The model that every fine-tune starts from."""
    attempt: int
    attempts: int
    """How many the contract grants."""
    device: str
    arms: tuple[Arm, ...]
    suites: tuple[Suite, ...]
    limits: tuple[str, ...]
    """What the certificate does not cover."""
