"""Expressions over one table to columns, in one pass: rows are read once, then marks finish, then operators apply."""

from __future__ import annotations

from collections.abc import Iterator

from acceptance.engine import vectors
from acceptance.engine.expressions import Setting, getter
from acceptance.engine.findings import explainer
from acceptance.engine.functions import Workshop
from acceptance.engine.paths import Key, steps_of
from acceptance.engine.readers import Keys, RowReader, TextReader, combined, delivered_keys, read_keys
from acceptance.measures import MEASURES
from acceptance.measures.protocol import Marker, RowMark, Unavailable
from acceptance.tables import Batch, Column
from acceptance.values import scalar
from acceptance.values.parts import walk
from acceptance.values.stored import Stored
from spec_lang.contract import Call, Const, Expr, Op, Path, Quantified


def has_mark(expr: Expr) -> bool:
    """Whether a measure in it needs more than its own row."""
    calls = (node for node in walk(expr) if isinstance(node, Call))
    return any(isinstance(MEASURES[call.measure], RowMark) for call in calls)


def _deciding(operator: str, explained: bool | None) -> bool | None:
    """The truth by which one argument alone makes that of the whole; None where it takes several, or no truth."""
    if explained is None:
        return None
    if operator == "not":
        return not explained
    return explained if operator == ("or" if explained else "and") else None


def _is_field(path: Path) -> bool:
    return path.root == "row" and bool(path.steps)


def before_join(path: Path) -> Path:
    """The field whose key leads into another table, since the rows of that table stay as they are; else the path."""
    joined = next((at for at, step in enumerate(path.steps) if step.startswith("->")), len(path.steps))
    return path.model_copy(update={"steps": path.steps[:joined]})


class Columns:
    """The columns of one table. Ask with `want` before the pass, `add` each batch, `finish`, then take `column`."""

    def __init__(self, workshop: Workshop, shape: str) -> None:
        self.workshop = workshop
        self.setting: Setting = workshop.setting(shape)
        self.rows = 0
        self.readers: dict[Expr, RowReader] = {}
        self.texts: dict[Expr, TextReader] = {}
        self.markers: dict[Expr, Marker] = {}
        self.done: dict[Expr, Stored] = {}
        self.lost: dict[Expr, str] = {}
        """Marks that could not be finished, and why."""

    def want(self, expr: Expr, explained: bool | None = None) -> None:
        """Plans the column of an expression. Raises Unavailable where a measure's evidence is missing.

        `explained`: the truth of the expression that rows are to be explained for.
        """
        if not has_mark(expr):
            reader = self.readers.get(expr) or RowReader(expr, getter(expr, self.setting), self._keys(expr))
            self.readers[expr] = reader
            if explained is not None and explained not in reader.explain:
                reader.explain[explained] = explainer(expr, self.setting, explained)
        elif isinstance(expr, Call):
            self._mark(expr)
        elif isinstance(expr, Op):
            for arg in expr.args[:1] if expr.name == "in" else expr.args:
                self.want(arg, _deciding(expr.name, explained))
        else:
            raise Unavailable("a measure over all rows cannot stand inside `all` or `any`")

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
        """After the last batch of all tables: the columns of the marks."""
        for expr, marker in self.markers.items():
            self.close(expr, marker)
        self.markers = {}

    def close(self, expr: Expr, marker: Marker) -> None:
        """The column of one mark, or why it has none."""
        try:
            self.done[expr] = Stored(marker.finish())
        except Unavailable as missing:
            self.lost[expr] = str(missing)

    def text(self, expr: Expr) -> Column:
        """A column asked for by `want_text`."""
        return self.texts[expr].finish()

    def column(self, expr: Expr) -> Column:
        """A column asked for by `want`, read from disk each time."""
        if expr in self.readers:
            return self.readers[expr].finish()
        if expr not in self.done:
            self.done[expr] = Stored(self._built(expr))
        return self.done[expr].column()

    def calls(self) -> Iterator[Call]:
        """The measures that have a column."""
        yield from (expr for expr in (*self.readers, *self.done) if isinstance(expr, Call))

    def _keys(self, expr: Expr) -> Keys | None:
        """Reads the fields of the row that an expression looks at, if it looks at nothing else."""
        nodes = list(walk(expr))
        fields = [node for node in nodes if isinstance(node, Path)]
        if any(isinstance(node, Quantified) for node in nodes) or any(not _is_field(one) for one in fields):
            return None
        if not fields and any(isinstance(node, Call) for node in nodes):
            return None
        return combined([self._key(field) for field in dict.fromkeys(map(before_join, fields))])

    def _key(self, field: Path) -> Keys:
        steps, _ = steps_of(field, self.setting.contract, self.setting.roots, self.setting.rows)
        plain = all(isinstance(step, Key) for step in steps)
        return delivered_keys(field.steps) if plain else read_keys(field, getter(field, self.setting))

    def _mark(self, call: Call) -> None:
        measure = MEASURES[call.measure]
        if call in self.markers:
            return
        if isinstance(measure, RowMark):
            self.markers[call] = measure.make(self.workshop.use(call, self.setting))
        else:
            raise Unavailable(f"`{call.measure}` cannot take a measure over all rows as its argument")

    def _built(self, expr: Expr) -> Column:
        if isinstance(expr, Const):
            return vectors.constant(scalar.literal(expr.value, expr.type), self.rows)
        if not isinstance(expr, Op):
            raise KeyError(expr)
        return vectors.apply(expr, [self.column(arg) for arg in (expr.args[:1] if expr.name == "in" else expr.args)])
