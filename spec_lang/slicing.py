"""Calls of `scaling` and `ablation` to whether they name parts of the record that a trial can train; reported."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from spec_lang.contract import Call, Path, SetExpr
from spec_lang.dotted import shape_of
from spec_lang.scope import Scope
from spec_lang.source import Span
from spec_lang.types import Enum, JsonOf, Quantity, RecordOf, Type, bare, describe, plain

SHARES = "write shares of the delivery: `{ 25%, 50%, 100% }`"


def names_parts(scope: Scope, call: Call, spans: dict[str, Span]) -> bool:
    """Whether the arguments of a call are as its measure needs them; any other measure's are."""
    name = {"scaling": "fractions", "ablation": "by"}.get(call.measure)
    wrong = None if name is None else _no_share(call) if name == "fractions" else _no_slice(scope, call)
    if wrong is None:
        return True
    message, help = wrong
    scope.report.error("SFT4012", message, spans[name or ""], help=help)
    return False


def _no_share(call: Call) -> tuple[str, str] | None:
    written = call.arg("fractions")
    for item in written.items if isinstance(written, SetExpr) else ():
        if bare(item.type) != Quantity(unit="%"):
            return f"`fractions` are shares; `{item.value}` is {describe(item.type)}", SHARES
        if not 0 < Decimal(str(item.value)) <= 100:
            return f"{plain(Decimal(str(item.value)))}% of the delivery is no part of it", SHARES
    return None


def _no_slice(scope: Scope, call: Call) -> tuple[str, str] | None:
    by = call.arg("by")
    if not isinstance(by, Path) or not isinstance(bare(by.type), Enum):
        return "slices go by the words of an enum", "name a field that is declared as one"
    trained = {recipe.table.text for recipe in scope.symbols.recipes.values()}
    if trained and scope.table not in trained:
        return (
            f"slices go by a field of what is trained; {scope.table} is not",
            "put the clause into terms on that record",
        )
    if any(step.startswith("->") for step in by.steps):
        return "slices go by a field of the record itself; this one stands in another table", "copy it to the record"
    if any(isinstance(owner, JsonOf) for owner in _owners(scope, by)):
        return "slices go by a field of the record itself; this one lies in a text of JSON", "copy it to the record"
    return None


def _owners(scope: Scope, by: Path) -> Iterator[Type]:
    """The types that a path goes through, from its row on."""
    shapes = scope.symbols.shapes
    owner: Type = RecordOf(name=scope.symbols.tables[scope.table].shape)
    for step in by.steps[:-1]:
        shape = shape_of(owner, shapes.__getitem__)
        owner = next((field.type for field in shape.fields if field.name == step), owner) if shape else owner
        yield bare(owner)
