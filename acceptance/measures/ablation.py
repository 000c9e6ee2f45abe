"""Scores of arms trained without one slice of the delivery to what each slice was worth: the gain that goes with it."""

from __future__ import annotations

from typing import Any

from acceptance.measures.gain import gain_in_points
from acceptance.measures.protocol import Aggregated, FromTable, Unavailable, Use
from acceptance.statistics.cells import VENDOR
from spec_lang.types import Enum, bare


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """`value` is the worth of the most valuable slice in pp, `note` the whole table."""
    by = use.call.arg("by")
    words = bare(by.type)
    if not isinstance(words, Enum):
        raise Unavailable("`ablation` goes by the words of an enum")
    worth = [gain_in_points(evidence, use.word("suite"), VENDOR, arm_without(word)) for word in words.members]
    note = "; ".join(f"{word}: {points:.2f} pp" for word, points in zip(words.members, worth, strict=True))
    return Aggregated(value=max(worth), note=note)


def arm_without(word: str) -> str:
    """How the arm that was trained without a slice is called in the scores: `vendor-refund`."""
    return f"{VENDOR}-{word}"


MEASURE = FromTable("scores", _reduce)
