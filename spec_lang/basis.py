"""An expression to the stage at which it can be decided and the basis on which it then rests."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.contract import Argument, Basis, Call, Expr, Op, Path, Quantified, Stage
from spec_lang.signatures import evidence_of, is_plugin, signatures
from spec_lang.types import Enum, ListOf, Money, Quantity, Ref, Scalar, Type, bare

WEAKEST: tuple[Basis, ...] = ("recomputed", "plugin", "executed", "reviewed", "declared")
FROM_EVIDENCE: dict[str, Basis] = {"scores": "executed", "executions": "executed", "reviews": "reviewed"}
CLAIMS = frozenset(("Bool", "Int", "Number", "Date", "Time", "Duration", "Lang", "License", "Url"))
"""Types whose values say something that the data itself does not show."""
OBEYED = (("training", "split"), ("training", "weight"))
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
    """The weakest basis among the inputs of an expression; what a plug-in is handed, it answers for."""
    found: set[Basis] = {_of_measure(call.measure) for call in _answering(expr)} | {"recomputed"}
    if next(claimed(expr), None) is not None:
        found.add("declared")
    return max(found, key=WEAKEST.index)


def _of_measure(measure: str) -> Basis:
    return "plugin" if is_plugin(measure) else FROM_EVIDENCE.get(evidence_of(measure), "recomputed")


def _answering(expr: Expr) -> Iterator[Call]:
    """All measures but those whose values a plug-in is handed."""
    if isinstance(expr, Call):
        yield expr
        for argument in () if is_plugin(expr.measure) else expr.args:
            yield from _answering(argument.value)
    for inner in children(expr):
        yield from _answering(inner)


def claimed(expr: Expr) -> Iterator[Path]:
    """The values in an expression for which only the vendor vouches, in whatever group they stand.

    Labels, numbers, dates, rights and people are claims; so is a text that stands for a name: compared as it is, or
    counted by. Texts and files that are measured are looked at.
    """
    if isinstance(expr, Path):
        yield from (expr,) if _is_claim(expr) else ()
    elif isinstance(expr, Call) and expr.measure not in STRUCTURAL and not is_plugin(expr.measure):
        for argument in expr.args:
            yield from (argument.value,) if _counts_by(expr, argument) else ()  # type: ignore[misc]
            yield from claimed(argument.value)
    elif isinstance(expr, Op) and expr.name in ("==", "!=", "in") and not _measures(expr):
        yield from (one for one in expr.args if _is_name(one))  # type: ignore[misc]
    if not isinstance(expr, Call):
        for inner in children(expr):
            yield from claimed(inner)


def _measures(expr: Op) -> bool:
    return any(isinstance(one, Call) for one in expr.args)


def _counts_by(call: Call, argument: Argument) -> bool:
    """Whether an aggregate counts by a text, as `largest_share(source.author)` does."""
    sorts = {item.name: item.sort for item in signatures()[call.measure].parameters}
    return call.kind == "aggregate" and sorts[argument.name] == ("Any",) and _is_name(argument.value)


def _is_name(expr: Expr) -> bool:
    """Whether this is a text of the row, to be taken as it is."""
    inner = bare(expr.type) if isinstance(expr, Path) and expr.root == "row" else None
    return isinstance(inner, Scalar) and inner.name in ("Text", "Sha256")


def _is_claim(path: Path) -> bool:
    if path.root == "answer" or (path.root == "row" and path.steps in OBEYED):
        return False
    return any(step.startswith("->") for step in path.steps) or _claims(path.type)


def _claims(type_: Type) -> bool:
    inner = bare(type_)
    if isinstance(inner, ListOf):
        return _claims(inner.item)
    return isinstance(inner, Enum | Ref | Quantity | Money) or (isinstance(inner, Scalar) and inner.name in CLAIMS)
