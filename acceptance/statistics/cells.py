"""Rows of the scores table in, two arms side by side out; every (arm, seed, item) is there once or it is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from acceptance.scores import BASE, VENDOR, ScoresError
from acceptance.statistics.variance import Sample, SampleError
from spec_lang.contract import HeldOut

__all__ = ["BASE", "VENDOR", "Cells", "Score", "Scored", "ScoresError", "cells", "check", "of_suite"]


class Score(Protocol):
    """One row of the scores table (`acceptance.scores.ScoreRow`)."""

    @property
    def arm(self) -> str: ...
    @property
    def seed(self) -> str: ...
    @property
    def suite(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def cluster(self) -> str: ...
    @property
    def score(self) -> float | str: ...


@dataclass(frozen=True, slots=True)
class Cells:
    """All scores of one suite: (arm, seed) -> item -> score, and each item's cluster."""

    suite: str
    runs: dict[tuple[str, str], dict[str, float]]
    clusters: dict[str, str]

    def seeds(self, arm: str) -> list[str]:
        """The seeds of an arm, in the order of their numbers."""
        found = [seed for name, seed in self.runs if name == arm]
        return sorted(found, key=lambda seed: (len(seed), seed))

    def sample(self, arm: str, over: str) -> Sample:
        """Two arms side by side, items in the order of their ids. Raises ScoresError."""
        first, second = self.seeds(arm), self.seeds(over)
        if not first or not second:
            raise ScoresError(f"scores: suite `{self.suite}` has no runs of arm `{over if first else arm}`")
        items = sorted(self.clusters)
        number = {name: position for position, name in enumerate(sorted(set(self.clusters.values())))}
        clusters = [number[self.clusters[item]] for item in items]
        try:
            return Sample(
                [self._row(arm, seed, items) for seed in first],
                [self._row(over, seed, items) for seed in second],
                clusters,
            )
        except SampleError as error:
            raise ScoresError(f"scores: suite `{self.suite}`, `{arm}` against `{over}`: {error}") from error

    def _row(self, arm: str, seed: str, items: Sequence[str]) -> list[float]:
        run = self.runs[arm, seed]
        if len(run) < len(items):
            missing = next(item for item in items if item not in run)
            raise ScoresError(
                f"scores: suite `{self.suite}`, arm `{arm}`, seed {seed or 'none'}: {len(run)} of {len(items)} items "
                f"are scored, `{missing}` is not; every run scores every item, a diverged one with 0"
            )
        return [run[item] for item in items]


Scored = Mapping[str, Cells]
"""The scores of each suite."""


def cells(scores: Iterable[Score]) -> Scored:
    """The rows of all suites, of which none is kept. Raises ScoresError for one that is there twice or an item in two
    clusters.
    """
    found: dict[str, Cells] = {}
    equal: dict[float, float] = {}  # most scores are 0 or 1
    for row in scores:
        suite = found.setdefault(row.suite, Cells(row.suite, {}, {}))
        run = suite.runs.setdefault((row.arm, row.seed), {})
        cluster = row.cluster or row.item  # an item without a cluster is its own
        if row.item in run or suite.clusters.setdefault(row.item, cluster) != cluster:
            raise ScoresError(f"scores: suite `{row.suite}`: item `{row.item}` is there twice or lies in two clusters")
        score = float(row.score)
        run[row.item] = equal.setdefault(score, score)
    return found


def of_suite(scored: Scored, suite: str) -> Cells:
    """The scores of one suite; none where it has none."""
    return scored.get(suite) or Cells(suite, {}, {})


def check(found: Cells, heldout: HeldOut, arms: Mapping[str, int]) -> None:
    """What the contract promises of a suite: items, clusters, and how many seeds each arm has. Raises ScoresError."""
    items, clusters = len(found.clusters), len(set(found.clusters.values()))
    where = f"scores: suite `{found.suite}`"
    if items != heldout.size:
        raise ScoresError(f"{where}: {items} items are scored, the contract says {heldout.size}")
    asked = heldout.clusters or heldout.size  # without clusters every item is its own
    if clusters != asked:
        raise ScoresError(f"{where}: {clusters} clusters are scored, the contract says {asked}")
    for arm, count in arms.items():
        seeds = found.seeds(arm)
        if len(seeds) != count or (arm == BASE) != (seeds == [""]):
            said = "once, without a seed" if arm == BASE else f"with {count} seeds"
            raise ScoresError(f"{where}: arm `{arm}` is there with seeds {seeds}; the contract says {said}")
