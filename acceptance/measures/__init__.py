"""Measure names to measures: what the standard library declares, and the module here that implements each."""

from __future__ import annotations

import importlib
import importlib.resources
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from acceptance.measures.protocol import Measure

NAMES: tuple[str, ...] = (
    "every", "no", "share", "count", "mean", "minimum", "maximum", "p50", "p90", "p95", "p99", "distinct",
    "largest_share", "least_share", "token_share", "krippendorff_alpha", "compression_ratio",
    "present", "size", "chars", "words", "names", "expired", "mentions",
    "readable", "as_listed", "well_formed", "resolves", "repeated",
    "duplicate", "near_duplicate", "overlaps", "has_secret", "has_pii", "has_hidden_text", "has_artefact",
    "lineage_depth",
    "tokens", "rendered_tokens", "trained_tokens", "mask_as_declared", "end_of_turn_trained", "target_truncated",
    "has_control_tokens",
    "fixes", "defective", "exact_match", "same_json", "declines", "gain", "scaling",
)  # fmt: skip
"""Every measure, one module of this package each, in the order of `std/measures.sftspec`."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a measure's signature: `row` for a value of the row, else a word or a declared name."""

    name: str
    type: str
    row: bool
    variadic: bool


class _Measures(Mapping[str, Measure]):
    """Imports a measure when it is first asked for, so that a command loads what its contract uses."""

    def __getitem__(self, name: str) -> Measure:
        if name not in NAMES:
            raise KeyError(name)
        measure: Measure = importlib.import_module(f"acceptance.measures.{name}").MEASURE
        return measure

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


MEASURES: Mapping[str, Measure] = _Measures()

_SIGNATURE = re.compile(r"^measure (\w+)\((.*)\): (?:row|aggregate|constant) ", re.MULTILINE)
_SOURCE = re.compile(r"^measure (\w+)\(.*\): .* from (\w+) \"", re.MULTILINE)
_PARAMETER = re.compile(r"(\w+)(\.\.\.)?: (row )?(.+)")


@cache
def signatures() -> dict[str, tuple[Parameter, ...]]:
    """The parameters of every measure that the standard library declares."""
    found = _SIGNATURE.findall(_declarations())
    return {name: tuple(map(_parameter, filter(None, listed.split(", ")))) for name, listed in found}


def _declarations() -> str:
    return importlib.resources.files("spec_lang.std").joinpath("measures.sftspec").read_text("utf-8")


@cache
def _sources() -> dict[str, str]:
    return dict(_SOURCE.findall(_declarations()))


def evidence_of(measure: str) -> str:
    """The evidence table a measure reads (`from lines`); empty where it reads delivered rows."""
    return _sources().get(measure, "")


def parameters(measure: str) -> tuple[Parameter, ...]:
    """The parameters of one measure; none for an unknown name."""
    return signatures().get(measure, ())


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"std/measures.sftspec: cannot read the parameter `{text}`")
    name, variadic, row, type_ = match.groups()
    return Parameter(name, type_.split(" = ")[0], bool(row), bool(variadic))
