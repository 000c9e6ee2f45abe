"""Measure names to measures: the module here that implements each measure of the standard library."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from acceptance.measures.protocol import Measure

if TYPE_CHECKING:
    from spec_lang.contract import Call
    from spec_lang.signatures import Parameter

NAMES: tuple[str, ...] = (
    "every", "no", "share", "count", "total", "mean", "minimum", "maximum", "p50", "p90", "p95", "p99", "distinct",
    "largest_share", "least_share", "largest_count", "highest_share",
    "token_share", "krippendorff_alpha", "compression_ratio",
    "present", "lot", "size", "chars", "words", "names", "expired", "mentions", "matches", "adds_up", "quoted",
    "citations_resolve",
    "is_json", "code_parses", "in_language", "script_share", "echoed", "opening", "skeleton",
    "said", "follows", "calls_answered", "tools_valid", "arguments_valid", "peeks_ahead",
    "readable", "as_listed", "well_formed", "resolves", "attached", "repeated",
    "duplicate", "near_duplicate", "crosses", "overlaps", "taken_from",
    "has_secret", "has_pii", "has_hidden_text", "has_disguise", "has_reasoning",
    "has_artefact",
    "lineage_depth", "ancestry_known",
    "tokens", "rendered_tokens", "trained_tokens", "mask_as_declared", "end_of_turn_trained", "target_truncated",
    "has_control_tokens", "shown", "prefix_stable", "begins_twice",
    "fixes", "passes", "defective", "exact_match", "same_json", "same_number", "choice", "declines",
    "gain", "scaling", "ablation",
)  # fmt: skip
"""Every measure, one module of this package each, in the order of `std/measures.sftspec`."""


class _Measures(Mapping[str, Measure]):
    """Imports a measure when it is first asked for, so that a command loads what its contract uses."""

    def __getitem__(self, name: str) -> Measure:
        if is_plugin(name):
            name = "_plugged"
        elif name not in NAMES:
            raise KeyError(name)
        measure: Measure = importlib.import_module(f"acceptance.measures.{name}").MEASURE
        return measure

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


MEASURES: Mapping[str, Measure] = _Measures()


def parameters(measure: str) -> tuple[Parameter, ...]:
    """The declared parameters of a measure."""
    from spec_lang.signatures import signatures  # the parser, which a contract in hand has loaded

    return signatures()[measure].parameters


def row_parameters(call: Call) -> list[str]:
    """The parameters whose arguments are read from each row; of a plug-in's call, all that are no written values."""
    if is_plugin(call.measure):
        return list(dict.fromkeys(one.name for one in call.args if one.value.op not in ("const", "set")))
    return [parameter.name for parameter in parameters(call.measure) if parameter.row]


def is_plugin(measure: str) -> bool:
    """Whether a plug-in brings a measure."""
    return "." in measure


def evidence_of(measure: str) -> str:
    """The evidence table a measure reads (`from lines`); empty where it reads delivered rows."""
    from spec_lang.signatures import evidence_of

    return evidence_of(measure)
