"""A fragment and a skeleton to a contract that can be compiled, with lines numbered as the fragment's reader counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from spec_lang.compiler import compile_source
from spec_lang.diagnostics import Diagnostic
from spec_lang.loader import open_source
from spec_lang.source import Source

NAME = "contract.sftspec"


@dataclass(frozen=True)
class Fragment(Source):
    """A text whose first `above` lines are not shown and not counted."""

    above: int = 0

    def line_of(self, offset: int) -> int:
        return Source.line_of(self, offset) - self.above

    def column_of(self, offset: int) -> int:
        return offset - self.starts[Source.line_of(self, offset) - 1] + 1

    def line_bounds(self, line: int) -> tuple[int, int]:
        return Source.line_bounds(self, line + self.above)


def placed(fragment: str, place: str, skeleton: str) -> tuple[str, int]:
    """The whole contract, and how many lines stand above the fragment. Raises ValueError if there is no such place."""
    mark = f"# ... {place}"
    lines = skeleton.splitlines()
    above = next((number for number, line in enumerate(lines) if line.strip() == mark), None)
    if above is None:
        raise ValueError(f"the skeleton has no line `{mark}`")
    whole = [*lines[:above], *fragment.splitlines(), *lines[above + 1 :]]
    return "".join(f"{line}\n" for line in whole), above


def diagnose(
    text: str, above: int = 0, encoding: str = "utf-8", beside: dict[str, str] | None = None
) -> tuple[Diagnostic, ...]:
    """What a contract's text earns when it is saved, with the files `beside` it by name, and compiled."""
    with TemporaryDirectory() as folder:
        for name, other in (beside or {}).items():
            (Path(folder) / name).write_text(other, encoding="utf-8")
        path = Path(folder) / NAME
        path.write_bytes(text.encode(encoding))
        opened = open_source(path)
        if isinstance(opened, Diagnostic):
            return (opened,)
        return tuple(_seen(item) for item in compile_source(Fragment(NAME, opened.text, path, above)).diagnostics)


def _seen(diagnostic: Diagnostic) -> Diagnostic:
    """Without what points into the part of the skeleton above, which no reader sees."""
    return replace(diagnostic, secondary=tuple(label for label in diagnostic.secondary if label.span.line > 0))
