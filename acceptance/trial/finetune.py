"""Base model, arm and seed in; tuned model, run and log out. One plain loop, in which every trained token is counted.

loss of a step = sum over trained tokens of (record weight x cross entropy) / sum over trained tokens of record weight,
over the whole batch, however many processes share it and in however many portions it is computed. AdamW with
bias-corrected moments; weight decay spares vectors (norms, biases). The last step's model is the outcome: no checkpoint
is chosen.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from accelerate.utils import broadcast  # type: ignore[import-untyped]
from transformers import PreTrainedModel

from acceptance.scores import Run
from acceptance.trial import machine
from acceptance.trial.arms import Arm, Trained
from acceptance.trial.batch import packed, padded, weighted_sum
from acceptance.trial.checkpoint import Checkpoint, Position, refused, restore, taken
from acceptance.trial.machine import adamw, adapted, merged, split_allowed
from acceptance.trial.order import batches, number, rate
from acceptance.trial.recipe import weights_sha256
from acceptance.trial.telling import At, Paced, Tell, label, silent
from spec_lang.contract import Recipe

EVERY = 50
"""Steps between two lines of the log."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """One run: the model is unusable where `run.status` is diverged."""

    model: PreTrainedModel
    run: Run
    log: str
    """One line per `EVERY` steps: step, loss, gradient norm, learning rate, tokens seen."""


def finetune(
    model: PreTrainedModel, arm: Arm, recipe: Recipe, seed: str, tell: Tell = silent, kept: Path | None = None
) -> Tuned:
    """Trains `model` in place, from the checkpoint `kept` where one is there, and keeps one there as it goes on."""
    begun = time.perf_counter()
    torch.manual_seed(number(seed))
    accelerator, partly = machine.accelerator(), adapted(model, recipe)
    prepared, optimizer = accelerator.prepare(partly, adamw(partly, recipe))
    split_allowed(prepared, recipe)
    prepared.train()
    inner, checkpoint, told = accelerator.unwrap_model(prepared), Checkpoint(kept), Paced(tell)
    called = label(arm.name, seed)
    position, healthy = resumed(checkpoint, inner, optimizer, called, tell), True
    accelerator.wait_for_everyone()  # none is done with the checkpoint before all have read it
    for chosen in islice(batches(len(arm.examples), recipe.batch, recipe.steps, seed), position.step, None):
        examples = [arm.examples[at] for at in chosen]
        now = rate(recipe, position.step)
        for group in optimizer.param_groups:
            group["lr"] = now
        loss, norm = update(accelerator, prepared, optimizer, examples, recipe)
        position.step += 1
        position.tokens += sum(example.tokens for example in examples)
        healthy = math.isfinite(loss) and math.isfinite(norm)
        if not healthy or position.step % EVERY == 0 or position.step == recipe.steps:
            position.lines.append(f"{position.step} {loss!r} {norm!r} {now!r} {position.tokens}")
        if not healthy:
            break
        if agreed(accelerator, checkpoint.due() or position.step == recipe.steps):
            keep(accelerator, checkpoint, position, inner, optimizer)
        told(At(called, "step", position.step, recipe.steps, loss))
    tuned = merged(inner, recipe)
    accelerator.free_memory()
    log = "".join(line + "\n" for line in position.lines)
    run = Run(arm=arm.name, seed=seed, weights_sha256=weights_sha256(tuned) if healthy else "", steps=position.step,
              trained_tokens=position.tokens, records=len(arm.examples), status="ok" if healthy else "diverged",
              log_sha256=hashlib.sha256(log.encode()).hexdigest(), seconds=time.perf_counter() - begun)  # fmt: skip
    return Tuned(tuned, run, log)


def resumed(checkpoint: Checkpoint, model: torch.nn.Module, optimizer: Any, run: str, tell: Tell) -> Position:
    """The run's place: where its checkpoint leaves it, else the beginning."""
    found = checkpoint.load(tell)
    if found is None:
        return Position()
    position, tensors = found
    try:
        restore(model, optimizer, tensors)
    except ValueError as error:
        assert checkpoint.path is not None
        refused(checkpoint.path, str(error), tell)
        return Position()
    tell(f"{run}: goes on after step {position.step}")
    return position


def agreed(accelerator: Accelerator, wish: bool) -> bool:
    """What the first process wishes: clocks differ, and all take part or none."""
    if accelerator.num_processes == 1:
        return wish
    return bool(broadcast(torch.tensor(int(wish), device=accelerator.device)).item())


def keep(
    accelerator: Accelerator, checkpoint: Checkpoint, position: Position, model: torch.nn.Module, optimizer: Any
) -> None:
    """Every process hands over what it holds; the first one writes."""
    if checkpoint.path is not None:
        tensors = taken(model, optimizer)
        if accelerator.is_main_process:
            checkpoint.save(position, tensors)


def update(
    accelerator: Accelerator, model: Any, optimizer: Any, examples: Sequence[Trained], recipe: Recipe
) -> tuple[float, float]:
    """One step on a batch; its loss and gradient norm. Each process takes every n-th record of the batch."""
    shared = gradients(accelerator, model, examples, recipe)
    norm = accelerator.clip_grad_norm_(model.parameters(), float(recipe.gradient_clip))
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return shared, float(norm if norm is not None else 0.0)


def gradients(accelerator: Accelerator, model: Any, examples: Sequence[Trained], recipe: Recipe) -> float:
    """The loss of a batch, with its gradient in the parameters; some records at a time, which changes neither."""
    total = sum(example.tokens * example.weight for example in examples)
    count = accelerator.num_processes
    loss = torch.zeros((), device=accelerator.device)
    parts = portions(examples, recipe.micro_batch, accelerator.process_index, count)
    for at, part in enumerate(parts, start=1):
        rows = packed(part, recipe.max_length) if recipe.packing == "isolated" else padded(part)
        with nullcontext() if at == len(parts) else accelerator.no_sync(model):
            own = (
                weighted_sum(model, rows, accelerator.device, recipe.precision == "bf16") / total * count
            )  # processes are averaged
            accelerator.backward(own)
        loss += own.detach()
    return float(accelerator.reduce(loss, "mean"))


def portions(examples: Sequence[Trained], size: int | None, process: int, processes: int) -> list[Sequence[Trained]]:
    """What a process computes, at most `size` records at a time: as many portions in each, if need be empty ones."""
    own, most = examples[process::processes], -(-len(examples) // processes)
    size = size or most
    return [own[start : start + size] for start in range(0, most, size)]
