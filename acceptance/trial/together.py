"""Under `accelerate launch` the first process certifies; the others take jobs and runs from it and train along.

The first process alone validates, asks, decides, signs and writes. Every run is trained by all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from acceptance.errors import Refused
from acceptance.trial.outcome import Outcome
from acceptance.trial.telling import Tell, silent
from acceptance.trial.worker import Job, Task, fitted, work

PATIENCE = timedelta(days=30)
"""How long a process waits for the first one, which may validate or ask for hours."""


def processes() -> int:
    """How many processes train together; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def follows() -> bool:
    """Whether this process trains along with another one that certifies."""
    return processes() > 1 and os.environ.get("RANK", "0") != "0"


@contextmanager
def leading() -> Iterator[None]:
    """Lets the others go once the first process is done, or refuses before or after all runs."""
    if processes() == 1:
        yield
        return
    try:
        yield
    except Refused:
        _shared(None)
        raise
    _shared(None)


def executed(job: Job, tasks: list[Task], tell: Tell) -> Iterator[tuple[Task, Outcome]]:
    """Outcomes one by one, each trained by all processes and asked by this one."""
    _shared(job)
    for arm, seed in tasks:
        _shared((arm, seed))
        yield (arm, seed), work(job, arm, seed, tell)


def follow() -> None:
    """Trains along until the first process is done."""
    job: Job | None = None
    while (told := _shared(None)) is not None:
        if isinstance(told, Job):
            job = told
        elif job is not None:
            fitted(job, told[0], told[1], silent)


def _shared(told: Any) -> Any:
    """What the first process says, in every process."""
    import torch
    from accelerate import PartialState  # type: ignore[import-untyped]
    from accelerate.utils import broadcast_object_list  # type: ignore[import-untyped]

    PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)
    box = [told]
    broadcast_object_list(box)
    return box[0]
