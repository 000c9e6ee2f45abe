"""Uses of a measure, rows in batches, and all ways of running a marker that must give the same column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acceptance.executions import Execute
from acceptance.measures.protocol import Marker, RowMark, Use
from acceptance.tables import ABSENT, Batch, Column, Getter, Malformed, Origin, Row
from spec_lang.contract import Argument, Call, Const, Contract, FieldDef, HeldOut, Shape, TableDef
from spec_lang.contract import Path as PathExpr
from spec_lang.types import BOOL, TEXT, Enum, Named, OptionalOf, RecordOf

RECORD = Contract(
    name="c", version="1", buyer="b", vendor="v", record="R", tables=(TableDef(name="R", shape="R", key="id"),),
    shapes=(
        Shape(name="R", fields=(FieldDef(name="id", type=TEXT), FieldDef(name="input", type=RecordOf(name="R.input")),
                                FieldDef(name="target", type=RecordOf(name="R.target")),
                                FieldDef(name="note", type=OptionalOf(item=TEXT)))),
        Shape(name="R.input", fields=(FieldDef(name="ask", type=TEXT),
                                      FieldDef(name="task", type=OptionalOf(item=Enum(members=("x", "y")))))),
        Shape(name="R.target", fields=(FieldDef(name="answer", type=TEXT),)),
    ),
    heldouts=(HeldOut(name="exam", record="R", items="exam.jsonl", size=1),), clauses=(),
)  # fmt: skip


def reader(*steps: str, of: type = str) -> Getter:
    """Reads `row[step][step]...`; Malformed where it is not of the type."""

    def get(row: Row) -> Any:
        value: Any = row
        for step in steps:
            if step not in value:
                return ABSENT
            value = value[step]
        if not isinstance(value, of):
            raise Malformed
        return value

    return get


def use(
    measure: str,
    getters: dict[str, list[Getter]] | None = None,
    paths: dict[str, list[str]] | None = None,
    items: Callable[[str], Iterable[dict[str, Any]]] | None = None,
    contract: Contract = RECORD,
    execute: Callable[[str], Execute] | None = None,
    **words: str | Sequence[str],
) -> Use:
    """A use of `measure` with literal arguments `words`."""
    args = []
    for name, given in words.items():
        for value in [given] if isinstance(given, str) else given:
            args.append(Argument(name=name, value=Const(value=value, type=Named(what="word"))))
    for name, readers in (getters or {}).items():
        args += [Argument(name=name, value=PathExpr(root="row", steps=(), type=TEXT)) for _ in readers]
    call = Call(measure=measure, kind="row", args=tuple(args), type=BOOL)

    def unused(name: str) -> Any:
        raise AssertionError(name)

    return Use(call, contract, Path(), getters or {}, paths or {}, unused, items or unused, execute or unused)


def batches(rows: Sequence[Row], size: int = 1_000, table: str = "R") -> list[Batch]:
    """The rows in batches, each line of one file `a.jsonl`, from line 1."""
    return [
        Batch(table, at, [dict(row) for row in rows[at : at + size]],
              [Origin("a.jsonl", at + i + 1) for i in range(len(rows[at : at + size]))])
        for at in range(0, len(rows), size)
    ]  # fmt: skip


def run(measure: RowMark, of: Use, rows: Sequence[Row], size: int = 1_000) -> Column:
    """One pass over the rows."""
    marker = measure.make(of)
    for batch in batches(rows, size):
        marker.add(batch)
    return marker.finish()


def run_in_parts(measure: RowMark, of: Use, rows: Sequence[Row], size: int, parts: int) -> Column:
    """The rows dealt to several markers in order, then merged."""
    dealt = np.array_split(np.arange(len(batches(rows, size))), parts)
    markers: list[Marker] = [measure.make(of) for _ in dealt]
    every = batches(rows, size)
    for marker, numbers in zip(markers, dealt, strict=True):
        for number in numbers:
            marker.add(every[number])
    first, *later = markers
    for marker in later:
        first.merge(marker)
    return first.finish()


def same(a: Column, b: Column) -> bool:
    """Equal values, known flags and details."""
    return bool((a.values == b.values).all() and (a.known == b.known).all() and a.details == b.details)


def marked(column: Column) -> list[int]:
    """Rows that are marked."""
    return np.flatnonzero(np.asarray(column.values, dtype=bool) & column.known).tolist()
