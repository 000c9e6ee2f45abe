"""Evidence tables of later stages (reviews, scores) to the values that clauses compare."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from acceptance.engine.functions import Workshop
from acceptance.measures import MEASURES
from acceptance.measures.protocol import Aggregated, FromTable, Unavailable
from acceptance.statistics.cells import Scored, cells
from spec_lang.contract import Call

ASKED = {"reviews": "; `sftspec sample` draws what people review, and --reviews takes what they found"}


class Produced:
    """The tables that producers made of a delivery. Raises Unavailable for a measure whose table is not here."""

    def __init__(self, tables: Mapping[str, Any], workshop: Workshop) -> None:
        self.tables = tables
        self.workshop = workshop

    @cached_property
    def scored(self) -> Scored:
        """The trial's scores, arranged once for all clauses. Raises ScoresError."""
        return cells(self.tables["scores"])

    def check(self, call: Call) -> None:
        measure = MEASURES[call.measure]
        if isinstance(measure, FromTable) and measure.table not in self.tables:
            raise Unavailable(f"there are no {measure.table} to decide it on{ASKED.get(measure.table, '')}")

    def reduce(self, call: Call) -> Aggregated:
        """The measure's outcome over its evidence table."""
        self.check(call)
        measure = MEASURES[call.measure]
        if not isinstance(measure, FromTable):
            raise TypeError(f"`{call.measure}` does not read an evidence table")
        return measure.reduce(self.tables[measure.table], self.workshop.aggregate(call))
