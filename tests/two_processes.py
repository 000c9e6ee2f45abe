"""Losses, gradients and weights as one or several processes compute them: run alone, or once in each process.

    python tests/two_processes.py FOLDER OUT

RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say who takes part; the first process writes OUT.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import torch  # noqa: E402
from test_rendering import recipe  # noqa: E402
from test_trial import RECORDS, setting  # noqa: E402
from torch.distributed.device_mesh import init_device_mesh  # noqa: E402
from torch.distributed.fsdp import fully_shard  # noqa: E402

from acceptance.trial import arms, checkpoint, machine  # noqa: E402
from acceptance.trial import recipe as recipes  # noqa: E402
from acceptance.trial.checkpoint import gathered  # noqa: E402
from acceptance.trial.finetune import finetune, gradients  # noqa: E402

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "one at a time": {"micro_batch": 1},
    "two at a time": {"micro_batch": 2},
    "packed": {"packing": "isolated", "max_length": 64},
    "packed, three at a time": {"packing": "isolated", "max_length": 64, "micro_batch": 3},
}
"""One batch of seven records, which no number of processes or portions divides."""


def batch(folder: Path) -> list[arms.Trained]:
    """Seven records of different lengths and weights."""
    _, _, renderer = setting(folder)
    records = [{**record, "training": {"weight": 1 + at % 3}} for at, record in enumerate(RECORDS[:7])]
    return list(arms.build("vendor", records, renderer).examples)


def gradient(folder: Path, way: str) -> dict[str, torch.Tensor]:
    """The batch's loss and every parameter's gradient, averaged over processes."""
    house = recipe(**WAYS[way])
    _, _, renderer = setting(folder)
    model = recipes.load(recipes.resolve(house, folder), house, renderer)
    accelerator = machine.accelerator()
    prepared, _ = accelerator.prepare(model, machine.adamw(model, house))
    loss = gradients(accelerator, prepared, batch(folder), house)
    inner = accelerator.unwrap_model(prepared)
    return {"loss": torch.tensor(loss)} | {name: gathered(weight.grad) for name, weight in inner.named_parameters()}


def sharded(folder: Path) -> dict[str, torch.Tensor]:
    """The gradient with every parameter split over the processes, as FSDP has them, from a checkpoint put back."""
    house = recipe(micro_batch=2)
    _, _, renderer = setting(folder)
    model: Any = recipes.load(recipes.resolve(house, folder), house, renderer)
    optimizer = machine.adamw(model, house)
    before = checkpoint.taken(model, optimizer)
    mesh = init_device_mesh("cpu", (torch.distributed.get_world_size(),))
    for part in (*model.model.layers, model):
        fully_shard(part, mesh=mesh)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    checkpoint.restore(model, machine.adamw(model, house), before)
    loss = gradients(machine.accelerator(), model, batch(folder), house)
    assert all(weight.grad.to_local().numel() < weight.numel() for weight in model.parameters())
    found = {name: gathered(weight.grad) for name, weight in model.named_parameters()}
    whole = machine.unsharded(model).state_dict()
    assert all(torch.equal(whole[name], before[f"weight/{name}"]) for name in found)
    return {"loss": torch.tensor(loss)} | found


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """What three steps make of the model."""
    house = recipe(steps=3, micro_batch=1)
    _, _, renderer = setting(folder)
    arm = arms.Arm("vendor", tuple(batch(folder)))
    tuned = finetune(recipes.load(recipes.resolve(house, folder), house, renderer), arm, house, "5").model
    return {name: gathered(weight) for name, weight in tuned.state_dict().items()}


def main(folder: Path, out: Path) -> None:
    recipes.deterministic(1)
    found: dict[str, Any] = {way: gradient(folder, way) for way in WAYS}
    found["three steps"] = weights(folder)
    if torch.distributed.is_initialized():
        found["sharded"] = sharded(folder)
    found["processes"] = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
    found["peft"] = "peft" in sys.modules
    if machine.accelerator().is_main_process:
        torch.save(found, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
