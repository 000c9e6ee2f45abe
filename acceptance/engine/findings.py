"""Marked rows to located findings: where each row came from, what was expected there, and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from acceptance.engine.expressions import Reader, Scope, Setting, compile_, getter
from acceptance.engine.wording import describe, json_path, row_paths
from acceptance.ledger import Finding
from acceptance.tables import ABSENT, Detail, Getter, Malformed, Origin, Row
from acceptance.values.exact import Mask
from acceptance.values.parts import walk
from acceptance.values.places import Places
from spec_lang.contract import Call, Clause, Expr, Op, Path, Quantified
from spec_lang.types import BOOL, ListOf, bare

MOST = 20
"""Findings kept per clause; counts are always complete."""
Explain = Callable[[Row], Detail]
LONGEST = 300
"""Characters kept of a delivered value."""
QUOTED = 120
"""Characters of a formula that a finding repeats."""


def located(
    clause: Clause,
    rows: Iterable[int],
    places: Places,
    details: Mapping[int, Detail],
    otherwise: Detail,
    show_values: bool,
) -> tuple[Finding, ...]:
    """The first rows as findings, in delivered order; `otherwise` explains a row that has no detail of its own."""
    found = []
    for row in sorted(rows)[:MOST]:
        found.append(finding(clause.name, places[row], details.get(row, otherwise), show_values))
    return tuple(found)


def first(rows: Mask) -> list[int]:
    """The first of the rows, as many as are told."""
    found: list[int] = np.flatnonzero(rows)[:MOST].tolist()
    return found


def finding(clause: str, origin: Origin, detail: Detail, show_values: bool) -> Finding:
    """One finding. The delivered value is left out unless asked for."""
    return Finding(
        clause=clause,
        file=origin.file,
        line=origin.line,
        path=detail.path,
        message=detail.message or f"expected {detail.expected}",
        expected=detail.expected,
        found=detail.found[:LONGEST] if show_values else None,
        help=detail.help,
    )


def unexplained(mark: Expr, held: bool = False) -> Detail:
    """What can be said of any row that a predicate is false of, or true if `held`, without looking at it."""
    where = ", ".join(dict.fromkeys(map(json_path, row_paths(mark)))) or "$"
    while isinstance(mark, Op) and mark.name == "not":
        mark, held = mark.args[0], not held
    expected = Op(name="not", args=(mark,), type=BOOL) if held else mark
    words = f"`{quoted(describe(mark))}` {'holds' if held else 'does not hold'}"
    return Detail(where, quoted(describe(expected)), "", words)


def quoted(words: str) -> str:
    """A long formula by its first words: its name stands above it, and the contract has the rest."""
    return words if len(words) <= QUOTED else f"{words[:QUOTED].rpartition(' ')[0]} ..."


def explainer(mark: Expr, setting: Setting, held: bool = False) -> Explain:
    """A function from a row that the predicate is false of, or true if `held`, to why."""
    match mark:
        case Op(name="not", args=(inner,)):
            return explainer(inner, setting, not held)
        case Op(name="and" | "or" as name, args=args) if (name == "or") == held:
            return _first([(getter(arg, setting), explainer(arg, setting, held)) for arg in args], held)
    base = unexplained(mark, held)
    getters = [(path, getter(path, setting)) for path in row_paths(mark)]
    seek = innermost(mark, setting) if not held else _nowhere

    def explain(row: Row) -> Detail:
        place = seek({"row": row}, {"row": "$"})
        if place is not None:
            return _at(place, base)
        found = "; ".join(f"{path.dotted} = {_shown(get, row)}" for path, get in getters)
        return Detail(base.path, base.expected, found, base.message, base.help)

    return explain


def _at(place: Place, base: Detail) -> Detail:
    """The explanation at one place; where a field is absent there, with that."""
    if not place.absent:
        return Detail(place.path, base.expected, _json(place.value), base.message, base.help)
    message = f"{base.message}: `{place.absent}` is absent, and an absent value satisfies no comparison"
    return Detail(place.path, base.expected, "absent", message, "deliver it, or agree on what holds where it is absent")


def _first(sides: Sequence[tuple[Getter, Explain]], held: bool) -> Explain:
    """Of conditions joined so that each decides alone, the first that does explains the row."""

    def explain(row: Row) -> Detail:
        for holds, explain_side in sides:
            try:
                if bool(holds(row)) == held:
                    return explain_side(row)
            except Malformed:
                continue
        raise ValueError("asked to explain a row which no condition decides")

    return explain


class Place(NamedTuple):
    """A path in the row, and the value there or, in the contract's words, the field that is absent."""

    path: str
    value: Any
    absent: str = ""


Seek = Callable[[Scope, Mapping[str, str]], Place | None]
"""From what is in scope, and the path of each root, to the innermost place that refutes an expression."""


def innermost(expr: Expr, setting: Setting) -> Seek:
    """Into the first entry that an `all` is refuted by, through `and`, `implies` and whatever stands within."""
    match expr:
        case Op(name="and", args=args):
            sides = [(compile_(arg, setting), innermost(arg, setting)) for arg in args]
            return lambda scope, paths: next(
                (seek(scope, paths) for holds, seek in sides if _refutes(holds, scope)), None
            )
        case Op(name="implies", args=(_, then)):
            return innermost(then, setting)
        case Quantified(which="all", over=Path()):
            return _entry(expr, setting)
        case Op(name="==" | "!=" | "<" | "<=" | ">" | ">=" | "in", args=args):
            operands = [_absence(arg, setting) for arg in args if isinstance(arg, (Path, Op, Call))]
            return lambda scope, paths: next((found for seek in operands if (found := seek(scope, paths))), None)
        case _:
            return _nowhere


def _nowhere(scope: Scope, paths: Mapping[str, str]) -> Place | None:
    return None


def _absence(operand: Expr, setting: Setting) -> Seek:
    """To the first field whose absence leaves one side of a comparison without a value."""
    read = compile_(operand, setting)
    fields = [node for node in walk(operand) if isinstance(node, Path) and node.root in setting.roots]
    readers = [(path, compile_(path, setting)) for path in fields]

    def seek(scope: Scope, paths: Mapping[str, str]) -> Place | None:
        try:
            gone = [path for path, value in readers if value(scope) is ABSENT] if read(scope) is ABSENT else []
        except Malformed:
            return None
        here = (Place(paths[path.root] + json_path(path).removeprefix("$"), ABSENT, path.dotted) for path in gone)
        return next(here, None)

    return seek


def _entry(expr: Quantified, setting: Setting) -> Seek:
    assert isinstance(expr.over, Path)
    variable, listed, steps = expr.variable, bare(expr.over.type), json_path(expr.over).removeprefix("$")
    within = setting.binding(variable, listed.item if isinstance(listed, ListOf) else expr.over.type)
    over, holds, seek = compile_(expr.over, setting), compile_(expr.body, within), innermost(expr.body, within)
    root, joined = expr.over.root, any(step.startswith("->") for step in expr.over.steps)

    def entry(scope: Scope, paths: Mapping[str, str]) -> Place | None:
        base = paths[root] + steps
        for position, value in enumerate(over(scope) or ()):
            inner = {**scope, variable: value}
            if _refutes(holds, inner):
                if joined:  # what stands in another table has no place in this row
                    return Place(base, value)
                place = f"{base}[{position}]"
                return seek(inner, {**paths, variable: place}) or Place(place, value)
        return None

    return entry


def _refutes(holds: Reader, scope: Scope) -> bool:
    try:
        return not holds(scope)
    except Malformed:
        return False


def _shown(get: Callable[[Row], Any], row: Row) -> str:
    try:
        value = get(row)
    except Malformed:
        return "malformed"
    return _json(value)


def _json(value: Any) -> str:
    return "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False, default=str)[:LONGEST]
