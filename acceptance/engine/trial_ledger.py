"""Contract and scores in, the trial's entries of the ledger out: `certify` writes them, `verify` writes them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from acceptance.engine.observations import binding, entry, forecast
from acceptance.engine.observations import bound as words_of
from acceptance.engine.wording import describe
from acceptance.ledger import Entry, Statistics
from acceptance.statistics.cells import BASE, VENDOR, Score, Scored, ScoresError, cells, check, of_suite
from acceptance.statistics.gains import gain
from acceptance.statistics.verdicts import decide, high, low, points
from acceptance.values.parts import walk
from spec_lang.comparisons import comparison, comparisons
from spec_lang.contract import Call, Clause, Contract, Expr, Recipe
from spec_lang.planning.power import error
from spec_lang.trialarms import AsMany, shares, slices, trained
from spec_lang.types import plain

CONFIDENCE = "0.95"
"""Of the bounds that a `report` clause states; a `require` clause states its own."""
PARTS = ("scaling", "ablation")


class Ran(Protocol):
    """One fine-tune (`acceptance.scores.Run`): a ledger needs how many records it was trained on, and how it ended."""

    @property
    def arm(self) -> str: ...
    @property
    def records(self) -> int: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms on one held-out set: the gain of the first over the second, and the figure that is asked of it."""

    of: str
    suite: str
    arm: str
    over: str
    asked: Decimal = Decimal(0)


def decided_here(clause: Clause) -> bool:
    """Whether the clause speaks of gains, each of its own, or of parts of the delivery: scores alone decide it."""
    return about_parts(clause) or len(_calls(clause.expr, "gain")) == len(comparisons(clause))


def about_parts(clause: Clause) -> bool:
    """Whether the clause reports what parts of the delivery are worth."""
    return isinstance(clause.expr, Call) and clause.expr.measure in PARTS


def trial_statistics(
    contract: Contract, clause: Clause, scored: Scored, runs: Sequence[Ran] = ()
) -> tuple[Statistics, ...]:
    """The figures of each gain of a clause. Raises ScoresError unless every cell that is asked for is there once.

    Each of `attempts: n` is tested at (1 - confidence) / n, and each of k gains under `any of` at a k-th of that; so
    are the k shares of a `scaling` and the k slices of an `ablation`, so that all bounds of one kind hold together.
    """
    asked = list(compared(clause))
    confidence = clause.statistic.confidence if clause.statistic else CONFIDENCE
    kinds = 2 if _calls(clause.expr, "ablation") else 1
    alpha = error(confidence, contract.attempts) * kinds / len(asked)
    return tuple(_statistics(contract, clause, one, alpha, scored, runs) for one in asked)


def compared(clause: Clause) -> Iterator[Compared]:
    """What a clause compares, in the order of its figures. Raises ScoresError for one that speaks of two gains at once.

    A slice is held against as many records drawn at random, then against having nothing in its place: the second arm
    of both is trained without it.
    """
    call = clause.expr
    if isinstance(call, Call) and call.measure == "scaling":
        for share in shares(call):
            yield Compared(f"{plain(share.percent)}% of the records", call.word("suite"), share.name, BASE)
    elif isinstance(call, Call) and call.measure == "ablation":
        for without in slices(call):
            rest, suite = AsMany(without).name, call.word("suite")
            yield Compared(f"{without.word} over as many at random", suite, rest, without.name)
            yield Compared(f"{without.word} over nothing", suite, VENDOR, without.name)
    else:
        yield from (_gain(clause, part) for part in comparisons(clause))


def _gain(clause: Clause, part: Expr) -> Compared:
    calls = _calls(part, "gain")
    if len(calls) != 1:
        raise ScoresError(f"clause `{clause.name}` must speak of one gain; write one clause for each")
    asked = comparison(part)[1] if clause.role != "report" else Decimal(0)
    return Compared(describe(calls[0]), calls[0].word("suite"), VENDOR, calls[0].word("over"), asked)


def _statistics(
    contract: Contract, clause: Clause, one: Compared, alpha: Decimal, scored: Scored, runs: Sequence[Ran]
) -> Statistics:
    found, seeds = of_suite(scored, one.suite), recipe_of(contract, clause).seeds
    check(found, contract.heldout(one.suite), {one.arm: seeds, one.over: 1 if one.over == BASE else seeds})
    sheet = gain(found.sample(one.arm, one.over), float(one.asked), alpha).sheet(one.of)
    return sheet.model_copy(update={"records": _records(clause, one, runs)})


def trial_entry(
    contract: Contract, clause: Clause, scored: Scored, runs: Sequence[Ran] = (), lots: int | None = None
) -> Entry:
    """The entry of a gain clause after so many lots (all by default): figures, verdict, reason. Raises ScoresError."""
    lots = contract.lots if lots is None else lots
    stats = trial_statistics(contract, clause, scored, runs)
    verdict, reason = decide(clause, stats)
    if verdict == "met" and (failed := failures(clause, runs)):
        verdict, reason = "undecided", failed
    told = stats[::2] if _calls(clause.expr, "ablation") else stats  # of a slice the figure that size does not explain
    named = [f"{one.of} {shown(one)}" for one in told]
    observed = "; ".join(named) if about_parts(clause) or len(stats) > 1 else shown(stats[0])
    return entry(
        clause, verdict=verdict, reason=reason or forecast(contract, clause, lots), observed=observed,
        bound=words_of(clause), statistics=stats, binding=binding(contract, clause, lots),
    )  # fmt: skip


def failures(clause: Clause, runs: Sequence[Ran]) -> str:
    """Runs that diverged where that helps the clause; a score of 0 is the worst for the delivery, and so for it alone.

    A delivery is not shown to be better by a reference that failed, nor to do less harm by a failure of its own.
    """
    asked = zip(compared(clause), comparisons(clause), strict=True)
    helping = {one.over if comparison(part)[0] in (">", ">=") else one.arm for one, part in asked}
    lost = [run.arm for run in runs if run.status == "diverged" and run.arm in helping]
    told = ", ".join(f"{lost.count(arm)} of `{arm}`" for arm in dict.fromkeys(lost))
    return f"runs diverged and score 0, and no clause is met by that: {told}" if told else ""


def shown(one: Statistics) -> str:
    """`12.00 pp (3.20 pp to 20.80 pp)`."""
    return f"{points(Decimal(one.delta))} ({low(one)} to {high(one)})"


def trial_entries(contract: Contract, scores: Iterable[Score], runs: Sequence[Ran] = ()) -> dict[str, Entry]:
    """The entries of all gain clauses, by clause name. Raises ScoresError."""
    clauses = (clause for clause in contract.clauses if decided_here(clause))
    scored = cells(scores)
    return {clause.name: trial_entry(contract, clause, scored, runs) for clause in clauses}


def arms_of(contract: Contract) -> dict[str, int]:
    """The arms a contract's trial runs, with their number of seeds; 1 for the base model, which has none."""
    return {BASE: 1} | {arm: recipe.seeds for arm, recipe in recipes_of(contract).items()}


def recipes_of(contract: Contract) -> dict[str, Recipe]:
    """The recipe of every trained arm. Raises ScoresError."""
    return {arm: recipe_of(contract, clause) for clause, arm in trained(contract)}


def _records(clause: Clause, one: Compared, runs: Sequence[Ran]) -> int:
    """Of a share what it holds, of a slice what was left out; 0 for a gain, and where no runs are told."""
    held = {run.arm: run.records for run in runs} if about_parts(clause) else {}
    return held.get(one.arm, 0) if one.over == BASE else held.get(VENDOR, 0) - held.get(one.over, 0)


def recipe_of(contract: Contract, clause: Clause) -> Recipe:
    """The recipe a clause is tried under: the one it names, else the contract's only one. Raises ScoresError."""
    if clause.recipe is not None:
        return contract.recipe(clause.recipe)
    if len(contract.recipes) != 1:
        raise ScoresError(f"clause `{clause.name}` does not say which recipe trains; write `terms ... using <recipe>`")
    return contract.recipes[0]


def _calls(expr: Expr, measure: str) -> list[Call]:
    return [node for node in walk(expr) if isinstance(node, Call) and node.measure == measure]
