"""A seed in, the order of records and the learning rate of each step out: the same under every library's version."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from itertools import islice

from spec_lang.contract import Recipe


def batches(records: int, size: int, steps: int, seed: str) -> Iterator[list[int]]:
    """Positions of records, `size` per step; each pass over the data is shuffled anew; a batch may span two passes.

    No record makes no step.
    """
    endless = positions(records, seed)
    for _ in range(steps if records else 0):
        yield list(islice(endless, size))


def positions(records: int, seed: str) -> Iterator[int]:
    turn = 0
    while True:
        yield from shuffled(records, seed, turn)
        turn += 1


def shuffled(records: int, seed: str, turn: int) -> list[int]:
    """The order of one pass over the data, the first of which is turn 0."""
    return sorted(range(records), key=lambda at: hashlib.sha256(f"{seed}/{turn}/{at}".encode()).digest())


def seen(tokens: Sequence[int], draws: int, seed: str) -> int:
    """The sum over the first so many positions, each as often as it is drawn: tokens of all batches of a run."""
    if not tokens:
        return 0
    passes, rest = divmod(draws, len(tokens))
    broken = shuffled(len(tokens), seed, passes)[:rest] if rest else ()
    return passes * sum(tokens) + sum(tokens[at] for at in broken)


def number(seed: str) -> int:
    """The seed for libraries that want a number, e.g. for dropout."""
    return int.from_bytes(hashlib.sha256(f"torch/{seed}".encode()).digest()[:4], "big")


def rate(recipe: Recipe, step: int) -> float:
    """The learning rate at a step, counted from 0: up from 0 over the warm-up, then by schedule towards the end."""
    peak, warm = float(recipe.learning_rate), math.ceil(float(recipe.warmup) * recipe.steps)
    if step < warm:
        return peak * step / warm
    done = (step - warm) / max(1, recipe.steps - warm)
    match recipe.schedule:
        case "cosine":
            return peak * 0.5 * (1.0 + math.cos(math.pi * done))
        case "linear":
            return peak * (1.0 - done)
        case "constant":
            return peak
