"""What a contract's trial and reviews need, to text for people and to JSON: `check --plan`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acceptance.statistics.wear import wear, worn
from spec_lang.contract import Contract
from spec_lang.decidable import assumptions, percent, points, remedies, signed, sizes
from spec_lang.lock import Spread
from spec_lang.planning.sampling import PlanError
from spec_lang.trialarms import parts
from spec_lang.trialplans import Gain, Runs, gains, reviews, runs, sampling_plan

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Rates:
    """What the buyer measured or pays; None where nobody said, and then nothing is estimated from it."""

    seconds_per_step: Decimal | None
    seconds_per_item: Decimal | None
    price_per_hour: Decimal | None
    minutes_per_review: Decimal | None

    def hours(self, made: Runs) -> Decimal | None:
        """Machine hours of all steps and answers, one after the other."""
        if self.seconds_per_step is None or self.seconds_per_item is None:
            return None
        return (made.steps * self.seconds_per_step + made.answers * self.seconds_per_item) / HOUR


def as_json(contract: Contract, pilot: Sequence[Spread], rates: Rates, exposures: Mapping[str, int]) -> dict[str, Any]:
    """The plan as data; figures as text, fractions (`0.03` is 3 pp). `exposures`: how often each set was asked."""
    made, hours = runs(contract), rates.hours(runs(contract))
    return {
        "gains": [_gain(gain) for gain in gains(contract, pilot)],
        "reviews": [_review(contract, clause) for clause in reviews(contract)],
        "exposures": {name: _wear(contract, name, count) for name, count in exposures.items()},
        "arms": made.arms,
        "runs": made.count,
        "steps": made.steps,
        "answers": made.answers,
        "hours": None if hours is None else _round(hours),
        "cost": None if hours is None or rates.price_per_hour is None else _round(hours * rates.price_per_hour),
    }


def _gain(gain: Gain) -> dict[str, Any]:
    return {
        "clause": gain.clause.name,
        "suite": gain.suite.name,
        "over": gain.over,
        "items": gain.plan.items,
        "clusters": gain.plan.clusters,
        "seeds": gain.plan.seeds,
        "expecting": None if gain.effect is None else f"{signed(gain, gain.effect):.6g}",
        "bound": f"{signed(gain, gain.bound):.6g}",
        "power": f"{gain.power:.4f}",
        "power_needed": f"{gain.target:.2f}",
        "decided_from": f"{signed(gain, gain.least):.6g}",
        "spread": {
            "from": "pilot" if gain.measured else "defaults",
            "item_variance": f"{gain.plan.item_variance:.6g}",
            "icc": f"{gain.plan.icc:.6g}",
            "seed_sd": f"{gain.plan.seed_sd:.6g}",
        },
    }


def _review(contract: Contract, clause: Any) -> dict[str, Any]:
    try:
        plan = sampling_plan(clause, contract.attempts)
    except (PlanError, ValueError) as error:
        return {"clause": clause.name, "sample": None, "accept": None, "reason": str(error)}
    return {"clause": clause.name, "sample": plan.size, "accept": plan.accept, "each_lot": clause.each_lot}


def _wear(contract: Contract, name: str, count: int) -> dict[str, Any]:
    after = wear(contract, name, count + contract.attempts)
    return {"asked": count, "luck": f"{after:.4f}", "worn": bool(worn(contract, name, count))}


def text(contract: Contract, pilot: Sequence[Spread], rates: Rates, exposures: Mapping[str, int]) -> Iterator[str]:
    """The plan, line by line."""
    made = runs(contract)
    yield "the plan"
    if made.recipe is None and next(reviews(contract), None) is None:
        yield "  nothing to plan: no clause asks for a trial or a review"
    for gain in gains(contract, pilot):
        yield from _lines(gain)
    for clause in reviews(contract):
        yield from _reviewed(_review(contract, clause), contract, rates)
    for name, count in exposures.items():
        yield from _asked(contract, name, count)
    if made.recipe is not None:
        yield from _work(contract, made, rates)


def _lines(gain: Gain) -> Iterator[str]:
    expected = "nothing is expected" if gain.effect is None else f"expecting {points(signed(gain, gain.effect))}"
    over = "" if gain.over == "base" else f", over: {gain.over}"
    bound = points(signed(gain, gain.bound))
    yield f"  {gain.clause.name}: gain({gain.suite.name}{over}) {gain.operator} {bound}, {expected}"
    yield f"    {sizes(gain)}, {gain.plan.seeds} seeds: power {percent(gain.power)} of {percent(gain.target)} needed"
    yield f"    the least gain decided with the power needed: {points(signed(gain, gain.least))}"
    yield f"    {assumptions(gain)}"
    if gain.power < gain.target:
        yield f"    enough would be: {'; '.join(remedies(gain)) or 'another bound'}"


def _reviewed(found: dict[str, Any], contract: Contract, rates: Rates) -> Iterator[str]:
    if found["sample"] is None:
        yield f"  {found['clause']}: {found['reason']}"
        return
    lots = contract.lots if found["each_lot"] else 1
    each = " of each lot" if lots > 1 else ""
    yield f"  {found['clause']}: review {found['sample']:,} records{each}, accept at most {found['accept']} defective"
    if rates.minutes_per_review is not None:
        hours = _round(found["sample"] * lots * rates.minutes_per_review / 60)
        yield f"    {hours} hours of reviewing"


def _asked(contract: Contract, name: str, count: int) -> Iterator[str]:
    luck = wear(contract, name, count + contract.attempts)
    attempts = f"{contract.attempts} attempt{'s' * (contract.attempts > 1)}"
    yield f"  {name}: asked {count} time{'s' * (count != 1)} so far"
    yield f"    chance that luck alone meets a worthless delivery on it, {attempts} from now: at most {luck:.1%}"
    if message := worn(contract, name, count):
        yield f"    warning: {message}"


def _work(contract: Contract, made: Runs, rates: Rates) -> Iterator[str]:
    arms = ", ".join(f"{arm} {seeds}" for arm, seeds in made.arms.items())
    steps = made.recipe.steps if made.recipe is not None else 0
    yield f"  {made.count} runs ({arms}) of {steps:,} steps: {made.steps:,} steps"
    if partly := sum(made.arms.get(name, 0) for name in parts(contract)):
        yield f"  {partly:,} of them train parts of the delivery, for reports that decide nothing"
    yield f"  {made.count + 1} models, the base among them, answer {made.answers:,} items in all"
    hours = rates.hours(made)
    if hours is None:
        yield "  hours: not estimated; give --seconds-per-step and --seconds-per-item as measured on your machine"
    elif rates.price_per_hour is None:
        yield f"  {_round(hours)} machine hours; give --price-per-hour for the cost"
    else:
        cost = _round(hours * rates.price_per_hour)
        yield f"  {_round(hours)} machine hours, {cost} at {rates.price_per_hour} an hour"


def _round(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.01")))
