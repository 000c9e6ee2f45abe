"""One expression read row by row into a column: booleans, whole numbers, coded values, or texts on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from itertools import repeat
from typing import Any

import numpy as np

from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail, Getter, Malformed, Row
from acceptance.values import scalar
from acceptance.values.exact import Mask
from acceptance.values.spill import Spill
from acceptance.values.stored import Exact
from spec_lang.contract import Expr
from spec_lang.types import Scalar, bare

LONG = 64
"""Characters beyond which a text is told apart by its hash, so that a column of long texts stays small."""
MOST = 8_192
"""Values of its fields for which an expression remembers the answer."""
UNSEEN = object()
Explain = Callable[[Row], Detail]
Keys = Callable[[Batch], list[Any]]
"""For each row what tells the value of a field apart, UNSEEN where that would be long; or a tuple of several such."""


class RowReader:
    """One expression read row by row into a column. Explains the first rows where it is False or True, if asked to.

    An expression over some fields alone is worked out once for each combination of short values: `keys` reads those
    fields of a batch.
    """

    def __init__(self, expr: Expr, get: Getter, keys: Keys | None = None) -> None:
        self.get = get
        self.keys = keys
        self.answers: dict[Any, Any] = {}
        self.logical = bare(expr.type) == Scalar(name="Bool")
        self.explain: dict[bool, Explain] = {}
        """By the truth that deserves an explanation."""
        self.explained = {False: 0, True: 0}
        self.values = Exact(self.logical)
        self.details: dict[int, Detail] = {}

    def add(self, batch: Batch) -> None:
        keys = self.keys(batch) if self.keys else [(UNSEEN,)] * len(batch)
        found = list(map(self.answers.get, keys, repeat(UNSEEN)))
        known = np.ones(len(batch), dtype=np.bool_)
        for position in [at for at, value in enumerate(found) if value is UNSEEN]:
            found[position] = self._answer(batch.rows[position], keys[position])
            if found[position] is UNSEEN:
                known[position] = False
                found[position] = False if self.logical else ABSENT
        self.values.append(found, known)
        if self.explain:
            self._explained(batch, found, known)

    def _answer(self, row: Row, key: Any) -> Any:
        """The value of one row; UNSEEN where it is malformed."""
        if key in self.answers:
            return self.answers[key]
        try:
            value = compact(self.get(row))
        except Malformed:
            return UNSEEN
        if len(self.answers) < MOST and UNSEEN not in key:
            self.answers[key] = value
        return value

    def finish(self) -> Column:
        column = self.values.column()
        column.details = self.details
        return column

    def _explained(self, batch: Batch, found: list[Any], known: Mask) -> None:
        truths = np.array(found, dtype=np.bool_)
        for truth, explain in self.explain.items():
            room = MAX_DETAILS - self.explained[truth]
            positions = np.flatnonzero(known & (truths == truth))[:room].tolist() if room else []
            for position in positions:
                self.details[batch.start + position] = explain(batch.rows[position])
            self.explained[truth] += len(positions)


def combined(columns: Sequence[Keys]) -> Keys:
    """The keys of several fields together; of none, the same for every row."""
    return lambda batch: list(zip(*[keys(batch) for keys in columns], strict=True)) if columns else [()] * len(batch)


def delivered_keys(names: tuple[str, ...]) -> Keys:
    """A field by its value as delivered, which decides alone what a path of plain keys finds there."""
    return lambda batch: _once(batch, (KEYS, *names), lambda: list(map(_key, _values(batch, names))))


def read_keys(path: Expr, get: Getter) -> Keys:
    """A field by what its path finds; where that is malformed, nothing is told."""

    def key(row: Row) -> Any:
        try:
            return _key(get(row))
        except Malformed:
            return UNSEEN

    return lambda batch: _once(batch, path, lambda: list(map(key, batch.rows)))


def _values(batch: Batch, names: tuple[str, ...]) -> list[Any]:
    """What stands under some keys in each row; UNSEEN where what is above is no object."""
    if not names:
        return batch.rows
    name, owners = names[-1], _values(batch, names[:-1])
    found = lambda: [one.get(name, ABSENT) if isinstance(one, dict) else UNSEEN for one in owners]  # noqa: E731
    return _once(batch, (VALUES, *names), found)


def _once(batch: Batch, what: Any, make: Callable[[], list[Any]]) -> list[Any]:
    """Worked out once per batch, whoever asks."""
    if what not in batch.cache:
        batch.cache[what] = make()
    made: list[Any] = batch.cache[what]
    return made


def _key(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value if len(value) <= LONG else UNSEEN
    return (kind, value) if kind in PLAIN else UNSEEN


KEYS, VALUES = object(), object()
PLAIN = frozenset((bool, int, date, type(None), type(ABSENT)))
"""Types of values of which equal ones are the same in every way; of decimals, 12.5 and 12.50 are not."""


class TextReader:
    """One text per row, spilled to disk."""

    def __init__(self, get: Getter) -> None:
        self.get = get
        self.spill = Spill()

    def add(self, batch: Batch) -> None:
        found = list(map(self._text, batch.rows))
        self.spill.add([one if isinstance(one, str) else None for one in found], [one is not None for one in found])

    def _text(self, row: Row) -> Any:
        try:
            return self.get(row)
        except Malformed:
            return None

    def finish(self) -> Column:
        return self.spill.finish()


def compact(value: Any) -> Any:
    """A value that stays small and can be told apart: itself, or the hash of a long text, a list or an object.

    Raises Malformed for a number inside that is none.
    """
    if isinstance(value, str) and len(value) > LONG:
        return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if isinstance(value, (list, dict)):
        return hashlib.blake2b(repr(_ordered(value)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return value


def _ordered(value: Any) -> Any:
    """A JSON value in one spelling: `{"a": 1, "b": 2}` in either order, `1` as `1.0`, but not as `true`."""
    if isinstance(value, dict):
        return sorted((name, _ordered(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return [_ordered(inner) for inner in value]
    if isinstance(value, (bool, str, date)) or value is None or value is ABSENT:
        return value
    return ("number", str(Fraction(scalar.number(value))))
