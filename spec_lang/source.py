"""Where text came from: a named text, and spans of it as line and column."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A text and the name to print for it."""

    name: str
    text: str
    path: Path | None = field(default=None, compare=False)

    @cached_property
    def starts(self) -> list[int]:
        """Offset of each line's first character. Only `\\n` ends a line."""
        return [0, *(position + 1 for position, char in enumerate(self.text) if char == "\n")]

    def line_of(self, offset: int) -> int:
        """Line number from 1."""
        return bisect_right(self.starts, offset)

    def column_of(self, offset: int) -> int:
        """Column from 1, in code points."""
        return offset - self.starts[self.line_of(offset) - 1] + 1

    def line_bounds(self, line: int) -> tuple[int, int]:
        """Offsets of a line's first character and of its end."""
        start = self.starts[line - 1]
        end = self.starts[line] - 1 if line < len(self.starts) else len(self.text)
        return start, end - (end > start and self.text[end - 1] == "\r")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a source: offsets of its first character and of the one after its last."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.line_of(self.start)

    @property
    def column(self) -> int:
        return self.source.column_of(self.start)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]
