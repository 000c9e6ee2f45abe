"""Where a run is, to a file that is whole or not there, and back: a killed certification goes on where it was.

A checkpoint is one safetensors file: the trained parameters, AdamW's moments, the state of the random numbers, and in
its head the run's key, step, tokens and log. The key is the store's, a digest of all that determines the outcome; the
file also holds the sha256 of its own content. A file of another run or with another content is named and not used.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from acceptance.files import whole
from acceptance.trial.telling import Tell

MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What AdamW keeps for a parameter."""
LEAST = 5.0
"""Seconds of training between two checkpoints, at least."""
SHARE = 20
"""Training between two checkpoints takes this many times as long as writing one, at least."""

Tensors = dict[str, torch.Tensor]


@dataclass(slots=True)
class Position:
    """How far a run is."""

    step: int = 0
    """Steps that are done."""
    tokens: int = 0
    """Trained tokens seen."""
    lines: list[str] = field(default_factory=list)
    """The log so far."""


class Checkpoint:
    """The checkpoint of one run, in `path`, whose stem is the run's key; `path=None` keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.written, self.pause = time.monotonic(), LEAST

    def due(self) -> bool:
        """Whether enough was trained since the last one."""
        return self.path is not None and time.monotonic() - self.written >= self.pause

    def save(self, position: Position, tensors: Tensors) -> None:
        """Whole or not at all. Raises OSError that names the file."""
        if self.path is None:
            return
        begun = time.monotonic()
        head = {"key": self.path.stem, "position": json.dumps(asdict(position))}
        with whole(self.path) as partial:
            try:
                save_file(tensors, partial, head | {"sha256": content_sha256(head, tensors)})
            except SafetensorError as error:  # a full disk, in words of its own
                raise OSError(None, str(error)) from error
        self.written = time.monotonic()
        self.pause = max(LEAST, SHARE * (self.written - begun))

    def load(self, tell: Tell) -> tuple[Position, Tensors] | None:
        """Where the run was; None, and said why, where the file is damaged or another run's."""
        if self.path is None or not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                head = dict(file.metadata() or {})
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            if head.pop("sha256", "") != content_sha256(head, tensors):
                raise ValueError("is damaged")
            if head["key"] != self.path.stem:
                raise ValueError("belongs to another run")
            return Position(**json.loads(head["position"])), tensors
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            refused(self.path, str(error) if type(error) is ValueError else "is damaged", tell)
            return None


def refused(path: Path, why: str, tell: Tell) -> None:
    tell(f"{path}: {why}; it is not used, the run starts anew")


def content_sha256(head: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> str:
    return tensors_sha256(tensors.items(), json.dumps(head, sort_keys=True))


def tensors_sha256(named: Iterable[tuple[str, torch.Tensor]], head: str = "") -> str:
    """sha256 over name, type, shape and bytes of every tensor, shared ones once, in the order of their names."""
    digest, seen = hashlib.sha256(head.encode()), set()
    for name, tensor in sorted(named):
        if tensor.data_ptr() in seen:
            continue
        seen.add(tensor.data_ptr())
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def taken(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Tensors:
    """All that a run changes: trained parameters, moments, random numbers. Buffers of these models are constant."""
    tensors = random_states()
    for name, weight in trained(model):
        tensors[f"weight/{name}"] = gathered(weight)
        for moment, value in optimizer.state.get(weight, {}).items():
            tensors[f"{moment}/{name}"] = gathered(value)
    return tensors


def restore(model: torch.nn.Module, optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """The inverse of `taken`. Raises ValueError where the tensors are another model's."""
    if {f"weight/{name}": weight.shape for name, weight in trained(model)} != {
        name: tensor.shape for name, tensor in tensors.items() if name.startswith("weight/")
    }:
        raise ValueError("is of another model")
    for name, weight in trained(model):
        with torch.no_grad():
            weight.copy_(placed(tensors[f"weight/{name}"], weight))
        found = {moment: tensors[f"{moment}/{name}"] for moment in MOMENTS if f"{moment}/{name}" in tensors}
        optimizer.state[weight] = {
            moment: value.clone() if moment == "step" else placed(value, weight) for moment, value in found.items()
        }
    torch.set_rng_state(tensors["random/cpu"])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random/cuda"])


def trained(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]


def random_states() -> Tensors:
    states = {"random/cpu": torch.get_rng_state()}
    return states | ({"random/cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})


def gathered(tensor: Any) -> torch.Tensor:
    """The whole tensor, from however many processes hold it, in this machine's memory."""
    full = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return full.detach().contiguous().cpu()  # type: ignore[no-any-return]


def placed(tensor: torch.Tensor, like: Any) -> torch.Tensor:
    """The tensor as `like` is placed: its device, and its share where several processes hold it."""
    if hasattr(like, "full_tensor"):
        from torch.distributed.tensor import distribute_tensor

        return distribute_tensor(tensor.to(like.device), like.device_mesh, like.placements)
    return tensor.to(like.device, copy=True)
