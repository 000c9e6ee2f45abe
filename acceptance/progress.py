"""Counts and lines to a terminal while long work goes on; in a pipe a line now and then of what takes minutes."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
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


@dataclass(slots=True)
class Line:
    """One thing that goes on: since when it is watched, and what is shown of it."""

    doing: str
    begun: float
    first: int
    text: str = ""


class Board:
    """A line on stderr for each thing that goes on, redrawn in place; in a pipe all in one line every half minute."""

    ROWS = 8
    """Lines at a time; who does more at once sees the first of them."""
    DRAWN, SAID = 0.1, 30.0
    """Seconds between two drawings on a terminal, and between two lines in a pipe."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.lines: dict[str, Line] = {}
        self.drawn = 0
        self.last = time.monotonic()

    def __enter__(self) -> Board:
        return self

    def say(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        print(f"  {text}", file=sys.stderr, flush=True)
        self._draw()

    def at(self, name: str, doing: str, done: int, total: int, note: str = "") -> None:
        """`name` has done so much of `total`; what is left is reckoned from the pace since its first call."""
        now = time.monotonic()
        line = self.lines.get(name)
        if line is None or line.doing != doing:
            line = self.lines[name] = Line(doing, now, done)
        pace = (now - line.begun) / (done - line.first) if done > line.first else None
        left = f", {duration(pace * (total - done))} left" if pace is not None and done < total else ""
        line.text = f"{name}: {doing} {done:,} of {total:,}{note}{left}"
        if now - self.last < (self.DRAWN if self.shown else self.SAID):
            return
        self.last = now
        if self.shown:
            self._clear()
            self._draw()
        else:
            self.say("; ".join(self._texts()))

    def end(self, name: str) -> None:
        self.lines.pop(name, None)

    def _draw(self) -> None:
        if self.shown:
            width = shutil.get_terminal_size().columns - 1
            rows = self._texts()
            print("".join(f"{row[:width]}\n" for row in rows), end="", file=sys.stderr, flush=True)
            self.drawn = len(rows)

    def _texts(self) -> list[str]:
        return [line.text for line in list(self.lines.values())[: self.ROWS]]

    def _clear(self) -> None:
        if self.shown and self.drawn:
            print(f"\x1b[{self.drawn}A\r\x1b[J", end="", file=sys.stderr, flush=True)
            self.drawn = 0

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._clear()


def duration(seconds: float) -> str:
    """Rounded as people say it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
