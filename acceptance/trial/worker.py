"""One process of a trial: a job in its memory, then (arm, seed) in and an outcome out, as often as asked."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance.answers import Scorer
from acceptance.rendering import Renderer
from acceptance.scores import BASE, Run
from acceptance.trial.arms import Arm
from acceptance.trial.outcome import Outcome, Scored
from acceptance.trial.telling import At, Tell, label
from spec_lang.contract import Contract, Recipe

Task = tuple[str, str]
"""Arm and seed."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every run of a trial shares; it can be sent to another process."""

    contract: Contract
    recipe: Recipe
    folder: Path
    arms: Mapping[str, Arm]
    suites: Mapping[str, tuple[dict[str, Any], ...]]
    scorer: str
    """`module:function` that makes a scorer of (contract, name of the held-out set, the contract's folder)."""
    threads: int = 1
    kept: Mapping[Task, Path | None] = field(default_factory=dict)
    """Where the checkpoint of a run is; no run has one whose task is not here."""


def suite_renderer(job: Job, name: str) -> Renderer:
    """The renderer of a held-out set: its own template and record type where it has them."""
    heldout = job.contract.heldout(name)
    return Renderer(job.recipe, job.contract, job.folder, heldout.template, heldout.record or None)


def scorer(job: Job, name: str) -> Scorer:
    module, function = job.scorer.split(":")
    make = getattr(importlib.import_module(module), function)
    made: Scorer = make(job.contract, name, job.folder)
    return made


def work(job: Job, arm: str, seed: str, tell: Tell) -> Outcome:
    """Loads the base, trains it unless it is the base's own run, and asks it every suite."""
    begun = time.perf_counter()
    model, run, log, positions = fitted(job, arm, seed, tell)
    scores = asked(job, model, run, positions, tell) if run.status == "ok" else {}
    return Outcome(run.model_copy(update={"seconds": time.perf_counter() - begun}), scores, log)


def fitted(job: Job, arm: str, seed: str, tell: Tell) -> tuple[Any, Run, str, int]:
    """The model, its run and log, and the longest text that it takes."""
    from acceptance.trial import recipe as recipes
    from acceptance.trial.finetune import finetune

    recipes.deterministic(job.threads)
    renderer = Renderer(job.recipe, job.contract, job.folder)
    base = recipes.resolve(job.recipe, job.folder)
    model = recipes.load(base, job.recipe, renderer)
    if arm == BASE:
        run = Run(arm=BASE, seed="", weights_sha256=recipes.weights_sha256(model), steps=0, trained_tokens=0,
                  status="ok", log_sha256="", seconds=0.0)  # fmt: skip
        return model, run, "", base.positions
    tuned = finetune(model, job.arms[arm].under(seed), job.recipe, seed, tell, job.kept.get((arm, seed)))
    return tuned.model, tuned.run, tuned.log, base.positions


def asked(job: Job, model: Any, run: Run, positions: int, tell: Tell) -> dict[str, tuple[Scored, ...]]:
    """Scores of one model on every suite."""
    from acceptance.trial import public
    from acceptance.trial.evaluate import evaluate, suite

    scores: dict[str, tuple[Scored, ...]] = {}
    for done, (name, items) in enumerate(job.suites.items()):
        tell(At(label(run.arm, run.seed), f"asking {name}", done, len(job.suites)))
        renderer, heldout = suite_renderer(job, name), job.contract.heldout(name)
        if heldout.lm_eval is not None:
            scores[name] = tuple(public.evaluate(model, heldout, items, renderer))
            continue
        score = scorer(job, name)
        questions = suite(heldout, items, renderer, positions, score)
        scores[name] = tuple(evaluate(model, renderer.tokens.tokenizer, job.recipe, questions, score))
    return scores


_job: Job | None = None
_lines: Any = None


def start(job: Job, lines: Any) -> None:
    """Called once in every process of a pool. Interruptions are the parent's to handle, see `pool.deaf`."""
    global _job, _lines
    from tqdm import tqdm  # type: ignore[import-untyped]

    tqdm.set_lock(threading.RLock())  # its own is a named semaphore, which a process that is ended leaves behind
    _job, _lines = job, lines
    threading.Thread(target=_orphaned, daemon=True).start()


def _orphaned() -> None:
    """Ends this process with the one that started it: a killed command leaves nobody training for no one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def pooled(arm: str, seed: str) -> Outcome:
    assert _job is not None
    return work(_job, arm, seed, _lines.put)
