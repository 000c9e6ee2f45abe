"""Base model, arm and seed in; tuned model, run and log out. One plain loop, in which every trained token is counted.

loss of a step = sum over trained tokens of (record weight x cross entropy) / sum over trained tokens of record weight,
over the whole batch, however many processes share it. AdamW with bias-corrected moments; weight decay spares vectors
(norms, biases); gradients are clipped at norm 1. The last step's model is the outcome: no checkpoint is chosen.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from accelerate.utils import broadcast  # type: ignore[import-untyped]
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from acceptance.scores import Run
from acceptance.trial.arms import Arm, Trained
from acceptance.trial.checkpoint import Checkpoint, Position, refused, restore, taken
from acceptance.trial.order import batches, number, rate
from acceptance.trial.recipe import weights_sha256
from acceptance.trial.telling import At, Paced, Tell, label, silent
from spec_lang.contract import Recipe

CLIP = 1.0
"""Gradient norm beyond which gradients are scaled down."""
EPSILON = 1e-8
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
    accelerator = Accelerator(cpu=not torch.cuda.is_available(),
                              mixed_precision="bf16" if recipe.precision == "bf16" else "no")  # fmt: skip
    optimizer = adamw(model, recipe)
    prepared, optimizer = accelerator.prepare(model, optimizer)
    prepared.train()
    tuned, checkpoint, told = accelerator.unwrap_model(prepared), Checkpoint(kept), Paced(tell)
    called = label(arm.name, seed)
    position, healthy = resumed(checkpoint, tuned, optimizer, called, tell), True
    for chosen in islice(batches(len(arm.examples), recipe.batch, recipe.steps, seed), position.step, None):
        examples = [arm.examples[at] for at in chosen]
        now = rate(recipe, position.step)
        for group in optimizer.param_groups:
            group["lr"] = now
        loss, norm = update(accelerator, prepared, optimizer, examples)
        position.step += 1
        position.tokens += sum(example.tokens for example in examples)
        healthy = math.isfinite(loss) and math.isfinite(norm)
        if not healthy or position.step % EVERY == 0 or position.step == recipe.steps:
            position.lines.append(f"{position.step} {loss!r} {norm!r} {now!r} {position.tokens}")
        if not healthy:
            break
        if agreed(accelerator, checkpoint.due() or position.step == recipe.steps):
            keep(accelerator, checkpoint, position, tuned, optimizer)
        told(At(called, "step", position.step, recipe.steps, loss))
    accelerator.free_memory()
    log = "".join(line + "\n" for line in position.lines)
    run = Run(arm=arm.name, seed=seed, weights_sha256=weights_sha256(tuned) if healthy else "", steps=position.step,
              trained_tokens=position.tokens, status="ok" if healthy else "diverged",
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


def adamw(model: PreTrainedModel, recipe: Recipe) -> torch.optim.AdamW:
    parameters = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in parameters if weight.ndim >= 2], "weight_decay": float(recipe.weight_decay)},
        {"params": [weight for weight in parameters if weight.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=(float(recipe.beta1), float(recipe.beta2)), eps=EPSILON)


def update(accelerator: Accelerator, model: Any, optimizer: Any, examples: Sequence[Trained]) -> tuple[float, float]:
    """One step on a batch; its loss and gradient norm. Each process takes every n-th record of the batch."""
    total = sum(example.tokens * example.weight for example in examples)
    own = examples[accelerator.process_index :: accelerator.num_processes]
    loss = weighted_sum(model, own, accelerator.device) / total * accelerator.num_processes
    accelerator.backward(loss)
    norm = accelerator.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    shared = accelerator.reduce(loss.detach(), "mean")
    return float(shared), float(norm if norm is not None else 0.0)


def weighted_sum(model: Any, examples: Sequence[Trained], device: torch.device) -> torch.Tensor:
    """Sum over trained tokens of record weight x cross entropy; a scalar."""
    ids, weights = padded(examples)  # both (records, tokens)
    mask = torch.zeros_like(ids)
    for row, example in enumerate(examples):
        mask[row, : len(example.ids)] = 1
    logits = model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits  # (records, tokens, vocabulary)
    losses = cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten().to(device), reduction="none")
    return (losses * weights[:, 1:].flatten().to(device)).sum()


def padded(examples: Sequence[Trained]) -> tuple[torch.Tensor, torch.Tensor]:
    """Right padding of weight 0, which no token of a record comes after. At least one row: no process may idle."""
    width = max((len(example.ids) for example in examples), default=2)
    ids = torch.zeros(max(1, len(examples)), width, dtype=torch.long)
    weights = torch.zeros(max(1, len(examples)), width)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        weights[row, : len(example.ids)] = torch.tensor(example.trained) * example.weight
    return ids, weights
