"""The training logs of a trial to loss curves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_LOG = 4_000_000
"""Bytes read of one log."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The loss of one fine-tune: (step, loss) at the steps that its log holds; a loss that is no number is left out."""

    arm: str
    seed: str
    points: tuple[tuple[int, float], ...]


def read(folder: Path) -> tuple[Curve, ...]:
    """The logs `<arm>-<seed>.log` of a folder, by arm and seed; none where there is no folder."""
    curves = []
    for path in sorted(folder.glob("*.log")):
        arm, _, seed = path.stem.rpartition("-")
        with path.open("rb") as stream:
            text = stream.read(MAX_LOG).decode("utf-8", "replace")
        points = tuple(losses(text))
        if arm and points:
            curves.append(Curve(arm, seed, points))
    return tuple(curves)


def losses(log: str) -> Iterator[tuple[int, float]]:
    """Step and loss are the first two words of a line."""
    for line in log.splitlines():
        try:
            step, loss = line.split(maxsplit=2)[:2]
            point = int(step), float(loss)
        except ValueError:
            continue
        if math.isfinite(point[1]):
            yield point
