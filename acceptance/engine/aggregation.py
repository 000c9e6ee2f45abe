"""The second stratum: one aggregate over the chosen rows of a table, as an interval where rows could not be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acceptance.engine.columns import has_mark
from acceptance.engine.functions import Workshop
from acceptance.engine.judging import Interval
from acceptance.engine.reasons import told
from acceptance.engine.strata import Strata
from acceptance.measures import MEASURES, parameters
from acceptance.measures.protocol import Aggregate, Aggregated, FromTable
from acceptance.tables import Column, Detail
from acceptance.values import exact
from acceptance.values.exact import Mask
from acceptance.values.parts import walk
from spec_lang.contract import Argument, Call, Clause, Const, Expr
from spec_lang.types import Quantity


@dataclass(frozen=True, slots=True)
class Found:
    """An aggregate as measured: its value, the rows behind it, and how many could not be judged."""

    value: Interval | None
    rows: Mask | None
    others: Mask | None
    """For a single condition: the chosen rows that do not satisfy it."""
    details: dict[int, Detail]
    note: str
    unjudged: int
    why: str
    """What a measure says of the first row that could not be judged."""
    empty: bool


def aggregates(expr: Expr) -> list[Call]:
    """The aggregates of a clause, each once, outermost only."""
    calls = (node for node in walk(expr) if isinstance(node, Call) and node.kind == "aggregate")
    return list(dict.fromkeys(calls))


def plan(call: Call, strata: Strata) -> None:
    """Asks for the columns an aggregate needs. Raises Unavailable."""
    for expr, text in _inputs(call):
        if text:
            strata.columns.want_text(expr)
        else:
            truths = (True, False) if has_mark(expr) else (None,)  # either may count against the clause
            for truth in truths:
                strata.columns.want(expr, truth)


def measure(call: Call, strata: Strata, clause: Clause, lot: Mask, workshop: Workshop) -> Found:
    """The aggregate over accepted rows of its stage, or all delivered ones where it says so, within `lot`."""
    aggregate = MEASURES[call.measure]
    if not isinstance(aggregate, Aggregate):
        raise TypeError(f"`{call.measure}` is no aggregate of rows")
    chosen = _rows(call, strata, clause) & lot
    columns = [strata.columns.text(expr) if text else strata.columns.column(expr) for expr, text in _inputs(call)]
    unknown = chosen & ~np.logical_and.reduce([column.known for column in columns] or [strata.everything()])
    results = [
        aggregate.reduce(filled, chosen, workshop.aggregate(call)) for filled in _fillings(call, columns, unknown)
    ]
    values = [result.value for result in results]
    sure = bool(values) and all(value is not None for value in values)
    last = results[0] if results else Aggregated(None)
    others = chosen & ~exact.truth(columns[0]) if _is_condition(call) else None
    return Found(
        value=Interval(min(values), max(values)) if sure else None,
        rows=last.rows,
        others=others,
        details=columns[0].details if columns else {},
        note="; ".join(filter(None, (last.note, *(column.note for column in columns)))),
        unjudged=int(unknown.sum()),
        why=told(columns, unknown),
        empty=not chosen.any(),
    )


def from_table(call: Call) -> bool:
    """Whether a measure reads an evidence table instead of delivered rows."""
    return isinstance(MEASURES[call.measure], FromTable)


def _rows(call: Call, strata: Strata, clause: Clause) -> Mask:
    if any(one.name == "of" and isinstance(one.value, Const) and one.value.value == "delivered" for one in call.args):
        return strata.everything()
    return strata.final() if clause.origin == "volume" else strata.accepted[clause.stage]


def _inputs(call: Call) -> list[tuple[Expr, bool]]:
    """The expressions whose columns an aggregate reads, in parameter order, and whether one is text kept on disk.

    A `by: recipe` asks for the trained tokens of each row, as the last column.
    """
    found: list[tuple[Expr, bool]] = []
    for parameter in parameters(call.measure):
        if parameter.row:
            found += [(expr, parameter.sort == ("Text",)) for expr in call.all(parameter.name)]
    for parameter in parameters(call.measure):
        if parameter.sort == ("recipe",):
            by = Argument(name="by", value=call.arg(parameter.name))
            tokens = Call(measure="trained_tokens", kind="row", args=(by,), type=Quantity(unit="tokens"))
            found.append((tokens, False))
    return found


def _is_condition(call: Call) -> bool:
    first = next(iter(parameters(call.measure)), None)
    return first is not None and first.row and first.sort == ("Bool",)


def _fillings(call: Call, columns: Sequence[Column], unknown: Mask) -> list[Sequence[Column]]:
    """The columns with rows that could not be judged set both ways; none where that bounds nothing.

    An aggregate of a condition moves one way with each row, so its extremes lie at all False and at all True.
    """
    if not unknown.any():
        return [columns]
    if not _is_condition(call) or any((unknown & ~column.known).any() for column in columns[1:]):
        return []
    return [[_filled(columns[0], unknown, value), *columns[1:]] for value in (False, True)]


def _filled(column: Column, unknown: Mask, value: bool) -> Column:
    truth = np.where(unknown, value, exact.truth(column))
    return Column(truth, column.known | unknown, column.details)
