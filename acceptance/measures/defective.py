"""Reviews of sampled rows to the share found defective, in percent."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import Aggregated, FromTable, Use


def _reduce(evidence: Any, use: Use) -> Aggregated:
    """`evidence` holds each rubric's sheet. Its verdict needs more: `review_ledger.review_entry`."""
    found = evidence[use.word("rubric")]
    judged, defective = found.counts()
    return Aggregated(value=found.share, note=f"{defective} of {judged} reviewed rows")


MEASURE = FromTable("reviews", _reduce)
