"""A sound contract and a pilot's figures to the clauses that its trial and its reviews could not decide."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from spec_lang.contract import Clause, Path
from spec_lang.deals import Deal
from spec_lang.diagnostics import Diagnostic, Label, listing
from spec_lang.lock import Spread
from spec_lang.planning.power import MIN_CLUSTERS, MIN_SEEDS, overlooked
from spec_lang.planning.sampling import PlanError
from spec_lang.trialplans import Gain, gains, recipe_of, sampling_plan
from spec_lang.types import plain


def undecidable(deal: Deal, pilot: Sequence[Spread]) -> list[Diagnostic]:
    """Everything that would leave a required clause undecided, however good the data."""
    planned = list(gains(deal.contract, pilot))
    return [
        *trials_have_a_recipe(deal),
        *seeds_are_enough(planned, deal),
        *clusters_are_enough(planned, deal),
        *expectations_are_beyond_bounds(planned, deal),
        *powers_are_enough(planned, deal),
        *samples_can_be_drawn(deal),
        *units_can_be_rated_twice(deal),
    ]


def trials_have_a_recipe(deal: Deal) -> Iterator[Diagnostic]:
    """A gain is measured after training, so it must be clear how."""
    for clause, _ in deal.required("gain"):
        if recipe_of(deal.contract, clause) is None:
            message = f"no trial can decide `{_short(clause)}`: nothing says which recipe trains"
            help = "write `terms ... using <recipe>`"
            if not deal.contract.recipes:
                help = f"declare one: `recipe house for {deal.contract.record} {{ ... }}`"
            yield _error("SFT4002", message, deal, clause, "no recipe", help=help)


def seeds_are_enough(planned: list[Gain], deal: Deal) -> Iterator[Diagnostic]:
    """One message for each recipe: below five seeds a gain and luck look alike."""
    for recipe in dict.fromkeys(gain.recipe for gain in planned if gain.recipe.seeds < MIN_SEEDS):
        asking = [gain for gain in planned if gain.recipe == recipe]
        names = listing(_short(gain.clause) for gain in asking)
        message = f"{_counted(recipe.seeds, 'seed')} cannot decide {names}: it takes at least {MIN_SEEDS}"
        why = tuple(Label(deal.span(gain.clause), "") for gain in asking)
        primary = Label(deal.symbols.spans[recipe.name], f"`seeds: {recipe.seeds}`")
        yield Diagnostic("SFT4002", message, primary, why, (), f"write `seeds: {MIN_SEEDS}` or more")


def clusters_are_enough(planned: list[Gain], deal: Deal) -> Iterator[Diagnostic]:
    """One message for each held-out set: a handful of clusters says little about others."""
    few = (gain.suite for gain in planned if gain.plan.clusters < MIN_CLUSTERS)
    for suite in dict.fromkeys(few):
        asking = [gain for gain in planned if gain.suite == suite]
        what = "cluster" if suite.clusters else "record"
        count = _counted(suite.clusters or suite.size, what)
        names = listing(_short(gain.clause) for gain in asking)
        message = f"{count} cannot decide {names}: it takes at least {MIN_CLUSTERS}"
        why = tuple(Label(deal.span(gain.clause), "") for gain in asking)
        primary = Label(deal.symbols.spans[suite.name], count)
        yield Diagnostic("SFT4002", message, primary, why, (), f"ask items of {MIN_CLUSTERS} {what}s or more")


def expectations_are_beyond_bounds(planned: list[Gain], deal: Deal) -> Iterator[Diagnostic]:
    """A trial decides in favour of data that is better than the bound, so somebody must expect that."""
    for gain in planned:
        name = _short(gain.clause)
        if gain.effect is None:
            message = f"`{name}` does not say which gain both sides expect, so nobody can plan its trial"
            help = f"add `expecting {points(gain.least, ROUND_CEILING)}` or more, behind the confidence"
            yield _error("SFT4005", message, deal, gain.clause, "no `expecting`", help=help)
        elif gain.effect <= gain.bound:
            asked, expected = points(signed(gain, gain.bound)), points(signed(gain, gain.effect))
            message = f"`{name}` expects {expected} where the bound is {asked}: data as expected would not meet it"
            help = f"expect {_side(gain)} {asked}, or move the bound"
            yield _error("SFT4005", message, deal, gain.clause, f"expects {expected}", help=help)


def powers_are_enough(planned: list[Gain], deal: Deal) -> Iterator[Diagnostic]:
    """Data as good as both sides expect passes four times in five, a guard 99 times in 100: many must hold."""
    for gain in _best(planned):
        few = gain.plan.seeds < MIN_SEEDS or gain.plan.clusters < MIN_CLUSTERS
        if few or gain.effect is None or gain.effect <= gain.bound or gain.power >= gain.target:
            continue
        needed = f"a guard needs {percent(gain.target)}" if gain.guard else f"{percent(gain.target)} is needed"
        name, power = _short(gain.clause), percent(gain.power)
        message = f"the trial is too small for `{name}`: its power is {power}, and {needed}"
        label = f"expecting {points(signed(gain, gain.effect))}"
        why = (
            Label(deal.symbols.spans[gain.suite.name], sizes(gain)),
            Label(deal.symbols.spans[gain.recipe.name], _counted(gain.recipe.seeds, "seed")),
        )
        help = f"any of these is enough: {'; '.join(remedies(gain))}"
        yield _error("SFT4002", message, deal, gain.clause, label, why, (assumptions(gain),), help)


def _best(planned: list[Gain]) -> Iterator[Gain]:
    """Of several gains under `any of`, one has to be found: the one with the most power."""
    for clause in dict.fromkeys(gain.clause.name for gain in planned):
        yield max((gain for gain in planned if gain.clause.name == clause), key=lambda gain: gain.power)


def remedies(gain: Gain) -> Iterator[str]:
    """What would give the power asked for, one change at a time."""
    items, seeds = gain.items(), gain.seeds()
    if items is not None:
        clusters = round(items * gain.plan.clusters / gain.plan.items)
        yield f"{items:,} records" + (f" in {clusters:,} clusters" if gain.suite.clusters else "")
    if seeds is not None:
        yield f"{seeds} seeds"
    if gain.least <= 1 and not gain.may_stand_still:
        yield f"`expecting {points(signed(gain, gain.least), _outward(gain))}`"
    if gain.lower >= -1:
        yield f"`{gain.operator} {points(signed(gain, gain.lower), _inward(gain))}`"


def assumptions(gain: Gain) -> str:
    """The spread that the plan rests on, and who says so."""
    spread = gain.plan
    figures = f"item variance {spread.item_variance:.3g}, seed noise {points(spread.seed_sd)}"
    if gain.suite.clusters:
        figures += f", correlation within a cluster {spread.icc:.2g}"
    if gain.may_stand_still:
        room = points(overlooked(spread, gain.alpha))
        figures += f", in {percent(spread.still)} of trials no record changes, which rules out no loss up to {room}"
    if gain.among > 1:
        figures += f", one of {gain.among} gains each at 1/{gain.among} of the error"
    if gain.attempts > 1:
        figures += f", each of {gain.attempts} attempts tested at {percent(1 - gain.alpha)}"
    source = "as the pilot in contract.lock measured" if gain.measured else "defaults"
    advice = "" if gain.measured else "; `sftspec lock --pilot` puts your own in their place"
    return f"assumed: {figures} ({source}{advice})"


def sizes(gain: Gain) -> str:
    """`800 records in 160 clusters`."""
    return f"{gain.plan.items:,} records" + (f" in {gain.plan.clusters:,} clusters" if gain.suite.clusters else "")


def samples_can_be_drawn(deal: Deal) -> Iterator[Diagnostic]:
    """A review has a plan that meets both parties' risks; a delivery that has fewer rows is looked at whole."""
    for clause in dict.fromkeys(clause for clause, _ in deal.every("defective") if clause.statistic is not None):
        try:
            sampling_plan(clause, deal.contract.attempts)
        except PlanError as error:
            message = f"no sample decides `{_short(clause)}`"
            yield _error("SFT4006", message, deal, clause, "both risks", notes=(str(error),), help=SAMPLE_HELP)
        except ValueError:
            message = f"`{_short(clause)}` states the buyer's risk only, so no sample size follows from it"
            yield _error("SFT4006", message, deal, clause, "no `accepting`", help=SAMPLE_HELP)


def units_can_be_rated_twice(deal: Deal) -> Iterator[Diagnostic]:
    """Agreement is measured on units with two ratings; a key names one row, and so one rating."""
    for clause, call in deal.required("krippendorff_alpha"):
        table, unit = deal.contract.table(clause.table), call.arg("unit")
        if isinstance(unit, Path) and unit.steps == (table.key,):
            message = (
                f"`{_short(clause)}` stays undecided: `{table.key}` is the key of {table.name}, so none is rated twice"
            )
            help = (
                "put the ratings into a table, a row for each rater, and name what was rated: `unit: Rating.dialogue`"
            )
            yield _error("SFT4014", message, deal, clause, f"`unit: {table.key}`", help=help)


SAMPLE_HELP = (
    "say which share of defects must not fail: `accepting 0.5% at 90%`, well below the share that must not pass"
)


def _error(
    code: str,
    message: str,
    deal: Deal,
    clause: Clause,
    label: str,
    why: tuple[Label, ...] = (),
    notes: tuple[str, ...] = (),
    help: str = "",
) -> Diagnostic:
    return Diagnostic(code, message, Label(deal.span(clause), label), why, notes, help)


def _short(clause: Clause) -> str:
    """The clause's own name, without its block's."""
    return clause.name.rpartition(".")[2]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def signed(gain: Gain, value: float) -> float:
    """A mirrored figure as it is written in the clause."""
    return value if _at_least(gain) else -value


def _at_least(gain: Gain) -> bool:
    return gain.operator in (">", ">=")


def _side(gain: Gain) -> str:
    return "more than" if _at_least(gain) else "less than"


def _outward(gain: Gain) -> str:
    return ROUND_CEILING if _at_least(gain) else ROUND_FLOOR


def _inward(gain: Gain) -> str:
    return ROUND_FLOOR if _at_least(gain) else ROUND_CEILING


def points(share: float, rounding: str | None = None) -> str:
    """0.0512 as `5.2pp` (rounded up) or `5.1pp`."""
    exact = Decimal(repr(share)) * 100
    return f"{plain(exact.quantize(Decimal('0.1'), rounding) if rounding else exact.quantize(Decimal('0.01')))}pp"


def percent(share: float) -> str:
    """Rounded down, so that 98.97 % is never shown as 99 %."""
    return f"{plain(Decimal(math.floor(share * 1000 + 1e-9)) / 10)}%"
