"""Contract and scores in, the trial's entries of the ledger out: `certify` writes them, `verify` writes them again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from acceptance.engine.observations import bound as words_of
from acceptance.engine.observations import entry
from acceptance.engine.wording import describe
from acceptance.ledger import Entry, Statistics
from acceptance.statistics.cells import BASE, VENDOR, Score, ScoresError, cells, check
from acceptance.statistics.gains import gain
from acceptance.statistics.verdicts import decide, high, low, points
from acceptance.values.parts import walk
from spec_lang.comparisons import comparison, comparisons
from spec_lang.contract import Call, Clause, Contract, Expr, Recipe
from spec_lang.planning.power import error

CONFIDENCE = "0.95"
"""Of the bounds that a `report` clause states; a `require` clause states its own."""


def decided_here(clause: Clause) -> bool:
    """Whether the clause speaks of gains, each of its own, so that scores alone decide it."""
    parts = (_calls(clause.expr, name) for name in ("scaling", "ablation"))
    return len(_calls(clause.expr, "gain")) == len(comparisons(clause)) and not any(parts)


def trial_statistics(contract: Contract, clause: Clause, scores: Sequence[Score]) -> tuple[Statistics, ...]:
    """The figures of each gain of a clause. Raises ScoresError unless every cell that is asked for is there once.

    Each of `attempts: n` is tested at (1 - confidence) / n, and each of k gains under `any of` at a k-th of that.
    """
    parts = comparisons(clause)
    confidence = clause.statistic.confidence if clause.statistic else CONFIDENCE
    alpha = error(confidence, contract.attempts) / len(parts)
    return tuple(_statistics(contract, clause, part, alpha, scores) for part in parts)


def _statistics(contract: Contract, clause: Clause, part: Expr, alpha: Decimal, scores: Sequence[Score]) -> Statistics:
    call = _gain_call(clause, part)
    heldout, over = contract.heldout(call.word("suite")), call.word("over")
    found = cells(scores, heldout.name)
    seeds = recipe_of(contract, clause).seeds
    check(found, heldout, {VENDOR: seeds, over: 1 if over == BASE else seeds})
    asked = comparison(part)[1] if clause.role != "report" else Decimal(0)
    return gain(found.sample(VENDOR, over), float(asked), alpha).sheet(describe(call))


def trial_entry(contract: Contract, clause: Clause, scores: Sequence[Score]) -> Entry:
    """The entry of a gain clause: figures, verdict, reason. Raises ScoresError."""
    stats = trial_statistics(contract, clause, scores)
    verdict, reason = decide(clause, stats)
    shown = [f"{points(Decimal(one.delta))} ({low(one)} to {high(one)})" for one in stats]
    named = shown if len(stats) == 1 else [f"{one.of} {text}" for one, text in zip(stats, shown, strict=True)]
    observed = "; ".join(named)
    return entry(clause, verdict=verdict, reason=reason, observed=observed, bound=words_of(clause), statistics=stats)


def trial_entries(contract: Contract, scores: Sequence[Score]) -> dict[str, Entry]:
    """The entries of all gain clauses, by clause name. Raises ScoresError."""
    clauses = (clause for clause in contract.clauses if decided_here(clause))
    return {clause.name: trial_entry(contract, clause, scores) for clause in clauses}


def arms_of(contract: Contract) -> dict[str, int]:
    """The arms a contract's trial runs, with their number of seeds; 1 for the base model, which has none."""
    arms = {BASE: 1}
    for clause in contract.clauses:
        for call in _calls(clause.expr, "gain"):
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


def _gain_call(clause: Clause, part: Expr) -> Call:
    calls = _calls(part, "gain")
    if len(calls) != 1:
        raise ScoresError(f"clause `{clause.name}` must speak of one gain; write one clause for each")
    return calls[0]


def _calls(expr: Expr, measure: str) -> list[Call]:
    return [node for node in walk(expr) if isinstance(node, Call) and node.measure == measure]
