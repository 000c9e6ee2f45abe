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
    plugin: str = ""
    """Name, version and sha256 of the plug-in that brings it; empty for the library's own."""

    def parameter(self, name: str) -> Parameter | None:
        return next((item for item in self.parameters if item.name == name), None)


@cache
def signatures() -> dict[str, Signature]:
    """All measures by name."""
    text = resources.files("spec_lang.std").joinpath("measures.sftspec").read_text(encoding="utf-8")
    file, problems = parse(Source("std/measures.sftspec", text))
    if problems:
        raise RuntimeError(f"std/measures.sftspec does not parse: {problems[0].message}")
    return {item.name.text: signature(item) for item in file.declarations if isinstance(item, s.Measure)}


def evidence_of(measure: str) -> str:
    """The evidence table that a measure reads; empty where it reads delivered rows, as a plug-in's does."""
    found = signatures().get(measure)
    return found.source if found is not None else ""


WHOLE = frozenset(
    (
        "follows", "calls_answered", "tools_valid", "arguments_valid", "peeks_ahead", "readable", "as_listed",
        "well_formed", "resolves", "attached", "repeated", "duplicate", "near_duplicate", "crosses", "overlaps",
        "taken_from", "has_secret", "has_pii", "has_hidden_text", "has_disguise", "has_reasoning", "has_artefact",
        "lineage_depth", "ancestry_known", "lot", "rendered_tokens", "trained_tokens", "mask_as_declared",
        "end_of_turn_trained", "target_truncated", "has_control_tokens", "shown", "prefix_stable", "begins_twice",
        "fixes", "passes",
    )
)  # fmt: skip
"""Measures that look at whole rows, one after the other: no entry of a list and no value of a row can be asked."""


def is_whole(measure: str) -> bool:
    """Whether a measure looks at whole rows, as those of plug-ins do."""
    return measure in WHOLE or is_plugin(measure)


def is_plugin(measure: str) -> bool:
    """Whether a plug-in brings a measure: its name follows the plug-in's, behind a dot."""
    return "." in measure


def signature(item: s.Measure, prefix: str = "", plugin: str = "") -> Signature:
    """A declaration as it is called: a plug-in's with the plug-in's name before it."""
    parameters = tuple(
        Parameter(word.name.text, word.row, word.variadic, word.sort, word.default, word.name.span)
        for word in item.parameters
    )
    kind: Literal["row", "aggregate"] = "row" if item.kind == "row" else "aggregate"
    name = f"{prefix}.{item.name.text}" if prefix else item.name.text
    source = item.source or ""
    return Signature(name, parameters, kind, item.sort[0], source, item.text.text, item.name.span, plugin)
