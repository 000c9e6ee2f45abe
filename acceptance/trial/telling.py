"""What a trial says while it goes on: lines to keep, and where each run is, for a terminal to draw."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class At:
    """Where a run is."""

    run: str
    """Arm and seed, or `WHOLE`."""
    doing: str
    """`step` of the training, `asking` a held-out set, or a `run` of the whole."""
    done: int
    total: int
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A run is whole: the `count`th of `total`."""

    run: str
    count: int
    total: int


Told = str | At | Done
WHOLE = "trial"
Tell = Callable[[Told], None]

PAUSE = 0.2
"""Seconds between two places of one run that are told; the last one always is."""


def label(arm: str, seed: str) -> str:
    """How a run is called."""
    return f"{arm} seed {seed}" if seed else arm


def silent(told: Told) -> None:
    """For whoever does not listen."""


class Paced:
    """Tells the places of one run, not all of them."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.told = float("-inf")

    def __call__(self, at: At) -> None:
        now = time.monotonic()
        if now - self.told >= PAUSE or at.done == at.total:
            self.told = now
            self.tell(at)
