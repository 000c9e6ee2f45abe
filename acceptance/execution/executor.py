"""Jobs to their outcomes by a few sandboxes at a time; equal jobs and equal runs before a patch are made once."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from acceptance.errors import Refused
from acceptance.execution import box
from acceptance.execution.box import NoSandbox, unable
from acceptance.execution.judging import judge
from acceptance.execution.limits import Run
from acceptance.execution.watching import Stopped
from acceptance.executions import Asked, Execute, Execution
from acceptance.measures.protocol import Unavailable

MOST_WORKERS = 8
MOST_WAITING = 64
"""Jobs whose patches are held; whoever brings more waits."""
PATIENCE = 0.2
"""Seconds between looks at the progress, and at Ctrl-C."""
Progress = Callable[[int], None]


@contextmanager
def allowed(delivery: Path, progress: Progress | None = None) -> Iterator[Callable[[str], Execute]]:
    """Runner -> the sandbox, for as long as the block lasts; raises Unavailable for what cannot be run here."""
    with Executor(delivery, progress or (lambda done: None)) as executor:

        def execute(by: str) -> Execute:
            reason = unable() or ("pytest is not installed" if by == "pytest" and find_spec("pytest") is None else "")
            if reason:
                raise Unavailable(f"delivered code was not run: {reason}")
            return executor

        yield execute


class Executor:
    """The sandbox as the engine sees it, while the `with` block lasts; leaving it kills what still runs."""

    def __init__(self, delivery: Path, progress: Progress) -> None:
        self.delivery = delivery
        self.progress = progress
        self.workers = min(os.cpu_count() or 1, MOST_WORKERS)
        self.pool = ThreadPoolExecutor(self.workers)
        self.room = threading.Semaphore(MOST_WAITING)
        self.lock = threading.Lock()
        self.jobs: dict[bytes, Future[Execution]] = {}
        self.before: dict[bytes, Future[Run]] = {}
        self.stopping = threading.Event()
        self.done = 0

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def __call__(self, job: Asked) -> Callable[[], Execution]:
        """Begins a job; what it gives back waits for the outcome. Raises Refused where the machine fails."""
        key = _key(*job.whole)
        if key not in self.jobs:
            while not self.room.acquire(timeout=PATIENCE):
                self.progress(self.done)
            self.jobs[key] = self.pool.submit(self._do, job)
        return lambda: self._wait(self.jobs[key])

    def _wait(self, future: Future[Execution]) -> Execution:
        while not future.done():
            self.progress(self.done)
            self.stopping.wait(PATIENCE)
        try:
            return future.result()
        except NoSandbox as error:
            raise Refused(str(error)) from error

    def _do(self, job: Asked) -> Execution:
        def start(place: Path) -> Run:
            return box.start(place, job.tests, job.by, stopping=self.stopping.is_set)

        try:
            return judge(job, self.delivery, start, lambda make: self._once(job, make))
        finally:
            self.done += 1
            self.room.release()

    def _once(self, job: Asked, make: Callable[[], Run]) -> Run:
        """The run without the patch, which many jobs may share."""
        key = _key(*job.before)
        with self.lock:
            first, future = key not in self.before, self.before.setdefault(key, Future())
        if first:
            try:
                future.set_result(make())
            except (NoSandbox, Stopped, OSError) as error:
                future.set_exception(error)
        return future.result()


def _key(*parts: str) -> bytes:
    found = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "big") + data)
    return found.digest()
