"""Examples in; rows of token ids out, with the loss weight of each token and what each may attend to.

Unpacked, a record is a row, padded on the right. Packed, records share rows of up to `length` tokens, isolated: a
token attends to its own record alone, and positions begin anew with each, so that loss and gradients are those of
single rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from acceptance.trial.arms import Trained


@dataclass(frozen=True, slots=True)
class Rows:
    """What goes through the model at a time."""

    ids: torch.Tensor
    """(rows, tokens)"""
    weights: torch.Tensor
    """(rows, tokens): record weight of each trained token, else 0; 0 for the first token of every record."""
    mask: torch.Tensor
    """(rows, tokens) of 1 and 0 for padding; packed: (rows, 1, tokens, tokens), whether one attends to the other."""
    positions: torch.Tensor | None = None
    """(rows, tokens); None where they count up from the row's start."""


def padded(examples: Sequence[Trained]) -> Rows:
    """Padding of weight 0, which no token of a record comes after. At least one row: no process may idle."""
    width = max((example.length for example in examples), default=2)
    ids = torch.zeros(max(1, len(examples)), width, dtype=torch.long)
    weights, mask = torch.zeros(ids.shape), torch.zeros_like(ids)
    for row, example in enumerate(examples):
        end = example.length
        ids[row, :end] = torch.from_numpy(example.ids)
        weights[row, :end] = torch.from_numpy(example.weights)
        mask[row, :end] = 1
    return Rows(ids, weights, mask)


def packed(examples: Sequence[Trained], length: int) -> Rows:
    """As `padded`, in as few rows as first-fit finds."""
    rows = shelves(examples, length)
    width = max((sum(example.length for example in row) for row in rows), default=2)
    ids = torch.zeros(max(1, len(rows)), width, dtype=torch.long)
    weights, positions = torch.zeros(ids.shape), torch.zeros_like(ids)
    owner = torch.full_like(ids, -1)  # padding is a record of its own, so that it attends to something
    for row, shelf in enumerate(rows):
        end = 0
        for number, example in enumerate(shelf):
            start, end = end, end + example.length
            ids[row, start:end] = torch.from_numpy(example.ids)
            weights[row, start:end] = torch.from_numpy(example.weights)
            positions[row, start:end] = torch.arange(end - start)
            owner[row, start:end] = number
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    return Rows(ids, weights, ((owner[:, :, None] == owner[:, None, :]) & causal)[:, None], positions)


def shelves(examples: Sequence[Trained], length: int) -> list[list[Trained]]:
    """First-fit in the order given: each example goes where it first fits in."""
    rows: list[list[Trained]] = []
    room: list[int] = []
    for example in examples:
        size = example.length
        at = next((at for at, left in enumerate(room) if size <= left), len(rows))
        if at == len(rows):
            rows.append([])
            room.append(length)
        rows[at].append(example)
        room[at] -= size
    return rows


def weighted_sum(model: Any, rows: Rows, device: torch.device, half: bool = False) -> torch.Tensor:
    """Sum over trained tokens of record weight x cross entropy; a scalar. `half` computes the model in bf16."""
    more = {} if rows.positions is None else {"position_ids": rows.positions.to(device)}
    with torch.autocast(device.type, torch.bfloat16, enabled=half):
        logits = model(input_ids=rows.ids.to(device), attention_mask=rows.mask.to(device), **more).logits
    losses = cross_entropy(  # logits are (rows, tokens, vocabulary)
        logits[:, :-1].flatten(0, 1).float(), rows.ids[:, 1:].flatten().to(device), reduction="none"
    )
    return (losses * rows.weights[:, 1:].flatten().to(device)).sum()
