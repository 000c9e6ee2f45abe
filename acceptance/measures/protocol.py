"""What a measure is to the engine: a function of a row, a mark on rows, or an aggregate of columns.

Each measure of `std/measures.sftspec` is one module here with one of these three, named `MEASURE`. All are created
per use in a clause, from the arguments of that use; none keeps a record after `add` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from acceptance.executions import Execute
from acceptance.tables import Batch, Column, Getter
from spec_lang.contract import Call, Contract

if TYPE_CHECKING:
    from acceptance.rendering import Renderer


class Unavailable(Exception):
    """The evidence a measure needs is not here (a sealed set, reviews, scores): undecided; str() says why."""


def no_plugin(call: Call) -> Any:
    """Stands in where no plug-in may run."""
    name, version, _ = call.word("plugin").split(" ")
    raise Unavailable(f"plug-in {name} {version} does not run here; `validate --plugin {name}` runs it")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a measure in a clause: its arguments and what it may look at."""

    call: Call
    contract: Contract
    folder: Path
    """The contract's folder; files the contract names are read from here, after the lock was checked."""
    getters: dict[str, list[Getter]]
    """For each row parameter, one reader per value given (variadic parameters have several)."""
    paths: dict[str, list[str]]
    """For each row parameter that is a plain field, its JSON path (`$.input.request`), else an empty string."""
    renderer: Callable[[str], Renderer]
    """Recipe name -> its renderer (built once per run)."""
    items: Callable[[str], Iterable[dict[str, Any]]]
    """Held-out set name -> its items, opened against its commitment; raises Unavailable where the file is absent."""
    execute: Callable[[str], Execute]
    """`pytest` or `unittest` -> the sandbox that runs such tests; raises Unavailable where none may or can."""
    plugin: Callable[[Call], Callable[[Sequence[Sequence[Any]]], Sequence[Any]]] = no_plugin
    """A plug-in's measure -> values of rows to an answer for each; both raise Unavailable."""

    def word(self, name: str) -> str:
        """A literal or named argument as text."""
        return self.call.word(name)

    def words(self, name: str) -> list[str]:
        """The values of a variadic parameter of words."""
        return [str(value.value) for value in self.call.all(name) if value.op == "const"]


class Marker(Protocol):
    """A row measure that sees all rows: `add` each batch in order, then `finish` gives one value per row.

    `merge` joins the state of a marker that saw the rows right after this one's. Keeps compact state only.
    """

    def add(self, batch: Batch) -> None: ...
    def merge(self, later: Any) -> None: ...
    def finish(self) -> Column: ...


@dataclass(frozen=True, slots=True)
class RowFunction:
    """A pure function of values of one row, e.g. `present(x)`. `make(use)` returns it; called with what is read."""

    make: Callable[[Use], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class RowMark:
    """A row measure with state across rows or heavy set-up, e.g. `duplicate(...)`."""

    make: Callable[[Use], Marker]


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The outcome of an aggregate. `value` is bool, float or None (no rows); `rows`, (rows,) of bool, are those that
    count against it."""

    value: Any
    rows: npt.NDArray[np.bool_] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Reduces columns to a value: `reduce(columns, chosen, use)`.

    `columns` are in parameter order; `chosen`, (rows,) of bool, are the rows it is of.
    """

    reduce: Callable[[Sequence[Column], npt.NDArray[np.bool_], Use], Aggregated]


@dataclass(frozen=True, slots=True)
class FromTable:
    """An aggregate of an evidence table that a later stage produces (scores, reviews).

    `reduce(evidence, use)`, `evidence` being that table; the engine answers undecided where it is absent.
    """

    table: str
    reduce: Callable[[Any, Use], Aggregated]


Measure = RowFunction | RowMark | Aggregate | FromTable
