"""Scores of arms trained without one slice of the delivery to what each slice was worth: the gain that goes with it."""

from __future__ import annotations

from typing import Any

from acceptance.measures.gain import gain_in_points
from acceptance.measures.protocol import Aggregated, FromTable, Use
from spec_lang.trialarms import AsMany, slices


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """`value` is the worth of the most valuable slice in pp, `note` the whole table.

    A slice is held against as many records drawn at random. Bounds are `trial_ledger.trial_entry`'s.
    """
    asked, suite = slices(use.call), use.word("suite")
    worth = [gain_in_points(evidence, suite, AsMany(without).name, without.name) for without in asked]
    rows = (f"{without.word}: {points:.2f} pp" for without, points in zip(asked, worth, strict=True))
    return Aggregated(value=max(worth), note="; ".join(rows))


MEASURE = FromTable("scores", _reduce)
