"""Lines of the pool to verdicts: of every delivery, of the trial alone, and of twins. No training, no files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from statistics import NormalDist, fmean
from tempfile import TemporaryDirectory

import numpy as np

from acceptance.deal import sound
from acceptance.engine.trial_ledger import trial_entries
from acceptance.ledger import Entry, Verdict, worst
from acceptance.scores import BASE, VENDOR, ScoreRow
from acceptance.statistics.gains import interval
from acceptance.statistics.pilot import measured
from acceptance.statistics.variance import Sample, differences, variance
from benchmarks.characteristic import data, deal, drawn
from benchmarks.characteristic.drawn import Drawn
from spec_lang import trialplans
from spec_lang.contract import Contract
from spec_lang.lock import Spread

ALPHA = 0.05
PAIRED = 60
"""Deliveries of which every pair is tried: a page should not take minutes."""
Items = dict[str, list[data.Record]]


@dataclass(frozen=True)
class Decided:
    """One delivery: what the intake refused, and what the trial says by itself; None where nothing was trained."""

    drawn: Drawn
    trial: tuple[Entry, ...] | None

    @property
    def alone(self) -> Verdict | None:
        """The trial's verdict, as if nobody had looked at the data before."""
        return None if self.trial is None else worst(self.trial)

    @property
    def verdict(self) -> Verdict | None:
        """That of the whole acceptance; None where the intake refuses and no trial is run."""
        return None if self.drawn.refused else self.alone

    @property
    def stopping(self) -> tuple[str, ...]:
        """The clauses that keep it from being certified."""
        if self.drawn.refused:
            return self.drawn.refused
        return tuple(entry.clause for entry in self.trial or () if entry.verdict != "met")


class Pool:
    """The lines of a pool, decided under the contract that the pilot's lines make sound."""

    def __init__(self, lines: Sequence[Drawn]) -> None:
        self.lines, self.items = lines, deal.items("sealed")

    @cached_property
    def spreads(self) -> tuple[Spread, ...]:
        return measured(drawn.pilot_rows(self.lines, deal.items("pilot")))

    @cached_property
    def contract(self) -> Contract:
        with TemporaryDirectory() as place:
            path = Path(place) / deal.NAME
            path.write_text(deal.text(), "utf-8")
            return sound(path, self.spreads)[0]

    @cached_property
    def base(self) -> list[ScoreRow]:
        return list(drawn.rows(next(one for one in self.lines if one.kind == BASE), BASE, self.items))

    @cached_property
    def decided(self) -> list[Decided]:
        """All deliveries, in the pool's order."""
        return [self._decided(one) for one in self.lines if one.kind not in drawn.BESIDE]

    def _decided(self, one: Drawn) -> Decided:
        if not one.runs:
            return Decided(one, None)
        entries = trial_entries(self.contract, [*drawn.rows(one, VENDOR, self.items), *self.base])
        return Decided(one, tuple(entries.values()))

    def of(self, kind: str) -> list[Decided]:
        return [one for one in self.decided if one.drawn.kind == kind]

    @cached_property
    def powers(self) -> dict[str, float]:
        """What `check --plan` promises of each trial clause at the gain that it expects."""
        return {gain.clause.name: float(gain.power) for gain in trialplans.gains(self.contract, self.spreads)}

    def scores(self, one: Drawn, suite: str) -> np.ndarray:
        """(seeds, items)"""
        return np.array([drawn.unpacked(run) for run in one.runs[suite]])

    def clusters(self, suite: str) -> np.ndarray:
        """The cluster of each item, numbered."""
        names = [drawn.cluster(suite, item) for item in self.items[suite]]
        return np.unique(names, return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class Twins:
    """Trials of one delivery against another from the same source: the expected gain is 0, and so is the bound."""

    apart: tuple[int, int]
    """Trials that share no delivery, and how many of them found the first better."""
    rate: float
    """Of trials in which the first is found better, over all ordered pairs of the first `PAIRED` deliveries."""
    error: float
    """Its standard error over deliveries (jackknife)."""


Test = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[bool, bool]]
"""Scores of two arms, (seeds, items), and clusters, to whether the first, or the second, is found better."""


def ours(first: np.ndarray, second: np.ndarray, clusters: np.ndarray) -> tuple[bool, bool]:
    """As a clause `gain(suite, over: other) >= 0pp at 95% confidence` is decided."""
    sample = Sample(first.tolist(), second.tolist(), clusters.tolist())
    _, _, lower, upper, _ = interval(variance(sample), sample, 0.0, ALPHA)
    return lower > 0, upper < 0


def one_run(first: np.ndarray, second: np.ndarray, clusters: np.ndarray) -> tuple[bool, bool]:
    """One fine-tune of each, items taken for independent: the paired z test of common scripts."""
    gains = np.array(differences(Sample(first[:1].tolist(), second[:1].tolist(), clusters.tolist())))
    se = float(np.std(gains, ddof=1)) / math.sqrt(len(gains))
    far = abs(float(gains.mean())) > NormalDist().inv_cdf(1 - ALPHA) * se
    return far and gains.mean() > 0, far and gains.mean() < 0


@cache
def twins(pool: Pool, kind: str, suite: str, test: Test = ours) -> Twins:
    """Pairs of trained deliveries of a kind: those that share none, first and second, third and fourth, and all."""
    arms = [pool.scores(one.drawn, suite) for one in pool.of(kind) if one.trial is not None]
    clusters, count = pool.clusters(suite), min(len(arms), PAIRED)
    apart = [test(a, b, clusters)[0] for a, b in zip(arms[::2], arms[1::2], strict=False)]
    found = np.zeros((count, count))
    for a, b in combinations(range(count), 2):
        found[a, b], found[b, a] = test(arms[a], arms[b], clusters)
    return Twins((len(apart), sum(apart)), *jackknifed(found))


def jackknifed(found: np.ndarray) -> tuple[float, float]:
    """The mean over ordered pairs, and its standard error over what is paired: Efron and Stein (1981)."""
    count = len(found)
    if count < 3:
        return math.nan, math.nan
    total = found.sum()
    rate = total / (count * (count - 1))
    without = (total - found.sum(axis=0) - found.sum(axis=1)) / ((count - 1) * (count - 2))
    return float(rate), float(math.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2)))


def gains(decided: Iterable[Decided], clause: str) -> Iterator[float]:
    """The measured gain of each trained delivery."""
    for one in decided:
        yield from (float(entry.statistics[0].delta) for entry in one.trial or () if entry.clause == clause)


def mean_gain(decided: Iterable[Decided], clause: str) -> float:
    found = list(gains(decided, clause))
    return fmean(found) if found else math.nan
