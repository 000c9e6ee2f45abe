"""Required clauses that no command of this version decides, so that none of them can ever be met."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.contract import Call, Clause, Contract
from spec_lang.deals import Deal
from spec_lang.diagnostics import Diagnostic, Label, listing
from spec_lang.signatures import evidence_of

PUBLIC = "the items of a public task are no records, which a delivery could be held against"
REVIEWED = "samples for review are drawn from all lots together"
REPAIRS = {
    PUBLIC: "hash the published set with `sftspec prints` and write `taken_from(...)`",
    REVIEWED: "ask it of all lots: without `each lot` and `otherwise reject lot`",
}


def obstacle(clause: Clause, call: Call, contract: Contract) -> str:
    """Why this version cannot decide a measure in a clause; empty if it can."""
    if evidence_of(call.measure) == "reviews":
        return REVIEWED if clause.each_lot and contract.lots > 1 else ""
    if call.measure == "overlaps":
        return PUBLIC if contract.heldout(call.word("set")).lm_eval is not None else ""
    return ""


def clauses_can_be_decided(deal: Deal) -> Iterator[Diagnostic]:
    """What this version cannot decide is said beforehand: one warning for each obstacle, with its clauses."""
    met: dict[str, dict[str, None]] = {}
    for clause, call in deal.required("overlaps", "defective"):
        if why := obstacle(clause, call, deal.contract):
            met.setdefault(why, {})[clause.name] = None
    for why, names in met.items():
        spans = [item.span for item in deal.clauses if item.clause.name in names]
        message = f"this version cannot decide {listing(name.rpartition('.')[2] for name in names)}: {why}"
        labels = tuple(Label(span, "and here") for span in spans[1:])
        primary = Label(spans[0], "stays undecided, so no delivery is accepted")
        yield Diagnostic("SFT4120", message, primary, labels, (), REPAIRS[why], "warning")
