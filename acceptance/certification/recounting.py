"""A delivery's accepted records and reference files in, what every run of a trial must have seen of them out.

What `certify` trains on is encoded, matched, drawn and ordered again, by the same functions; no model is loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from acceptance.certification.dossier import NotHere, Recount, Seen
from acceptance.deal import Deal, renderers
from acceptance.engine.evaluation import Outcome
from acceptance.engine.trial_ledger import recipes_of
from acceptance.errors import BREACHED, Refused
from acceptance.measures.protocol import Unavailable
from acceptance.rendering import Renderer
from acceptance.scores import VENDOR
from acceptance.sealed import reference
from acceptance.trial import order, parts
from acceptance.trial.arms import Tally, Trained, matched, trainable
from acceptance.trial.errors import TrialError
from acceptance.validation import Delivery, accepted_records
from spec_lang import trialarms

Steps = Mapping[str, Mapping[str, int]]
"""Arm -> seed -> steps of the run, with the seeds in the order in which they are derived."""


def recount(deal: Deal, delivery: Delivery, outcome: Outcome, steps: Steps) -> Recount:
    """What the runs saw. Raises NotHere where the delivery's records cannot be rendered or trained on."""
    try:
        renderer = renderers(deal)(recipes_of(deal.contract)[VENDOR].name)
        whole, left = surveyed(renderer, accepted_records(deal, delivery, outcome))
    except (Unavailable, TrialError) as error:
        raise NotHere(str(error)) from error
    seeds = {arm: tuple(runs) for arm, runs in steps.items()}
    drawn = parts.chosen(trialarms.parts(deal.contract), whole.digests, left, seeds)
    drawn[VENDOR] = dict.fromkeys(seeds[VENDOR], tuple(range(len(whole.tokens))))
    found: dict[str, Mapping[str, Seen] | NotHere | Refused] = {}
    for arm, runs in steps.items():
        if arm in drawn:
            found[arm] = _seen(whole, drawn[arm], runs, renderer)
        else:
            found[arm] = _reference(deal, arm, whole, runs, renderer)
    return found


def surveyed(renderer: Renderer, records: Iterable[dict[str, Any]]) -> tuple[Tally, parts.Left]:
    """The delivery's arm, and what is not of each slice, from records that are read once. Raises TrialError."""
    left = parts.Left.of(trialarms.parts(renderer.filler.contract).values())

    def examples() -> Iterator[Trained]:
        for at, (record, example) in enumerate(trainable(VENDOR, records, renderer, Counter())):
            if left.without:
                left.add(at, renderer.filler.fill(record))
            yield example

    return Tally.of(examples()), left


def _reference(
    deal: Deal, name: str, whole: Tally, steps: Mapping[str, int], renderer: Renderer
) -> Mapping[str, Seen] | NotHere | Refused:
    try:
        records = reference(deal, name)
    except (Unavailable, Refused) as error:
        return NotHere(str(error))
    try:
        tally = Tally.of(example for _, example in trainable(name, records, renderer, Counter()))
        kept = matched(tally, whole, deal.contract.reference(name))
    except TrialError as error:
        return Refused(str(error), code=BREACHED)
    return _seen(tally, dict.fromkeys(steps, kept), steps, renderer)


def _seen(
    tally: Tally, places: Mapping[str, Sequence[int]], steps: Mapping[str, int], renderer: Renderer
) -> Mapping[str, Seen]:
    """By seed, from the places of the examples that its run trains on."""
    draws = {seed: count * renderer.recipe.batch for seed, count in steps.items()}
    sizes = {seed: [tally.tokens[at] for at in found] for seed, found in places.items()}
    return {seed: Seen(len(found), order.seen(found, draws[seed], seed)) for seed, found in sizes.items()}
