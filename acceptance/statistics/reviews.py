"""Reviewed counts and the agreed sampling plan in, a verdict out."""

from __future__ import annotations

from acceptance.ledger import Verdict
from spec_lang.planning.sampling import SamplingPlan


def decide_sample(agreed: SamplingPlan, reviewed: int, defective: int) -> tuple[Verdict, str]:
    """The verdict of a review. Breached as soon as the defects exceed the plan's number, met only at its full size."""
    counts = f"{defective} of {reviewed} reviewed records are defective"
    terms = f"the plan accepts {agreed.accept} of {agreed.size}"
    if reviewed > agreed.size:
        return "undecided", f"{counts}, but {terms}: a sample is fixed before the review; draw {agreed.size} anew"
    if defective > agreed.accept:
        return "breached", f"{counts}; {terms}"
    if reviewed < agreed.size:
        return "undecided", f"{counts}; {terms}: review {agreed.size - reviewed} more"
    return "met", f"{counts}; {terms}"
