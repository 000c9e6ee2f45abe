"""Contract and scores in, the trial's entries of the ledger out: `certify` writes them, `verify` writes them again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from acceptance.engine.entries import bound as words_of
from acceptance.engine.entries import entry
from acceptance.ledger import Entry, Statistics
from acceptance.statistics.cells import BASE, VENDOR, Score, ScoresError, cells, check
from acceptance.statistics.gains import error, gain
from acceptance.statistics.verdicts import comparison, decide, high, low, points
from acceptance.values.parts import walk
from spec_lang.contract import Call, Clause, Contract, Recipe

CONFIDENCE = "0.95"
"""Of the bounds that a `report` clause states; a `require` clause states its own."""


def decided_here(clause: Clause) -> bool:
    """Whether the clause speaks of one gain, so that scores alone decide it."""
    return len(_calls(clause, "gain")) == 1 and not _calls(clause, "scaling")


def trial_statistics(contract: Contract, clause: Clause, scores: Sequence[Score]) -> Statistics:
    """The figures of a gain clause. Raises ScoresError unless every cell that the contract asks for is there once.

    Each of `attempts: n` is tested at (1 - confidence) / n.
    """
    call = _gain_call(clause)
    heldout, over = contract.heldout(call.word("suite")), call.word("over")
    found = cells(scores, heldout.name)
    seeds = recipe_of(contract, clause).seeds
    check(found, heldout, {VENDOR: seeds, over: 1 if over == BASE else seeds})
    confidence = clause.statistic.confidence if clause.statistic else CONFIDENCE
    asked = comparison(clause)[1] if clause.role != "report" else Decimal(0)
    return gain(found.sample(VENDOR, over), float(asked), error(confidence, contract.attempts)).sheet()


def trial_entry(contract: Contract, clause: Clause, scores: Sequence[Score]) -> Entry:
    """The entry of a gain clause: figures, verdict, reason. Raises ScoresError."""
    stats = trial_statistics(contract, clause, scores)
    verdict, reason = decide(clause, stats)
    observed = f"{points(Decimal(stats.delta))} ({low(stats)} to {high(stats)})"
    return entry(clause, verdict=verdict, reason=reason, observed=observed, bound=words_of(clause), statistics=stats)


def trial_entries(contract: Contract, scores: Sequence[Score]) -> dict[str, Entry]:
    """The entries of all gain clauses, by clause name. Raises ScoresError."""
    clauses = (clause for clause in contract.clauses if decided_here(clause))
    return {clause.name: trial_entry(contract, clause, scores) for clause in clauses}


def arms_of(contract: Contract) -> dict[str, int]:
    """The arms a contract's trial runs, with their number of seeds; 1 for the base model, which has none."""
    arms = {BASE: 1}
    for clause in contract.clauses:
        for call in _calls(clause, "gain"):
            seeds = recipe_of(contract, clause).seeds
            arms[VENDOR] = seeds
            if call.word("over") != BASE:
                arms[call.word("over")] = seeds
    return arms


def recipe_of(contract: Contract, clause: Clause) -> Recipe:
    """The recipe a clause is tried under: the one it names, else the contract's only one. Raises ScoresError."""
    if clause.recipe is not None:
        return contract.recipe(clause.recipe)
    if len(contract.recipes) != 1:
        raise ScoresError(f"clause `{clause.name}` does not say which recipe trains; write `terms ... using <recipe>`")
    return contract.recipes[0]


def _gain_call(clause: Clause) -> Call:
    calls = _calls(clause, "gain")
    if len(calls) != 1:
        raise ScoresError(f"clause `{clause.name}` must speak of one gain; write one clause for each")
    return calls[0]


def _calls(clause: Clause, measure: str) -> list[Call]:
    return [node for node in walk(clause.expr) if isinstance(node, Call) and node.measure == measure]
