"""A plan in; every arm trained with every seed and asked every held-out set; all runs and scores out, none left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from acceptance.answers import Item, Scorer
from acceptance.files import write_whole
from acceptance.measures.protocol import Unavailable
from acceptance.rendering import Renderer
from acceptance.scores import BASE, VENDOR, ScoreRow, Trial
from acceptance.tables import Malformed
from acceptance.trial import arms, machine, parts, public, recipe
from acceptance.trial.errors import TrialError
from acceptance.trial.evaluate import finite, suite
from acceptance.trial.fingerprint import fingerprints
from acceptance.trial.outcome import Outcome
from acceptance.trial.pool import executed
from acceptance.trial.store import Store
from acceptance.trial.telling import WHOLE, At, Done, Tell, label, silent
from acceptance.trial.worker import Job, scorer, suite_renderer
from spec_lang.contract import Contract, HeldOut, Recipe

READING = "acceptance.engine.scoring:scorer"
RUNNING = "acceptance.examination:scorer"
"""What scores answers: by reading them, or also by running them."""


@dataclass(frozen=True)
class Plan:
    """A trial before it runs. Files were checked against the lock, suites opened against their commitments."""

    contract: Contract
    recipe: Recipe
    folder: Path
    """The contract's folder."""
    vendor: Sequence[Item]
    """The accepted records."""
    references: Mapping[str, Sequence[Item]]
    """Records of each reference that a clause names."""
    suites: Mapping[str, Sequence[Item]]
    """Items of each held-out set."""
    seeds: Mapping[str, Sequence[str]]
    """For each arm but the base its seeds: `vendor`, references, and those parts of the delivery that are wanted."""
    blind: Callable[[str], str]
    """From `<suite>/<item key>` or `<suite>#<cluster value>` to the id that the score file shows."""
    workers: int = 1
    """Processes; one where there is a GPU."""
    scorer: str = READING
    store: Path | None = None
    """Where outcomes are kept for a second certification, and checkpoints for one that was killed."""
    logs: Path | None = None
    """Where each run's training log goes, as `<arm>-<seed>.log`."""
    tell: Tell = silent


def run_trial(plan: Plan) -> Trial:
    """Raises TrialError before the first step where anything does not fit."""
    job = prepared(plan)
    tasks = [(BASE, ""), *((arm, seed) for arm in job.arms for seed in plan.seeds[arm])]
    keys = dict(zip(tasks, fingerprints(job, tasks), strict=True))
    store = Store(plan.store, plan.tell)
    outcomes = {task: found for task in tasks if (found := store.get(keys[task])) is not None}
    if outcomes:
        plan.tell(f"{len(outcomes)} of {len(tasks)} runs are known from an earlier certification")
    unknown = [task for task in tasks if task not in outcomes]
    job = replace(job, kept={task: store.checkpoint(keys[task]) for task in unknown})
    plan.tell(At(WHOLE, "run", len(outcomes), len(tasks)))  # from here on its pace is reckoned
    for task, outcome in executed(job, unknown, plan.workers, plan.tell):
        store.put(keys[task], outcome)
        outcomes[task] = outcome
        plan.tell(Done(label(*task), len(outcomes), len(tasks)))
    write_logs(plan.logs, outcomes.values())
    return Trial(runs=tuple(outcomes[task].run for task in tasks), scores=tuple(rows(plan, outcomes.values())))


def prepared(plan: Plan) -> Job:
    """Everything encoded, matched and checked, so that nothing fails after an hour of training."""
    base = recipe.resolve(plan.recipe, plan.folder)
    renderer = Renderer(plan.recipe, plan.contract, plan.folder)
    vendor = arms.build(VENDOR, plan.vendor, renderer)
    machine.fits(recipe.load(base, plan.recipe, renderer), vendor, plan.recipe)
    matched = {name: arms.match(arms.build(name, records, renderer), vendor, plan.contract.reference(name))
               for name, records in plan.references.items()}  # fmt: skip
    for arm in (vendor, *matched.values()):
        if losses := arm.losses():
            plan.tell(f"arm `{arm.name}` trains on {len(arm.examples):,} records; {losses}")
    derived = parts.drawn(renderer, vendor, plan.vendor, plan.seeds)
    for line in parts.sizes(derived):
        plan.tell(line)
    job = Job(plan.contract, plan.recipe, plan.folder, {VENDOR: vendor, **matched, **derived},
              {name: tuple(items) for name, items in plan.suites.items()}, plan.scorer)  # fmt: skip
    for name, items in job.suites.items():
        if len(set(item_ids(plan, name))) != len(items):
            raise TrialError(f"held-out set `{name}` has two items of one key; every item is scored once")
        heldout, asking = plan.contract.heldout(name), suite_renderer(job, name)
        if heldout.lm_eval is not None:
            public.rehearsed(heldout, items, asking, base.positions)
        else:
            suite(heldout, items, asking, base.positions, tried(job, name, items))
    return job


def tried(job: Job, name: str, items: Iterable[Item]) -> Scorer:
    """Scores silence on every item, so that an item which cannot be scored is known before training."""
    try:
        score = scorer(job, name)
        for number, item in enumerate(items, start=1):
            finite(score.rehearse(item), name, number - 1)
        return score
    except Malformed as error:
        raise TrialError(f"item {number} of held-out set `{name}` is not as its type declares: {error}") from error
    except (ValueError, Unavailable) as error:
        raise TrialError(f"held-out set `{name}` cannot be scored: {error}") from error


def rows(plan: Plan, outcomes: Iterable[Outcome]) -> Iterator[ScoreRow]:
    """Every score under blinded ids. A diverged run scores its worst: the least score anyone has there, at most 0."""
    known = list(outcomes)
    for name, items in plan.suites.items():
        heldout = plan.contract.heldout(name)
        ids = [plan.blind(f"{name}/{id_}") for id_ in item_ids(plan, name)]
        clusters = [plan.blind(text) if (text := cluster(heldout, item)) else id_
                    for item, id_ in zip(items, ids, strict=True)]  # fmt: skip
        worst = min([0.0, *(row.score for outcome in known for row in outcome.scores.get(name, ()))])
        for outcome in known:
            scores = [row.score for row in outcome.scores.get(name, ())] or [worst] * len(items)
            for id_, group, score in zip(ids, clusters, scores, strict=True):
                yield ScoreRow(suite=name, arm=outcome.run.arm, seed=outcome.run.seed, item=id_, cluster=group,
                               score=score)  # fmt: skip


def item_ids(plan: Plan, name: str) -> list[str]:
    """The key of each item, its place in the file where its type has none."""
    heldout = plan.contract.heldout(name)
    named = next((table.key for table in plan.contract.tables if table.name == heldout.record), None)
    return [str(item.get(named, at)) if named else str(at) for at, item in enumerate(plan.suites[name])]


def cluster(heldout: HeldOut, item: Item) -> str:
    """`<suite>#<value>` of the field that the contract clusters by; empty where every item is its own."""
    if heldout.cluster_by is None:
        return ""
    try:
        value = reduce(lambda inner, step: inner[step], heldout.cluster_by.steps, item)
    except (KeyError, TypeError) as error:
        place = ".".join(heldout.cluster_by.steps)
        raise TrialError(f"an item of held-out set `{heldout.name}` has no {place}, its cluster") from error
    return f"{heldout.name}#{json.dumps(value, sort_keys=True, ensure_ascii=False)}"


def write_logs(folder: Path | None, outcomes: Iterable[Outcome]) -> None:
    """One file per fine-tune; its sha256 stands in the run."""
    if folder is None:
        return
    for outcome in outcomes:
        if outcome.log:
            write_whole(folder / f"{outcome.run.arm}-{outcome.run.seed}.log", outcome.log.encode())
