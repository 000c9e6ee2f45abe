"""One delivery's outcome, a line of `pool.jsonl`, to score rows and back: no text, only ones and zeros as hex."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from acceptance.scores import BASE, VENDOR, ScoreRow
from benchmarks.characteristic import SUITES, data

POOL = Path(__file__).parent / "pool.jsonl"
HEAD, PILOT = "head", "pilot"
BESIDE = (HEAD, PILOT, BASE)
"""The first line, which says what the pool was made of; base and trained arm on the pilot sets; the base."""


class Drawn(BaseModel):
    """What acceptance found of one delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """Of `kinds`, or one of `BESIDE`, which are no deliveries to decide."""
    number: int = 0
    refused: tuple[str, ...] = ()
    """Required clauses that the intake found breached, in the contract's order."""
    dropped: int = 0
    """Records that the intake drops."""
    trained: int = 0
    """Records that the trial was given: the accepted ones, or all where the intake refuses."""
    seconds: float = 0.0
    """Of all runs together."""
    digests: dict[str, str] = {}
    """Of the first line: what the scores were made of."""
    runs: dict[str, tuple[str, ...]] = {}
    """suite -> for each seed the scores of its items, as `packed` writes them; empty where nothing was trained."""


def packed(scores: Iterable[float]) -> str:
    """Ones and zeros as hex, the first item's the highest digit."""
    bits = [int(score) for score in scores]
    return format(int("1" + "".join(map(str, bits)), 2), "x")


def unpacked(text: str) -> list[float]:
    return [float(digit) for digit in bin(int(text, 16))[3:]]


def of_rows(rows: Iterable[ScoreRow], arm: str, seeds: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The runs of one arm; rows come in the order of the items."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.arm == arm:
            found.setdefault((row.suite, row.seed), []).append(row.score)
    return {suite: tuple(packed(found[suite, seed]) for seed in seeds) for suite in SUITES}


def rows(drawn: Drawn, arm: str, items: dict[str, list[data.Record]]) -> Iterator[ScoreRow]:
    """The scores of one delivery, or of the base, as the statistics read them."""
    for suite, runs in drawn.runs.items():
        for seed, run in enumerate(runs, start=1):
            for item, score in zip(items[suite], unpacked(run), strict=True):
                yield ScoreRow(suite=suite, arm=arm, seed="" if arm == BASE else str(seed), item=item["id"],
                               cluster=cluster(suite, item), score=score)  # fmt: skip


def cluster(suite: str, item: dict[str, Any]) -> str:
    return str(item["target"]["call"]["vendor"]) if suite == "calls" else str(item["id"])


def pilot_rows(pool: Iterable[Drawn], items: dict[str, list[data.Record]]) -> list[ScoreRow]:
    """Base and trained arm on the pilot sets: number 0 is the base's line."""
    pilot = {drawn.number: drawn for drawn in pool if drawn.kind == PILOT}
    return [*rows(pilot[0], BASE, items), *rows(pilot[1], VENDOR, items)]


def read(path: Path) -> list[Drawn]:
    """The lines of a pool; one that a kill left half-written is left out, and its delivery done again."""
    lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
    return [Drawn.model_validate_json(line) for line in lines]


def add(path: Path, drawn: Drawn) -> None:
    """One more line."""
    kept = path.read_bytes() if path.exists() else b""
    with path.open("r+b" if kept else "wb") as file:
        file.seek(kept.rfind(b"\n") + 1)
        file.truncate()
        file.write(json.dumps(drawn.model_dump(mode="json", exclude_defaults=True)).encode() + b"\n")
