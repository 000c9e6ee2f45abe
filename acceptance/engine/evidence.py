"""Evidence tables of later stages (executions, reviews, scores) to what clauses use: marks on rows, or one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from acceptance.engine.functions import Workshop
from acceptance.measures import MEASURES
from acceptance.measures.protocol import Aggregated, FromTable, Unavailable
from acceptance.tables import Column
from spec_lang.contract import Call


class Produced:
    """The tables that producers made of a delivery. Raises Unavailable for a measure whose table is not here."""

    def __init__(self, tables: Mapping[str, Any], workshop: Workshop) -> None:
        self.tables = tables
        self.workshop = workshop

    def check(self, call: Call) -> None:
        measure = MEASURES[call.measure]
        if isinstance(measure, FromTable) and measure.table not in self.tables:
            raise Unavailable(f"there are no {measure.table} to decide it on")

    def reduce(self, call: Call) -> Aggregated:
        """The measure's outcome over its evidence table."""
        self.check(call)
        measure = MEASURES[call.measure]
        if not isinstance(measure, FromTable):
            raise TypeError(f"`{call.measure}` does not read an evidence table")
        return measure.reduce(self.tables[measure.table], self.workshop.aggregate(call))

    def column(self, call: Call, rows: int) -> Column:
        """A row measure over evidence: True but for the rows that count against it."""
        outcome = self.reduce(call)
        marks = np.ones(rows, dtype=np.bool_)
        if outcome.value is None:
            return Column(marks, np.zeros(rows, dtype=np.bool_))
        if outcome.rows is not None:
            marks[outcome.rows] = False
        return Column.of(marks)
