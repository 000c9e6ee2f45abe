"""Counts and lines to a terminal while long work goes on; silent in a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType


class Bar:
    """One line on stderr, redrawn at most ten times a second and gone when done."""

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self.total = total
        self.shown = sys.stderr.isatty()
        self.drawn = 0.0

    def __enter__(self) -> Bar:
        return self

    def at(self, done: int) -> None:
        """`done` of the total are finished."""
        now = time.monotonic()
        if self.shown and now - self.drawn > 0.1:
            self.drawn = now
            share = f" {100 * done // self.total}%" if self.total else ""
            print(f"\r{self.label} {done:,}{share} ", end="", file=sys.stderr, flush=True)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self.shown and self.drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
