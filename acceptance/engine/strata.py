"""One delivered table while it is judged: its columns, where its rows stand, and which rows each stage accepts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from acceptance.engine.columns import Columns
from acceptance.tables import Batch, Column
from acceptance.values import exact
from acceptance.values.exact import Mask
from acceptance.values.places import Places
from spec_lang.contract import STAGES, Clause, Stage


class Strata:
    """The state of one table: filled by `add`, closed by `finish`, then read by `settle` and the entries."""

    def __init__(self, table: str, columns: Columns) -> None:
        self.table = table
        self.columns = columns
        self.places = Places()
        self.accepted: dict[Stage, Mask] = {}

    def add(self, batch: Batch) -> None:
        self.columns.add(batch)
        self.places.add(batch)

    def finish(self) -> None:
        """After the last batch of every table, since marks may look at other tables' keys."""
        self.columns.finish()

    def everything(self) -> Mask:
        return np.ones(len(self.places), dtype=np.bool_)

    def before(self, stage: Stage) -> Mask:
        """The rows that come into a stage."""
        position = STAGES.index(stage)
        return self.accepted[STAGES[position - 1]] if position else self.everything()

    def settle(self, dropping: list[Clause]) -> None:
        """The first stratum: row clauses that drop are applied stage by stage, each to the rows that came so far.

        Later stages drop more; the sets of the earlier ones stand as they were.
        """
        mask = self.everything()
        for stage in STAGES:
            for clause in dropping:
                if clause.stage == stage and clause.mark is not None:
                    mask = mask & ~refuted(self.columns.column(clause.mark))
            self.accepted[stage] = mask  # of two stages the same, where the later one drops nothing

    def final(self) -> Mask:
        """The rows that every stage accepted."""
        return self.accepted[STAGES[-1]]

    def lots(self, rows: Mask) -> Iterator[tuple[int, Mask]]:
        """The rows of each lot that was delivered."""
        for lot, here in self.places.lots():
            chosen = np.zeros(len(rows), dtype=np.bool_)
            chosen[here] = rows[here]
            yield lot, chosen


def refuted(column: Column) -> Mask:
    """The rows where a predicate is known to be False."""
    return column.known & ~exact.truth(column)
