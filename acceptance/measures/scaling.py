"""Scores of arms trained on parts of the delivery to a table of gains: what more of the same data is worth."""

from __future__ import annotations

from typing import Any

from acceptance.measures.gain import gain_in_points
from acceptance.measures.protocol import Aggregated, FromTable, Use
from acceptance.statistics.cells import BASE
from spec_lang.trialarms import shares
from spec_lang.types import plain


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """`value` is the gain of the largest share in pp, `note` the whole table.

    Bounds are `trial_ledger.trial_entry`'s.
    """
    asked = shares(use.call)
    gains = [gain_in_points(evidence, use.word("suite"), share.name, BASE) for share in asked]
    rows = (f"{plain(share.percent)} %: {gain:.2f} pp" for share, gain in zip(asked, gains, strict=True))
    return Aggregated(value=gains[-1], note="; ".join(rows))


MEASURE = FromTable("scores", _reduce)
