"""Expressions over one table to columns, in one pass: rows are read once, then marks finish, then operators apply."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

import numpy as np

from acceptance import values, vectors
from acceptance.exact import Mask, coded
from acceptance.expressions import Setting, getter
from acceptance.functions import Workshop
from acceptance.measures import MEASURES
from acceptance.measures.protocol import FromTable, Marker, RowMark
from acceptance.spill import Spill
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail, Getter, Malformed, Row
from acceptance.wording import walk
from spec_lang.contract import Call, Const, Expr, Op
from spec_lang.types import Scalar, bare

LONG = 64
"""Characters beyond which a text is told apart by its hash, so that a column of long texts stays small."""

Explain = Callable[[Row], Detail]


class Evidence(Protocol):
    """Evidence tables of later stages, as marks on rows. `check` raises Unavailable before the pass, if at all."""

    def check(self, call: Call) -> None: ...
    def column(self, call: Call, rows: int) -> Column: ...


def has_mark(expr: Expr) -> bool:
    """Whether a measure in it needs more than its own row."""
    calls = (node for node in walk(expr) if isinstance(node, Call))
    return any(isinstance(MEASURES[call.measure], (RowMark, FromTable)) for call in calls)


class Columns:
    """The columns of one table. Ask with `want` before the pass, `add` each batch, `finish`, then take `column`."""

    def __init__(self, workshop: Workshop, shape: str, evidence: Evidence) -> None:
        self.workshop = workshop
        self.setting: Setting = workshop.setting(shape)
        self.evidence = evidence
        self.rows = 0
        self.readers: dict[Expr, RowReader] = {}
        self.texts: dict[Expr, TextReader] = {}
        self.markers: dict[Expr, Marker] = {}
        self.produced: set[Call] = set()
        self.done: dict[Expr, Column] = {}

    def want(self, expr: Expr, explain: Explain | None = None) -> None:
        """Plans the column of an expression. Raises Unavailable where a measure's evidence is missing."""
        if not has_mark(expr):
            reader = self.readers.setdefault(expr, RowReader(expr, getter(expr, self.setting)))
            reader.explain = reader.explain or explain
        elif isinstance(expr, Call):
            self._mark(expr)
        elif isinstance(expr, Op):
            for arg in expr.args[:1] if expr.name == "in" else expr.args:
                self.want(arg)
        else:
            raise TypeError("a measure over all rows cannot stand inside `all` or `any`")

    def want_text(self, expr: Expr) -> None:
        """Plans a column of texts that is kept on disk."""
        self.texts.setdefault(expr, TextReader(getter(expr, self.setting)))

    def add(self, batch: Batch) -> None:
        """Passes a batch to every reader and marker; keeps nothing of it."""
        for reader in self.readers.values():
            reader.add(batch)
        for text in self.texts.values():
            text.add(batch)
        for marker in self.markers.values():
            marker.add(batch)
        self.rows += len(batch)

    def finish(self) -> None:
        """After the last batch of all tables: the columns of the readers and marks."""
        for expr, reader in self.readers.items():
            self.done[expr] = reader.finish()
        for expr, marker in self.markers.items():
            self.done[expr] = marker.finish()
        for call in self.produced:
            self.done[call] = self.evidence.column(call, self.rows)
        self.readers, self.markers = {}, {}

    def text(self, expr: Expr) -> Column:
        """A column asked for by `want_text`."""
        return self.texts[expr].finish()

    def column(self, expr: Expr) -> Column:
        """A column asked for by `want`."""
        if expr not in self.done:
            self.done[expr] = self._built(expr)
        return self.done[expr]

    def _mark(self, call: Call) -> None:
        measure = MEASURES[call.measure]
        if call in self.markers:
            return
        if isinstance(measure, RowMark):
            self.markers[call] = measure.make(self.workshop.use(call, self.setting))
        elif isinstance(measure, FromTable):
            self.evidence.check(call)
            self.produced.add(call)
        else:
            raise TypeError(f"`{call.measure}` cannot take a measure over all rows as its argument")

    def _built(self, expr: Expr) -> Column:
        if isinstance(expr, Const):
            return vectors.constant(values.literal(expr.value, expr.type), self.rows)
        if not isinstance(expr, Op):
            raise KeyError(expr)
        return vectors.apply(expr, [self.column(arg) for arg in (expr.args[:1] if expr.name == "in" else expr.args)])


class RowReader:
    """One expression read row by row into a column. Explains the first rows where it is False, if it can."""

    def __init__(self, expr: Expr, get: Getter) -> None:
        self.get = get
        self.logical = bare(expr.type) == Scalar(name="Bool")
        self.explain: Explain | None = None
        self.parts: list[Column] = []
        self.details: dict[int, Detail] = {}

    def add(self, batch: Batch) -> None:
        found: list[Any] = []
        known = np.ones(len(batch), dtype=np.bool_)
        for position, row in enumerate(batch.rows):
            try:
                found.append(self.get(row))
            except Malformed:
                known[position] = False
                found.append(False if self.logical else ABSENT)
        self.parts.append(self._packed(found, known))
        if self.explain:
            self._explained(batch, self.parts[-1])

    def finish(self) -> Column:
        column = joined(self.parts, self.logical)
        column.details = self.details
        self.parts = []
        return column

    def _packed(self, found: list[Any], known: Mask) -> Column:
        if self.logical:
            return Column(np.array(found, dtype=np.bool_), known)  # an absent truth does not hold
        if all(type(value) is int and abs(value) < 2**62 for value in found):
            return Column(np.array(found, dtype=np.int64), known)
        return coded(map(compact, found), known)

    def _explained(self, batch: Batch, part: Column) -> None:
        for position in np.flatnonzero(part.known & ~part.values).tolist():
            if len(self.details) >= MAX_DETAILS or self.explain is None:
                return
            self.details[batch.start + position] = self.explain(batch.rows[position])


class TextReader:
    """One text per row, spilled to disk."""

    def __init__(self, get: Getter) -> None:
        self.get = get
        self.spill = Spill()
        self.known: list[bool] = []

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            try:
                value = self.get(row)
            except Malformed:
                value = None
            self.known.append(value is not None)
            self.spill.add(value if isinstance(value, str) else None)

    def finish(self) -> Column:
        return self.spill.finish(np.array(self.known, dtype=np.bool_))


def compact(value: Any) -> Any:
    """A value that stays small and can be told apart: itself, or the hash of a long text, a list or an object."""
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
    exact = values.number(value)
    return ("number", int(exact) if exact == int(exact) else str(exact).rstrip("0"))


def joined(parts: list[Column], logical: bool) -> Column:
    """The columns of consecutive batches as one."""
    if not parts:
        return Column.of(np.zeros(0, dtype=np.bool_ if logical else np.int64))
    known = np.concatenate([part.known for part in parts])
    if all(part.codes is None for part in parts):
        return Column(np.concatenate([part.values for part in parts]), known)
    return recoded(parts, known)


def recoded(parts: list[Column], known: Mask) -> Column:
    """Coded columns under one list of codes. Whole numbers join it as they are."""
    positions: dict[Any, int] = {}
    arrays = []
    for part in parts:
        found, inverse = np.unique(part.values, return_inverse=True)
        own = [part.codes[value] if part.codes is not None else value for value in found.tolist()]
        mapped = np.array([positions.setdefault((type(value) is bool, value), len(positions)) for value in own])
        arrays.append(mapped[inverse].astype(np.int64) if len(own) else np.zeros(0, dtype=np.int64))
    return Column(np.concatenate(arrays), known, codes=[value for _, value in positions])
