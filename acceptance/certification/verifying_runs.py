"""Checks of what every run was trained on: steps, records and tokens that recipe, delivery and the other runs allow.

Offline, from certificate and contract. Tokens of single records are unknown here, so they are bounded: each has at
least one token that bears loss and at most `max_length` - 1, since nothing comes before the first to predict it from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from acceptance.certification.dossier import Dossier
from acceptance.certification.statement import Ran
from acceptance.certification.verifying_trial import named, trial
from acceptance.engine.trial_ledger import recipes_of
from acceptance.scores import VENDOR
from spec_lang.contract import Contract, Recipe
from spec_lang.trialarms import Part, Without, parts, size
from spec_lang.types import plain


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from `least` to `most`; none where `least` is the larger."""

    least: int
    most: int

    def __and__(self, other: Range) -> Range:
        return Range(max(self.least, other.least), min(self.most, other.most))

    def __bool__(self) -> bool:
        return self.least <= self.most


def runs_are_the_recipes(dossier: Dossier) -> Iterator[str]:
    """Every run took its recipe's steps and saw as many trained tokens as its records can bear."""
    recipes = recipes_of(dossier.contract)
    for run in trial(dossier).runs:
        yield from _run(run, recipes.get(run.arm))


def _run(run: Ran, recipe: Recipe | None) -> Iterator[str]:
    """`recipe` is None for the base."""
    if bool(run.weights_sha256) != (run.status == "ok"):
        yield f"{named(run)}: a run that ended has weights, a diverged one none"
    if recipe is None or run.records < 1:
        if recipe is None and run.records:
            yield f"{named(run)}: {run.records:,} records were signed; the base is not trained"
        elif (run.steps, run.trained_tokens, run.status) != (0, 0, "ok"):
            what = f"{run.steps:,} steps on {run.trained_tokens:,} tokens were signed"
            yield f"{named(run)}: {what}, on no record"
    elif run.steps not in (range(1, recipe.steps + 1) if run.status == "diverged" else (recipe.steps,)):
        yield f"{named(run)}: {run.steps:,} steps were signed, the recipe says {recipe.steps:,}"
    elif not weight(run, recipe):
        what = f"{run.steps:,} steps of {recipe.batch:,} records cannot see so many in an arm of {run.records:,}"
        yield f"{named(run)}: {run.trained_tokens:,} trained tokens were signed; {what}"


def weight(run: Ran, recipe: Recipe) -> Range:
    """Trained tokens that the records of a run's arm may have together, by what the run saw of them.

    It saw every record `passes` times and `rest` of them once more.
    """
    saw, most = run.trained_tokens, recipe.max_length - 1
    passes, rest = divmod(run.steps * recipe.batch, run.records)
    others = run.records - rest
    found = Range(run.records, run.records * most)
    found &= Range(_up(saw + others, passes + 1), (saw + others * most) // (passes + 1))  # the others, seen once more
    if not passes:
        return found if rest <= saw <= rest * most else Range(1, 0)
    return found & Range(_up(saw - rest * most, passes), (saw - rest) // passes)


def _up(number: int, by: int) -> int:
    return -(-number // by)


def arms_belong_together(dossier: Dossier) -> Iterator[str]:
    """Runs of an arm share its records, parts are parts of the delivery, and references match it."""
    ran: dict[str, list[Ran]] = {}
    for run in trial(dossier).runs:
        ran.setdefault(run.arm, []).append(run)
    for arm, runs in ran.items():
        found = sorted({run.records for run in runs})
        if len(found) > 1:
            yield f"arm `{arm}`: its runs were signed with {', '.join(f'{one:,}' for one in found)} records"
            return
    held = {arm: runs[0].records for arm, runs in ran.items()}
    contract, counts = dossier.contract, dossier.statement.predicate.ledger.counts
    accepted = sum(one.accepted for one in counts if one.table == contract.record)
    if held[VENDOR] > accepted:
        yield f"arm `{VENDOR}`: {held[VENDOR]:,} records were signed, the ledger accepts {accepted:,}"
    for arm in (VENDOR, *(one.name for one in contract.references if one.name in held)):
        if held[arm] < 1:
            yield f"arm `{arm}`: no record was signed; without one there is no trial"
            return
    yield from _sizes(parts(contract), held)
    yield from _matching(contract, held)
    yield from _tokens(contract, ran)


def _sizes(known: Mapping[str, Part], held: Mapping[str, int]) -> Iterator[str]:
    """Parts hold what follows from the whole and from what is left without each slice."""
    whole, left = held[VENDOR], {part: held[name] for name, part in known.items() if isinstance(part, Without)}
    for name, part in known.items():
        again = min(whole, size(part, whole, left.__getitem__))
        if held[name] != again:
            yield f"arm `{name}`: {held[name]:,} records were signed; of the delivery's {whole:,} it has {again:,}"
    for field in dict.fromkeys(part.steps for part in left):
        slices = {part.word: whole - left[part] for part in left if part.steps == field}
        if sum(slices.values()) > whole:
            told = ", ".join(f"`{word}` of {count:,}" for word, count in slices.items())
            what = f"more than the delivery's {whole:,} together"
            yield f"slices by {'.'.join(field)}: {told} records were signed, {what}"


def _matching(contract: Contract, held: Mapping[str, int]) -> Iterator[str]:
    """A reference that is matched by records holds as many, within its tolerance."""
    whole = held[VENDOR]
    for one in contract.references:
        by_records = one.matching == "records" and one.name in held
        if by_records and abs(held[one.name] - whole) > whole * Decimal(one.within):
            yield (f"arm `{one.name}`: {held[one.name]:,} records were signed, which do not match the delivery's "
                   f"{whole:,} within {plain(Decimal(one.within) * 100)} %")  # fmt: skip


def _tokens(contract: Contract, ran: Mapping[str, Sequence[Ran]]) -> Iterator[str]:
    """What runs saw comes from one set of records; a part's lies within the delivery's, a reference's matches it."""
    recipes, known = recipes_of(contract), parts(contract)
    trained = {arm: runs for arm, runs in ran.items() if runs[0].records > 0}
    weights = {arm: [weight(run, recipes[arm]) for run in runs] for arm, runs in trained.items()}
    joint = {arm: reduce(Range.__and__, found) for arm, found in weights.items()}
    for arm, found in joint.items():
        if not found and (arm not in known or isinstance(known[arm], Without)):  # the others are drawn by every seed
            yield f"arm `{arm}`: the trained tokens of its runs cannot come from the same records"
            return
    whole, most = joint[VENDOR], recipes[VENDOR].max_length - 1
    for arm in (arm for arm in known if arm in trained):
        others = ran[VENDOR][0].records - ran[arm][0].records
        for run, found in zip(ran[arm], weights[arm], strict=True):
            beside = Range(whole.least - found.most, whole.most - found.least)
            if not beside & Range(others, others * most):
                what = f"what is left of the delivery's {_of(whole)} is not what {others:,} records bear"
                yield f"{named(run)}: {run.trained_tokens:,} trained tokens were signed; {what}"
    for one in contract.references:
        if one.matching == "trained_tokens" and one.name in joint:
            within, found = Decimal(one.within), joint[one.name]
            if found.least > whole.most * (1 + within) or found.most < whole.least * (1 - within):
                yield (f"arm `{one.name}`: its runs saw {_of(found)} trained tokens in a pass, the delivery's "
                       f"{_of(whole)}; the contract allows {plain(within * 100)} % difference")  # fmt: skip


def _of(found: Range) -> str:
    return f"{found.least:,}" if found.least == found.most else f"{found.least:,} to {found.most:,}"
