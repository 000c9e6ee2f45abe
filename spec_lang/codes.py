"""The registry of diagnostic codes, and fragments that show how words and measures are used, read from codes.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from spec_lang.diagnostics import Diagnostic
from spec_lang.examples import diagnose, placed


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the registry. `place` says where in the skeleton the fragments stand; empty for whole files."""

    code: str
    title: str
    text: str
    bad: str
    good: str
    place: str
    encoding: str
    skeleton: str

    def earned(self, fragment: str, encoding: str = "utf-8") -> tuple[Diagnostic, ...]:
        """What the fragment earns in its place."""
        text, above = placed(fragment, self.place, self.skeleton) if self.place else (fragment, 0)
        return diagnose(text, above, encoding)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound fragment that shows how the words and measures `of` are used, in its place of the skeleton."""

    of: tuple[str, ...]
    text: str
    place: str
    skeleton: str

    def earned(self) -> tuple[Diagnostic, ...]:
        text, above = placed(self.text, self.place, self.skeleton)
        return diagnose(text, above)


@cache
def _registry() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(resources.files("spec_lang").joinpath("codes.yaml").read_text("utf-8"))
    return read


@cache
def codes() -> dict[str, Code]:
    """Every code of the language, in order."""
    return {entry["code"]: _code(entry, _registry()["skeleton"]) for entry in _registry()["codes"]}


@cache
def samples() -> tuple[Sample, ...]:
    """Every fragment that shows a use."""
    read = _registry()
    return tuple(Sample(tuple(one["of"]), one["text"], one["in"], read["skeleton"]) for one in read["samples"])


def _code(entry: dict[str, str], skeleton: str) -> Code:
    return Code(
        code=entry["code"],
        title=entry["title"],
        text=entry["text"],
        bad=entry["bad"],
        good=entry["good"],
        place=entry.get("in", ""),
        encoding=entry.get("encoding", "utf-8"),
        skeleton=skeleton,
    )
