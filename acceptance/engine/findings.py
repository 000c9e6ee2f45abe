"""Marked rows to located findings: where each row came from, what was expected there, and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.engine.expressions import Setting, compile_, getter
from acceptance.engine.wording import describe, dotted, json_path, row_paths
from acceptance.ledger import Finding
from acceptance.tables import ABSENT, Batch, Detail, Getter, Malformed, Origin, Row
from spec_lang.contract import Clause, Expr, Op, Path, Quantified

MOST = 20
"""Findings kept per clause; counts are always complete."""
Explain = Callable[[Row], Detail]
LONGEST = 300
"""Characters kept of a delivered value."""


class Origins:
    """Where each row of a table came from: a few bytes per row."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.parts: list[npt.NDArray[np.int64]] = []
        self.table: npt.NDArray[np.int64] = np.zeros((0, 3), dtype=np.int64)

    def add(self, batch: Batch) -> None:
        rows = [(self.files.setdefault(one.file, len(self.files)), one.line, one.lot) for one in batch.origins]
        self.parts.append(np.array(rows, dtype=np.int64).reshape(-1, 3))

    def finish(self) -> None:
        self.table = np.concatenate([self.table, *self.parts])
        self.parts = []

    def __len__(self) -> int:
        return len(self.table)

    def at(self, row: int) -> Origin:
        file, line, lot = self.table[row].tolist()
        return Origin(list(self.files)[file], line, lot)

    def lots(self) -> npt.NDArray[np.int64]:
        """The lot of each row."""
        return self.table[:, 2]


def located(
    clause: Clause,
    rows: Iterable[int],
    origins: Origins,
    details: Mapping[int, Detail],
    otherwise: Detail,
    show_values: bool,
) -> tuple[Finding, ...]:
    """The first rows as findings, in delivered order; `otherwise` explains a row that has no detail of its own."""
    found = []
    for row in sorted(rows)[:MOST]:
        found.append(finding(clause.name, origins.at(row), details.get(row, otherwise), show_values))
    return tuple(found)


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


def unexplained(mark: Expr) -> Detail:
    """What can be said of any row that a predicate is false of, without looking at it."""
    where = ", ".join(dict.fromkeys(map(json_path, row_paths(mark)))) or "$"
    words = describe(mark)
    return Detail(where, words, "", f"`{words}` does not hold")


def explainer(mark: Expr, setting: Setting) -> Explain:
    """A function from a row that the predicate is false of to why."""
    if isinstance(mark, Op) and mark.name == "and":
        return _first_refuted([(getter(arg, setting), explainer(arg, setting)) for arg in mark.args])
    base = unexplained(mark)
    getters = [(path, getter(path, setting)) for path in row_paths(mark)]
    entry = _entry(mark, setting)

    def explain(row: Row) -> Detail:
        found = "; ".join(f"{dotted(path)} = {_shown(get, row)}" for path, get in getters)
        return Detail(entry(row) or base.path, base.expected, found, base.message, base.help)

    return explain


def _first_refuted(sides: Sequence[tuple[Getter, Explain]]) -> Explain:
    """Of conditions that must all hold, the first that does not explains the row."""

    def explain(row: Row) -> Detail:
        for holds, explain_side in sides:
            try:
                if not holds(row):
                    return explain_side(row)
            except Malformed:
                continue
        raise ValueError("asked to explain a row of which every condition holds")

    return explain


def _entry(mark: Expr, setting: Setting) -> Callable[[Row], str]:
    """For `all x in list satisfies ...`: the path of the first entry that does not."""
    if not (isinstance(mark, Quantified) and mark.which == "all" and isinstance(mark.over, Path)):
        return lambda row: ""
    one = mark.model_copy(update={"over": Path(root="entries", steps=(), type=mark.over.type)})
    holds = compile_(one, setting.binding("entries", mark.over.type))
    over, base = getter(mark.over, setting), json_path(mark.over)

    def entry(row: Row) -> str:
        for position, value in enumerate(over(row)):
            try:
                if not holds({"row": row, "entries": [value]}):
                    return f"{base}[{position}]"
            except Malformed:
                continue
        return ""

    return entry


def _shown(get: Callable[[Row], Any], row: Row) -> str:
    try:
        value = get(row)
    except Malformed:
        return "malformed"
    if value is ABSENT:
        return "absent"
    return json.dumps(value, ensure_ascii=False, default=str)[:LONGEST]
