"""The small delivered tables, held whole: their batches, their rows by key, and the keys of every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from acceptance.measures.protocol import Unavailable
from acceptance.tables import Batch, Row
from spec_lang.contract import Contract, TableDef
from spec_lang.nesting import inside
from spec_lang.types import RecordOf, Ref

MOST_ROWS = 200_000
"""Rows of a table that expressions may join. The bought record itself may be of any length."""

Source = Callable[[], Iterator[Batch]]


class Lookup:
    """Tables by name. `rows` raises Unavailable for a table that is absent or too long to join."""

    def __init__(self, contract: Contract, tables: Mapping[str, Source]) -> None:
        self.contract = contract
        self.sources = tables
        self.reasons: dict[str, str] = {}
        self.held: dict[str, list[Batch]] = {}
        self.index: dict[str, dict[Any, Row]] = {}
        self.seen: dict[str, set[str | int]] = {}
        for table in contract.tables:
            if table.name == contract.record:
                if _is_referred_to(contract):
                    self.seen[table.name] = set()
            elif table.name in tables:
                self._load(table)

    def batches(self, table: str) -> Iterator[Batch]:
        """The rows of a table in delivered order, none where it is absent. The record's are read, the others held."""
        if table == self.contract.record and table in self.sources:
            return self.sources[table]()
        return iter(self.held.get(table, ()))

    def available(self, table: str) -> None:
        """Raises Unavailable where the rows of a table cannot be judged. Without shards the record has no rows."""
        if table == self.contract.record:
            return
        if table not in self.sources or table in self.reasons:
            raise Unavailable(self.reasons.get(table, f"the delivery holds no table {table}"))

    def rows(self, table: str) -> Mapping[Any, Row]:
        """The rows of a small table by key; of several with one key the first."""
        if table == self.contract.record:
            raise Unavailable(f"a row of {table} cannot be looked up: only the tables beside the record are held")
        self.available(table)
        return self.index[table]

    def keys(self, table: str) -> set[str | int] | None:
        """Every key of a table, None where it is absent; those of the record are complete once all rows were noted.

        Nobody asks for those of a record to which nothing refers, and they are not held.
        """
        return self.seen.get(table)

    def note(self, batch: Batch) -> None:
        """Remembers the keys of a batch of the record; those of other tables are known."""
        if batch.table == self.contract.record and batch.table in self.seen:
            keyed = _keyed(batch, self.contract.table(batch.table).key)
            self.seen[batch.table].update(value for value, _ in keyed)

    def _load(self, table: TableDef) -> None:
        held, index, seen = list[Batch](), dict[Any, Row](), set[str | int]()
        self.held[table.name], self.index[table.name], self.seen[table.name] = held, index, seen
        for batch in self.sources[table.name]():
            seen.update(value for value, _ in _keyed(batch, table.key))
            if batch.start + len(batch) > MOST_ROWS:
                self.reasons[table.name] = f"{table.file} has more than {MOST_ROWS:,} rows, too many to be joined"
                held.clear()
                index.clear()
            elif table.name not in self.reasons:
                held.append(batch)
                for value, row in _keyed(batch, table.key):
                    index.setdefault(value, row)


def _is_referred_to(contract: Contract) -> bool:
    """Whether any table holds references to the bought record."""
    shapes = (RecordOf(name=table.shape) for table in contract.tables)
    held = (type_ for shape in shapes for _, type_ in inside(shape, contract.shape))
    return any(isinstance(type_, Ref) and type_.table == contract.record for type_ in held)


def _keyed(batch: Batch, key: str | None) -> Iterator[tuple[str | int, Row]]:
    """The rows of a batch that have a key, with it."""
    for row in batch.rows if key is not None else ():
        value = row.get(key or "")
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            yield value, row
