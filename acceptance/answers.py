"""What a model answers to a held-out item, and how one held-out set scores it: what the trial asks of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
Answer = str | tuple[float, ...]
"""A text that was generated; or, where the item gives options, the log-likelihood of each, in their order."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """The score of one held-out set."""

    score: Callable[[Item, Answer], float]
    """Raises Malformed for an item that is not of its record."""
    options: Callable[[Item], tuple[str, ...]] | None = None
    """The texts that an item lets choose from; None where answers are generated. Raises Malformed."""
    trial: Callable[[Item], float] | None = None
    """The score of silence where it tries the item, too: that its tests fail, that its files are there."""
    at_once: int = 1
    """Answers that are scored at a time: code is waited for."""

    def __call__(self, item: Item, answer: Answer) -> float:
        return self.score(item, answer)

    def rehearse(self, item: Item) -> float:
        """The score of a model that says nothing and prefers nothing. Raises Malformed where none could be scored."""
        if self.trial is not None:
            return self.trial(item)
        return self.score(item, (0.0,) * len(self.options(item)) if self.options is not None else "")
