"""Whether every `ref` in a field, however deep in lists and types, names a row that was delivered."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, NamedTuple

from acceptance.fields.nested import Nested
from acceptance.measures._marks import Marks
from acceptance.measures.protocol import RowMark, Use
from acceptance.measures.well_formed import GroupMissing, reach, steps_of
from acceptance.tables import MAX_DETAILS, Batch, Column, Detail
from spec_lang.types import Ref, Type, bare

Keys = Callable[[str], set[str | int] | None]
"""Table name -> its keys, None where no file of it was delivered; the bought record has all when the pass has ended."""


class Reference(NamedTuple):
    """One reference of a row: where it stands, the table it points into, and the key it names."""

    path: str
    table: str
    key: str | int


class Resolves(Marks):
    """Answers at once, but for references among the bought records to keys not seen yet: they are kept by row.

    A row with a reference that is no key is unknown, since its type clause says so, unless another one names nothing.
    """

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.nested = Nested(use.contract, lambda type_: isinstance(type_, Ref))
        self.steps = steps_of(use.call)
        self.pending: dict[int, list[Reference]] = {}
        self.keys: Keys | None = None

    def add(self, batch: Batch) -> None:
        self.keys = batch.cache["keys"]
        shape = self.contract.shape(self.contract.table(batch.table).shape)
        read, field = reach(shape, self.steps, self.contract)
        type_ = bare(field.type)
        sure: Container[Any] = self._known(type_.table) if isinstance(type_, Ref) else ()
        for row in batch.rows:
            try:
                owner = read(row)
            except GroupMissing:
                self.put(None)
                continue
            value = None if owner is None else owner.get(field.name)
            known = owner is None or (type(value) is str and value in sure)
            self.put(*((True,) if known else self._judged(value, field.type, batch.table)))

    def _judged(self, value: Any, type_: Type, table: str) -> tuple[bool | None, Detail | None]:
        """True so far; None where a reference is no key. References to bought records not seen yet are kept."""
        found = [_reference(*one) for one in self.nested.within(value, type_, ".".join(("$", *self.steps)))]
        missing = [one for one in found if one is not None and one.key not in self._known(one.table)]
        lost = [one for one in missing if not (one.table == table == self.contract.record)]
        if lost:
            return False, self._detail(lost[0]) if self.room() else None
        if missing:
            self.pending[self.rows] = missing
        return (None if None in found else True), None

    def merge(self, later: Resolves) -> None:
        start = self.rows
        super().merge(later)
        self.pending |= {start + row: missing for row, missing in later.pending.items()}
        self.keys = self.keys or later.keys

    def finish(self) -> Column:
        column = super().finish()
        for row, missing in sorted(self.pending.items()):
            left = [one for one in missing if one.key not in self._known(one.table)]
            if left:
                column.values[row], column.known[row] = False, True
                if len(column.details) < MAX_DETAILS:
                    column.details[row] = self._detail(left[0])
        return column

    def _known(self, table: str) -> set[str | int]:
        return (self.keys(table) if self.keys else None) or set()

    def _detail(self, one: Reference) -> Detail:
        table = self.contract.table(one.table)
        expected = f"the {table.key or 'key'} of a delivered {one.table}"
        message, advice = f"names no {one.table} that was delivered", "deliver it, or correct the key"
        if table.file and self.keys and self.keys(one.table) is None:
            message, advice = f"no {one.table} was delivered at all", f"deliver {table.file}"
        return Detail(one.path, expected, str(one.key), message, advice)


def _reference(path: str, value: Any, type_: Type) -> Reference | None:
    """None for what is no key."""
    if not isinstance(type_, Ref) or isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return Reference(path, type_.table, value)


MEASURE = RowMark(Resolves)
