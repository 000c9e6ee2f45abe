"""A clause that a trial or a review decides to what its plan risks: how probably good data passes, and bad data."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.basis import calls
from spec_lang.compiler import Reading
from spec_lang.contract import Clause
from spec_lang.decidable import assumptions, sizes
from spec_lang.planning.power import error
from spec_lang.planning.sampling import PlanError, accepted
from spec_lang.trialplans import Gain, gains, sampling_plan


def risks(reading: Reading, clause: Clause) -> tuple[str, ...]:
    """Sentences for a clause about a gain or about defects; none for others, or where the contract is not whole."""
    if reading.contract is None or clause.statistic is None:
        return ()
    found = [gain for gain in gains(reading.contract, reading.pilot) if gain.clause.name == clause.name]
    if found:
        return tuple(line for gain in found for line in _gain(gain))
    if any(call.measure == "defective" for call in calls(clause.expr)):
        return tuple(_sample(clause, reading.contract.attempts))
    return ()


def _gain(gain: Gain) -> Iterator[str]:
    trial = f"With {gain.recipe.seeds} seeds and {sizes(gain)} of `{gain.suite.name}`"
    if gain.effect is None:
        yield f"{trial} nothing says which gain is expected, so no power follows."
    else:
        yield (
            f"{trial} it is met with a probability of {gain.power:.1%} if the gain is as expected; "
            f"`check` asks for {gain.target:.0%}."
        )
    yield f"If the gain is at the bound only, it is met with a probability of at most {gain.alpha:.2%}."
    yield f"{assumptions(gain)[:1].upper()}{assumptions(gain)[1:]}."


def _sample(clause: Clause, attempts: int) -> Iterator[str]:
    try:
        plan = sampling_plan(clause, attempts)
    except (PlanError, ValueError) as found:
        yield f"{found}."
        return
    assert clause.statistic is not None and clause.statistic.accepting is not None
    good = float(clause.statistic.accepting)
    yield f"{plan.size:,} rows are reviewed, and at most {plan.accept:,} of them may be defective."
    yield f"With {good:.2%} of defects it is met with a probability of {accepted(plan, good):.1%}."
    buyer = float(error(clause.statistic.confidence, attempts))
    yield f"With as many as the clause forbids it is met with a probability of at most {buyer:.2%}."
