"""Whether a `ref`, or every `ref` of a list, names a row that was delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from acceptance.measures._marks import Marks
from acceptance.measures.protocol import RowMark, Use
from acceptance.measures.well_formed import GroupMissing, reach, steps_of
from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from spec_lang.types import ListOf, OptionalOf, Ref, Type, bare

Keys = Callable[[str], set[str | int]]
"""Table name -> its keys; those of the bought record are complete when the pass has ended."""


class Resolves(Marks):
    """Answers at once where the key was seen; what is left is kept by row until all keys are known."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.steps = steps_of(use.call)
        self.pending: dict[int, list[tuple[str, str | int]]] = {}
        self.keys: Keys | None = None
        self.target = ""

    def add(self, batch: Batch) -> None:
        self.keys = batch.cache["keys"]
        shape = self.contract.shape(self.contract.table(batch.table).shape)
        read, field = reach(shape, self.steps, self.contract)
        for row in batch.rows:
            try:
                owner = read(row)
                if owner is None:
                    self.put(True)
                else:
                    self._judge(owner.get(field.name), field.type)
            except (GroupMissing, ValueError):
                self.put(None)

    def _judge(self, value: Any, type_: Type) -> None:
        """Raises ValueError for a value that is no key: its type clause says so."""
        self.target = table_of(type_)
        missing = [(place, key) for place, key in references(value, type_) if key not in self._known()]
        if missing:
            self.pending[len(self.answers)] = missing
        self.put(True)

    def merge(self, later: Resolves) -> None:
        start = len(self.answers)
        super().merge(later)
        self.pending |= {start + row: missing for row, missing in later.pending.items()}
        self.target = self.target or later.target
        self.keys = self.keys or later.keys

    def finish(self) -> Column:
        column = super().finish()
        column.values = np.array(column.values)
        for row, missing in sorted(self.pending.items()):
            left = [(place, key) for place, key in missing if key not in self._known()]
            if left:
                column.values[row] = False
                if len(column.details) < MAX_DETAILS:
                    column.details[row] = self._detail(*left[0])
        return column

    def _known(self) -> set[str | int]:
        return self.keys(self.target) if self.keys else set()

    def _detail(self, place: str, key: str | int) -> Detail:
        path = "$." + ".".join(self.steps) + place
        key_name = self.contract.table(self.target).key or "key"
        expected = f"the {key_name} of a delivered {self.target}"
        message = f"names no {self.target} that was delivered"
        return Detail(path, expected, str(key), message, "deliver it, or correct the key")


def table_of(type_: Type) -> str:
    """The table a reference, or a list of them, points into."""
    inner = bare(type_)
    if isinstance(inner, ListOf):
        inner = bare(inner.item)
    if not isinstance(inner, Ref):
        raise TypeError("`resolves` needs a field that is a ref")
    return inner.table


def references(value: Any, type_: Type) -> Iterator[tuple[str, str | int]]:
    """Each key with its place below the field. Raises ValueError for what is no key."""
    listed = isinstance(bare(type_), ListOf)
    if value is None and isinstance(type_, OptionalOf):
        return
    if listed != isinstance(value, list) or isinstance(value, Mapping):
        raise ValueError
    for position, key in enumerate(value if listed else [value]):
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise ValueError
        yield (f"[{position}]" if listed else ""), key


MEASURE = RowMark(Resolves)
