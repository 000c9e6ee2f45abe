"""The measures a contract may use, read from `std/measures.sftspec`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

from spec_lang import syntax as s
from spec_lang.parser import parse
from spec_lang.source import Source, Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `sort`: a type, a unit, `recipe` / `heldout` / `reference` / `field`, or the words allowed."""

    name: str
    row: bool
    variadic: bool
    sort: tuple[str, ...]
    default: str | None
    at: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """A measure as declared. `source` names the evidence table it reads, empty for the delivered rows."""

    name: str
    parameters: tuple[Parameter, ...]
    kind: Literal["row", "aggregate"]
    sort: str
    source: str
    text: str
    at: Span = field(compare=False, repr=False)

    def parameter(self, name: str) -> Parameter | None:
        return next((item for item in self.parameters if item.name == name), None)


@cache
def signatures() -> dict[str, Signature]:
    """All measures by name."""
    text = resources.files("spec_lang.std").joinpath("measures.sftspec").read_text(encoding="utf-8")
    file, problems = parse(Source("std/measures.sftspec", text))
    if problems:
        raise RuntimeError(f"std/measures.sftspec does not parse: {problems[0].message}")
    return {item.name.text: _signature(item) for item in file.declarations if isinstance(item, s.Measure)}


def _signature(item: s.Measure) -> Signature:
    parameters = tuple(
        Parameter(word.name.text, word.row, word.variadic, word.sort, word.default, word.name.span)
        for word in item.parameters
    )
    kind: Literal["row", "aggregate"] = "row" if item.kind == "row" else "aggregate"
    return Signature(item.name.text, parameters, kind, item.sort[0], item.source or "", item.text.text, item.name.span)
