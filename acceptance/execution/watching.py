"""A started sandbox to what it said: both its pipes are read, and it is killed once it passes a limit."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from acceptance.execution.limits import MIB, Limits

POLL = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")
TAIL = 4_000
"""Bytes kept of what is printed."""
ANSWER = 8 * MIB
"""Bytes read of the runner's answer."""


class Stopped(Exception):
    """The command is ending; nothing is decided."""


class Watch:
    """One running sandbox. `follow` returns when it is gone, whatever it did."""

    def __init__(self, process: subprocess.Popen[bytes], answers: int, limits: Limits) -> None:
        self.process = process
        self.answers = answers
        self.limits = limits
        self.answer = b""
        self.printed = 0
        self.tail = b""
        self.deadline = time.monotonic() + limits.seconds

    def follow(self, stopping: Callable[[], bool]) -> str:
        """Why it was stopped, empty where it ended by itself. Raises Stopped once `stopping` says so."""
        assert self.process.stdout is not None
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.process.stdout.fileno(), selectors.EVENT_READ, self._prints)
                selector.register(self.answers, selectors.EVENT_READ, self._answers)
                return self._loop(selector, stopping)
        finally:
            self._end()

    def _loop(self, selector: selectors.BaseSelector, stopping: Callable[[], bool]) -> str:
        """Until it has ended and its pipes are empty; code that closes both and lives on is watched no less."""
        looked = 0.0
        while True:
            ended = self.process.poll() is not None  # asked first: what it said at last is in its pipes then
            ready = selector.select(POLL) if selector.get_map() else []
            for key, _ in ready:
                self._read(selector, key)
            if ended and not ready:
                return self._printed_too_much()
            if stopping():
                raise Stopped
            if not selector.get_map():
                time.sleep(POLL)
            if time.monotonic() - looked >= POLL:
                looked = time.monotonic()
                reason = self._beyond()
                if reason:
                    return reason

    def _read(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        data = os.read(key.fd, 1 << 16)
        key.data(data)
        if not data:
            selector.unregister(key.fd)

    def _prints(self, data: bytes) -> None:
        self.printed += len(data)
        self.tail = (self.tail + data)[-TAIL:]

    def _answers(self, data: bytes) -> None:
        self.answer += data[: ANSWER - len(self.answer)]

    def _beyond(self) -> str:
        """The limit that was passed, in words."""
        if time.monotonic() >= self.deadline:
            return f"timeout after {self.limits.seconds} s"
        family = list(descendants(self.process.pid))
        if sum(map(_resident, family)) > self.limits.memory:
            return f"its processes held more than {self.limits.memory // MIB:,} MiB of memory"
        for place, size in self.limits.scratches.items():
            if family and _entries(family[-1], place, size) > self.limits.entries:
                return f"it made more than {self.limits.entries:,} files"
        return self._printed_too_much()

    def _printed_too_much(self) -> str:
        if self.printed > self.limits.output:
            return f"it printed more than {self.limits.output // MIB:,} MiB"
        return ""

    def _end(self) -> None:
        """Kills what is left: the first process of a namespace takes all others with it."""
        for pid in [*descendants(self.process.pid)][:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.kill()
        self.process.wait()


def descendants(pid: int) -> Iterator[int]:
    """Processes below `pid`, parents first."""
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children = (thread / "children").read_text("ascii").split()
            for child in map(int, children):
                yield child
                yield from descendants(child)


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE
    return 0


def _entries(pid: int, place: str, size: int) -> int:
    """Files below a place that is `size` bytes large; at first a sandbox still sees the machine's own of that name."""
    with suppress(OSError):
        found = os.statvfs(f"/proc/{pid}/root{place}")
        if found.f_blocks * found.f_frsize == size:
            return found.f_files - found.f_ffree
    return 0
