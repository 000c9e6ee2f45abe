"""A contract and what a pilot measured in, what each clause of the trial and of the review needs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from spec_lang.basis import calls
from spec_lang.comparisons import comparison, comparisons
from spec_lang.contract import Clause, Contract, Expr, HeldOut, Recipe, Statistic
from spec_lang.lock import Spread
from spec_lang.planning.power import (
    GUARD_POWER,
    POWER,
    Plan,
    detectable,
    error,
    items_for,
    overlooked,
    power,
    seeds_for,
)
from spec_lang.planning.sampling import SamplingPlan, plan, plan_of
from spec_lang.trialarms import BASE, trained

Search = Callable[[Plan, float, float, float, float], int | None]


@dataclass(frozen=True, slots=True)
class Gain:
    """One clause about a gain before its trial. Fractions; a clause that asks for at most so much is mirrored."""

    clause: Clause
    operator: str
    suite: HeldOut
    over: str
    recipe: Recipe
    plan: Plan
    bound: float
    effect: float | None
    """What both parties expect; None where a gain is asked for that nobody expects in words."""
    alpha: float
    """One-sided error of each attempt."""
    among: int
    """Gains of which one is enough (`any of`); each is planned at its part of the error, as Holm's first step."""
    attempts: int
    measured: bool
    """Whether a pilot gave the spread; defaults else."""

    @property
    def guard(self) -> bool:
        """Whether it says how much may be lost."""
        return self.bound < 0

    @property
    def target(self) -> float:
        """The power that `check` asks for."""
        return GUARD_POWER if self.guard else POWER

    @property
    def power(self) -> float:
        """Chance that the clause is met if the gain is as expected; 0 where nothing is expected."""
        return power(self.plan, self.effect, self.bound, self.alpha) if self.effect is not None else 0.0

    @property
    def least(self) -> float:
        """The smallest gain that this trial tells from the bound with the power asked for."""
        return self.bound + detectable(self.plan, self.alpha, self.target)

    @property
    def lower(self) -> float:
        """The highest bound that this trial can show with the power asked for, at the gain that is expected."""
        shown = (self.effect or 0.0) - detectable(self.plan, self.alpha, self.target)
        return min(shown, -overlooked(self.plan, self.alpha)) if self.may_stand_still else shown

    @property
    def may_stand_still(self) -> bool:
        """Whether so few items change that a trial may well see none change."""
        return self.plan.still > 1 - self.target

    def items(self) -> int | None:
        """Items that would do, in clusters of the same size; None if no number does."""
        return self._enough(items_for)

    def seeds(self) -> int | None:
        """Seeds that would do; None if no number does."""
        return self._enough(seeds_for)

    def _enough(self, search: Search) -> int | None:
        if self.effect is None or self.effect <= self.bound:
            return None
        return search(self.plan, self.effect, self.bound, self.alpha, self.target)


@dataclass(frozen=True, slots=True)
class Runs:
    """All that is trained and answered, shared between clauses and counted once."""

    arms: dict[str, int]
    """Trained arms with their seeds."""
    recipe: Recipe | None
    answers: int
    """Items that all models answer together, the base among them."""

    @property
    def count(self) -> int:
        return sum(self.arms.values())

    @property
    def steps(self) -> int:
        return self.count * self.recipe.steps if self.recipe is not None else 0


def gains(contract: Contract, pilot: Sequence[Spread]) -> Iterator[Gain]:
    """Every gain that a required clause compares, with the recipe it is tried under where that is known."""
    for clause in contract.clauses:
        recipe = recipe_of(contract, clause)
        if clause.role == "require" and clause.statistic is not None and recipe is not None:
            for part, expected in zip(comparisons(clause), _expected(clause.statistic), strict=True):
                yield from _gain(contract, clause, recipe, part, expected, pilot)


def _expected(statistic: Statistic) -> tuple[str | None, ...]:
    return statistic.effects or (statistic.expecting,)


def _gain(
    contract: Contract, clause: Clause, recipe: Recipe, part: Expr, expected: str | None, pilot: Sequence[Spread]
) -> Iterator[Gain]:
    call = next((one for one in calls(part) if one.measure == "gain"), None)
    if call is None or clause.statistic is None:
        return
    suite, over = contract.heldout(call.word("suite")), call.word("over")
    name, bound = comparison(part)
    sign = 1 if name in (">", ">=") else -1
    least = float(bound) * sign
    effect = float(Decimal(expected)) * sign if expected is not None else (0.0 if least < 0 else None)
    measured = next((one for one in pilot if one.heldout == suite.name), None)
    planned = planned_with(measured, suite, recipe, 1 if over == BASE else 2, sign)
    among = len(comparisons(clause))
    alpha = float(error(clause.statistic.confidence, contract.attempts)) / among
    attempts = contract.attempts
    yield Gain(clause, name, suite, over, recipe, planned, least, effect, alpha, among, attempts, measured is not None)


def planned_with(measured: Spread | None, suite: HeldOut, recipe: Recipe, seeded_arms: int, sign: int = 1) -> Plan:
    """The plan of a trial on one held-out set. Against the base only the delivery's arm has seeds.

    `sign` is -1 where the gain is mirrored.
    """
    planned = Plan(suite.size, suite.clusters or suite.size, recipe.seeds, seeded_arms)
    if measured is None:
        return planned
    return replace(
        planned,
        item_variance=float(measured.item_variance),
        icc=float(measured.icc),
        seed_sd=float(measured.seed_sd),
        residual_variance=float(measured.residual_variance),
        skewness=sign * float(measured.skewness),
        drift=sign * float(measured.drift),
        changing=measured.changed / measured.items,
    )


def recipe_of(contract: Contract, clause: Clause) -> Recipe | None:
    """The recipe a clause is tried under: the one it names, else the contract's only one."""
    if clause.recipe is not None:
        return contract.recipe(clause.recipe)
    return contract.recipes[0] if len(contract.recipes) == 1 else None


def sampling_plan(clause: Clause, attempts: int = 1, rows: int | None = None) -> SamplingPlan:
    """The plan of `defective(...) <= L at c confidence accepting a at p`: for so many rows, else for any number.

    Raises PlanError; ValueError without a, p.
    """
    stated = clause.statistic
    if stated is None or stated.accepting is None or stated.accepting_at is None:
        raise ValueError(f"clause `{clause.name}` does not say what to accept; write `accepting 0.5% at 90%`")
    _, limit = comparison(clause.expr)
    risks = (limit, error(stated.confidence, attempts), Decimal(stated.accepting), Decimal(stated.accepting_at))
    return plan(*map(float, risks)) if rows is None else plan_of(rows, *map(Fraction, risks))


def reviews(contract: Contract) -> Iterator[Clause]:
    """Required clauses that a review of a sample decides."""
    for clause in contract.clauses:
        if clause.role == "require" and any(call.measure == "defective" for call in calls(clause.expr)):
            yield clause


def runs(contract: Contract) -> Runs:
    """What `certify` will train and ask: every arm with every seed, every held-out set by every model."""
    arms: dict[str, int] = {}
    used: Recipe | None = None
    for clause, arm in trained(contract):
        recipe = recipe_of(contract, clause)
        if recipe is not None:
            used = recipe
            arms[arm] = recipe.seeds
    items = sum(heldout.size for heldout in contract.heldouts)
    return Runs(arms, used, items * (sum(arms.values()) + 1) if arms else 0)
