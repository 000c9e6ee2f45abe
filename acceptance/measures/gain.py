"""Scores of two arms to the gain on a held-out set, in percentage points."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import Aggregated, FromTable, Unavailable, Use
from acceptance.statistics.cells import VENDOR, ScoresError, cells, of_suite
from acceptance.statistics.gains import digits
from acceptance.statistics.variance import variance


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """The mean over items of vendor less other, times 100. Its verdict needs more: `trial_ledger.trial_entry`."""
    return Aggregated(value=gain_in_points(evidence, use.word("suite"), VENDOR, use.word("over")))


def gain_in_points(evidence: Any, suite: str, arm: str, over: str) -> float:
    """Raises Unavailable where an arm was not run or a cell is missing."""
    try:
        return float(digits(100 * variance(of_suite(cells(evidence), suite).sample(arm, over)).delta))
    except ScoresError as error:
        raise Unavailable(str(error)) from error


MEASURE = FromTable("scores", _reduce)
