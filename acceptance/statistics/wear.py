"""How often a held-out set was asked, to what that has cost: a set that was asked often enough certifies by luck.

Each exposure is a test on the same items at the error that the contract states. By the union bound the chance that at
least one of `n` worthless deliveries was met on the set is at most n times that error. Where it reaches one half the
set is called worn: a house figure, with no source but that a coin would then do as well.
"""

from __future__ import annotations

from decimal import Decimal

from spec_lang.basis import calls
from spec_lang.contract import Contract
from spec_lang.planning.power import error

WORN = Decimal("0.5")


def error_on(contract: Contract, heldout: str) -> Decimal:
    """The largest error at which an attempt tests a required gain on the set; 0 where none is asked for."""
    return max(
        (
            error(clause.statistic.confidence, contract.attempts)
            for clause in contract.clauses
            if clause.role == "require" and clause.statistic is not None
            for call in calls(clause.expr)
            if call.measure == "gain" and call.word("suite") == heldout
        ),
        default=Decimal(0),
    )


def wear(contract: Contract, heldout: str, exposures: int) -> Decimal:
    """At most this chance that one of so many worthless deliveries was met on the set; at most 1."""
    return min(Decimal(1), exposures * error_on(contract, heldout))


def worn(contract: Contract, heldout: str, exposures: int) -> str:
    """What to say of a worn set; empty for one that is not."""
    cost = wear(contract, heldout, exposures)
    if cost < WORN:
        return ""
    return (
        f"held-out set `{heldout}` is worn: asked {exposures} times at an error of {error_on(contract, heldout):%}, so "
        f"luck alone could have met one delivery in its life with a chance of up to {cost:.0%}; seal fresh items"
    )


def published(contract: Contract) -> list[str]:
    """What each public set cannot show, and nobody counts."""
    return [
        f"held-out set `{one.name}` is the public task `{one.lm_eval.task}`, not sealed: delivery and base may have "
        "been made with its items, and how often it was asked is not counted"
        for one in contract.heldouts
        if one.lm_eval is not None
    ]
