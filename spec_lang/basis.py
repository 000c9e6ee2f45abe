"""An expression to the stage at which it can be decided and the basis on which it then rests."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.contract import Basis, Call, Expr, Op, Path, Quantified, Stage
from spec_lang.signatures import evidence_of, is_plugin, signatures
from spec_lang.types import Enum, Ref, Scalar, bare

WEAKEST: tuple[Basis, ...] = ("recomputed", "plugin", "executed", "reviewed", "declared")
FROM_EVIDENCE: dict[str, Basis] = {"scores": "executed", "executions": "executed", "reviews": "reviewed"}
DECLARED_GROUPS = frozenset(("source", "governance"))
STRUCTURAL = frozenset(
    (
        "present",
        "size",
        "names",
        "well_formed",
        "resolves",
        "repeated",
        "duplicate",
        "has_secret",
        "tokens",
        "in_language",
        "shown",
    )
)
"""Measures that look at a field's presence or content, whatever the vendor says it means."""


def calls(expr: Expr) -> Iterator[Call]:
    """All measures in an expression, outer ones first."""
    if isinstance(expr, Call):
        yield expr
        for argument in expr.args:
            yield from calls(argument.value)
    for inner in children(expr):
        yield from calls(inner)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The operands of an operator or quantifier."""
    if isinstance(expr, Op):
        return expr.args
    if isinstance(expr, Quantified):
        return (expr.over, expr.body)
    return ()


def stage(expr: Expr) -> Stage:
    """The last stage that a measure in the expression needs. What reads a sealed set waits for the buyer's intake."""
    found: set[Stage] = {"delivery"}
    for call in calls(expr):
        source, signature = evidence_of(call.measure), signatures().get(call.measure)
        if source == "scores":
            found.add("trial")
        elif source == "reviews" or (signature and any(item.sort == ("heldout",) for item in signature.parameters)):
            found.add("review")
    return "trial" if "trial" in found else "review" if "review" in found else "delivery"


def basis(expr: Expr) -> Basis:
    """The weakest basis among the inputs of an expression."""
    found: set[Basis] = {"recomputed"}
    _collect(expr, found)
    return max(found, key=WEAKEST.index)


def _collect(expr: Expr, found: set[Basis]) -> None:
    if isinstance(expr, Call):
        if is_plugin(expr.measure):
            found.add("plugin")
            return
        found.add(FROM_EVIDENCE.get(evidence_of(expr.measure), "recomputed"))
        if expr.measure in STRUCTURAL:
            return
        for argument in expr.args:
            _collect(argument.value, found)
    elif isinstance(expr, Path) and is_word_of_vendor(expr):
        found.add("declared")
    for inner in children(expr):
        _collect(inner, found)


def is_word_of_vendor(path: Path) -> bool:
    """Provenance, rights, people and labels are the vendor's word; texts, numbers and settings are looked at."""
    if path.root != "row" or not path.steps:
        return False
    if path.steps[0] in DECLARED_GROUPS or any(step.startswith("->") for step in path.steps):
        return True
    if path.steps[0] in ("input", "target"):
        inner = bare(path.type)
        return isinstance(inner, Enum) or (
            isinstance(inner, Scalar) and inner.name in ("Bool", "Lang", "License", "Date")
        )
    return path.steps[0] not in ("training",) and len(path.steps) == 1 and isinstance(bare(path.type), Enum | Ref)
