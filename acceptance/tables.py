"""Evidence as tables: a batch of delivered rows, the column a measure makes of them, the marks it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Row = Mapping[str, Any]


class Delivered(dict[str, Any]):
    """A row as it was read, which remembers what several clauses have worked out of it while its batch is judged."""

    __slots__ = ("memo",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        self.memo: dict[int, Any] = {}


class Absent:
    """The value of an optional field that is not there."""

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


class Malformed(Exception):
    """A value needed here is not of its declared type. The type clause reports it; others leave the row unjudged."""


ABSENT = Absent()


class Origin(NamedTuple):
    """Where a row came from. `file` is relative to the delivery; `line` counts from 1 (the index in a JSON array)."""

    file: str
    line: int
    lot: int = 1


@dataclass(frozen=True, slots=True)
class Attachment:
    """A listed file that holds no rows: its bytes in number, their hash and the first of them."""

    size: int
    sha256: str
    head: bytes


@dataclass(slots=True)
class Batch:
    """Consecutive rows of one table, in delivered order. `start` is the first row's index in the table.

    `cache` lets producers share work on the same rows, e.g. the rendering under a recipe.
    """

    table: str
    start: int
    rows: list[dict[str, Any]]
    origins: list[Origin]
    cache: dict[Any, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Detail:
    """Why a row was marked: where in the row, what was expected, what was found, and what to do."""

    path: str
    """JSON path within the row, e.g. `$.input.request`; `$` for the whole row."""
    expected: str
    found: str
    """Confidential: a value of the delivery. Redacted in reports unless asked for."""
    message: str = ""
    """Safe to show always: names, positions, counts, never delivered text."""
    help: str = ""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if len(text := getattr(self, name)) > MAX_WORDS:
                object.__setattr__(self, name, text[:MAX_WORDS] + "...")


MAX_WORDS = 1_000
"""Characters kept of each text of an explanation."""


@dataclass(slots=True)
class Column:
    """One value per row of a table. Where `known` is False the value could not be judged (a malformed field).

    values: shape (rows,), bool, float64 or int64. details: row index -> why, for rows worth explaining (bounded).
    """

    values: npt.NDArray[Any]
    known: npt.NDArray[np.bool_]
    details: dict[int, Detail] = field(default_factory=dict)
    codes: Sequence[Any] | None = None
    """For a categorical column: values are whole numbers, positions in this list."""
    clusters: dict[int, int] = field(default_factory=dict)
    """For a mark of copies: how many clusters there are of each size above one."""
    note: str = ""
    """What was not compared in full; safe to show always."""

    @classmethod
    def of(cls, values: npt.NDArray[Any], details: dict[int, Detail] | None = None) -> Column:
        import numpy as np  # which whoever has values has loaded, and `verify` never does

        return cls(values, np.ones(len(values), dtype=np.bool_), details or {})


MAX_DETAILS = 200
"""Explanations kept per measure; marks are never limited."""


PLAIN_KEY = re.compile(r"[\w-]{1,200}")
FARTHEST = 300
"""Characters from which on a path is followed no further: a line may hold a key of its own length, and below it a
million texts."""


def below(path: str, step: str | int) -> str:
    """The path one step down, to a key or to an entry of a list. A key that is no plain word is shown as `*`."""
    if len(path) >= FARTHEST:
        return path
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step if PLAIN_KEY.fullmatch(step) else '*'}"


def strings(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """Every text inside a JSON value with its path, keys excluded, in document order."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(inner, below(path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from strings(inner, below(path, position))


Getter = Callable[[Row], Any]
"""Reads one value of a row; returns ABSENT for an absent optional; raises Malformed for a value of the wrong type."""
