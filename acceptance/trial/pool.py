"""Runs to do in; their outcomes out as they come, from this process or from a pool of spawned ones."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from queue import Empty
from typing import Any

import torch

from acceptance.trial import together
from acceptance.trial.errors import TrialError
from acceptance.trial.outcome import Outcome
from acceptance.trial.telling import Tell
from acceptance.trial.worker import Job, Task, pooled, start, work


def executed(job: Job, tasks: list[Task], workers: int, tell: Tell) -> Iterator[tuple[Task, Outcome]]:
    """Outcomes as they come: from this process alone with one worker or a GPU, else from a pool.

    Under a launcher each run is trained by all of its processes.
    """
    if together.processes() > 1:
        yield from together.executed(job, tasks, tell)
        return
    if min(workers, len(tasks)) <= 1 or torch.cuda.is_available():
        for arm, seed in tasks:
            yield (arm, seed), work(job, arm, seed, tell)
        return
    context = multiprocessing.get_context("spawn")
    with told(context, tell) as lines:
        pool = ProcessPoolExecutor(min(workers, len(tasks)), context, start, (job, lines))
        try:
            with deaf():
                futures = {pool.submit(pooled, *task): task for task in tasks}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException as error:
            for process in list((pool._processes or {}).values()):  # an interruption does not wait for running steps
                process.terminate()
            if isinstance(error, BrokenProcessPool):
                raise TrialError("a worker was ended from outside, perhaps for memory; use fewer workers") from error
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def deaf() -> Iterator[None]:
    """Processes spawned in here never hear Ctrl-C, not even while they import; this one hears it afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def told(context: Any, tell: Tell) -> Iterator[Any]:
    """A queue whose lines reach `tell` in this process.

    This process only reads: a worker that was ended may hold the queue's lock for writing for ever.
    """
    lines, done = context.Queue(), threading.Event()

    def listen() -> None:
        while not done.is_set() or not lines.empty():
            with suppress(Empty):
                tell(lines.get(timeout=0.2))

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield lines
    finally:
        done.set()
        listener.join(timeout=5)
