"""Statements about one row to what they can tell apart: each field as a dimension with a few representative values.

Two rows that agree in all dimensions agree in every statement. A field is a dimension of its own where it is compared
with written values: one representative for each word, each written number and each gap between them. What cannot be
looked into (`source.reviewer != source.author`, most measures) is a dimension that is either true or false: nothing is
concluded from how two such statements might hang together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from math import prod

import re2

from spec_lang.basis import children
from spec_lang.contract import Call, Const, Expr, FieldDef, Op, Path, Range, SetExpr
from spec_lang.source import Span
from spec_lang.symbols import Symbols
from spec_lang.types import BOOL, Enum, OptionalOf, Quantity, RecordOf, Scalar, Type, bare

Value = str | bool | Fraction | None
"""None stands for an absent value."""
Row = Mapping[str, Value]
Holds = Callable[[Row], bool]

OTHER = "\0"
"""Any text or word that no statement names."""
COUNTED = ("chars", "words", "size", "tokens", "rendered_tokens", "trained_tokens", "lineage_depth")
"""Measures of one row whose value is a whole number from 0."""
CELLS = 4_096
"""More combinations than these are not gone through."""
ORDER: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


COMPARED = 1_000_000
"""Kinds of rows times clauses that are held against each other, of one world of rows."""


class TooMany(Exception):
    """More combinations than CELLS."""


@dataclass(slots=True)
class Dimension:
    """What a row can be in one respect. `named` grows while statements are read; then `values` are asked for."""

    type: Type
    optional: bool
    declared: FieldDef | None
    at: Span | None = None
    """Where the field was declared."""
    counted: str = ""
    """The measure whose value it is."""
    shown: str = ""
    """What it is called in a message."""
    named: set[Value] = field(default_factory=set)

    def values(self) -> tuple[Value, ...]:
        """One representative of each kind of value, absence last."""
        found: Iterable[Value]
        if self.counted:
            found = _whole(self._numbers(), *self._limits())
        elif isinstance(self.type, Enum):
            named = tuple(word for word in self.type.members if word in self.named)
            found = named + ((OTHER,) if len(named) < len(self.type.members) else ())
        elif self.type == BOOL:
            found = (True, False)
        elif isinstance(self.type, Scalar) and self.type.name in ("Int", "Date"):
            found = _whole(self._numbers(), *self._limits())
        elif isinstance(self.type, Scalar) and self.type.name == "Number":
            found = _gaps(self._numbers(), *self._limits())
        else:
            found = (*sorted(text for text in self.named if isinstance(text, str) and self._possible(text)), OTHER)
        return (*found, None) if self.optional else tuple(found)

    def _numbers(self) -> list[Fraction]:
        return sorted(one for one in self.named if isinstance(one, Fraction))

    def _limits(self) -> tuple[Fraction | None, Fraction | None]:
        """The field's declared bounds, where they bound this."""
        declared, unit = self.declared, {"chars": "chars", "words": "words", "size": "items"}.get(self.counted, "value")
        least = Fraction(0) if self.counted else None
        if declared is None or declared.unit != unit or (self.counted and unit == "value"):
            return least, None
        low, high = (None if end is None else number(end) for end in (declared.low, declared.high))
        return (least if low is None else low), high

    def _possible(self, text: str) -> bool:
        """Whether the field's pattern and length allow a written text."""
        declared = self.declared
        if declared is None or self.type != Scalar(name="Text"):
            return True
        if declared.pattern is not None and re2.fullmatch(declared.pattern, text) is None:
            return False
        length = len(text.split()) if declared.unit == "words" else len(text)
        low, high = (None if end is None else number(end) for end in (declared.low, declared.high))
        return (low is None or length >= low) and (high is None or length <= high)  # both ends included


def number(text: str) -> Fraction:
    """A written number, or the day of a written date."""
    return Fraction(date.fromisoformat(text).toordinal()) if text.count("-") == 2 else Fraction(text)


def _whole(named: list[Fraction], low: Fraction | None, high: Fraction | None) -> list[Value]:
    """Each named number that is whole, and one between and beyond each two."""
    ends = [end for end in (low, high) if end is not None] or [Fraction(0)]
    near = {Fraction(one.__floor__() + step) for one in [*named, *ends] for step in (-1, 0, 1)}
    return [one for one in sorted(near) if (low is None or one >= low) and (high is None or one <= high)]


def _gaps(named: list[Fraction], low: Fraction | None, high: Fraction | None) -> list[Value]:
    points = sorted({*named, *(end for end in (low, high) if end is not None)}) or [Fraction(0)]
    middles = [(a + b) / 2 for a, b in pairwise(points)]
    every = sorted({*points, *middles, points[0] - 1, points[-1] + 1})
    return [one for one in every if (low is None or one >= low) and (high is None or one <= high)]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement about one row, and the dimensions it looks at."""

    keys: tuple[str, ...]
    holds: Holds
    cell: tuple[tuple[str, Value], ...] = ()
    """For `field == word` and for a cell of a crossing: the dimensions, each with the one value for which it holds."""


@dataclass(slots=True)
class Space:
    """The dimensions of one table's rows, as far as the statements read so far tell rows apart."""

    table: str
    symbols: Symbols
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    final: dict[str, tuple[Value, ...]] = field(default_factory=dict)

    def read(self, expr: Expr) -> Statement:
        """The statement that an expression makes. Its dimensions are complete when all have been read."""
        keys: dict[str, None] = {}
        holds = self._holds(expr, keys)
        single = isinstance(expr, Op) and expr.name == "==" and len(keys) == 1 and isinstance(expr.args[1], Const)
        cell = ((next(iter(keys)), _written(expr.args[1])),) if single else ()  # type: ignore[union-attr,arg-type]
        return Statement(tuple(keys), holds, cell)

    def cell(self, fields: Iterable[tuple[Path, str]]) -> Statement:
        """That each of these fields has this word."""
        wanted: list[tuple[str, Value]] = []
        for path, word in fields:
            key = self._dimension(path, path, "")
            self.dimensions[key].named.add(word)
            wanted.append((key, word))
        keys = tuple(key for key, _ in wanted)
        return Statement(keys, lambda row: all(row[key] == word for key, word in wanted), tuple(wanted))

    def of(self, key: str) -> tuple[Value, ...]:
        """The representatives of one dimension, when all statements have been read."""
        if key not in self.final:
            self.final[key] = self.dimensions[key].values()
        return self.final[key]

    def values(self, keys: Iterable[str]) -> list[tuple[Value, ...]]:
        """The representatives of some dimensions. Raises TooMany."""
        found = [self.of(key) for key in keys]
        if prod(len(values) for values in found) > CELLS:
            raise TooMany
        return found

    def rows(self, keys: tuple[str, ...]) -> Iterator[dict[str, Value]]:
        """Every kind of row, as far as these dimensions tell. Raises TooMany."""
        for values in product(*self.values(keys)):
            yield dict(zip(keys, values, strict=True))

    def _holds(self, expr: Expr, keys: dict[str, None]) -> Holds:
        if isinstance(expr, Const) and isinstance(expr.value, bool):
            truth = expr.value
            return lambda row: truth
        if isinstance(expr, Op) and expr.name in ("and", "or", "not", "implies"):
            return _joined(expr.name, [self._holds(inner, keys) for inner in children(expr)])
        if isinstance(expr, Op) and expr.name in ("==", "!=") and all(_is_statement(one) for one in expr.args):
            one, other = (self._holds(inner, keys) for inner in expr.args)
            return lambda row: (one(row) == other(row)) == (expr.name == "==")
        if isinstance(expr, Op) and len(expr.args) == 2:
            found = self._compared(expr, keys)
            if found is not None:
                return found
        if isinstance(expr, Path) and expr.type == BOOL:
            found = self._equal(expr, keys, (True,))
            if found is not None:
                return found
        if isinstance(expr, Call) and expr.measure == "present":
            return self._present(expr.arg("value"), keys)
        return self._opaque(expr, keys)

    def _present(self, value: Expr, keys: dict[str, None]) -> Holds:
        if isinstance(value, Path) and value.root == "row" and not isinstance(value.type, OptionalOf):
            return lambda row: True
        if not isinstance(value, Path) or value.root != "row":
            return self._opaque(value, keys)
        key = self._dimension(value, value, "")
        keys[key] = None
        return lambda row: row[key] is not None

    def _compared(self, expr: Op, keys: dict[str, None]) -> Holds | None:
        """A field or a count against written values; None for anything else."""
        left, right = expr.args
        if expr.name == "in" and isinstance(right, SetExpr):
            return self._equal(left, keys, tuple(_written(item) for item in right.items))
        if expr.name == "in" and isinstance(right, Range):
            low = self._ordered(left, keys, ">=", right.low) if right.low is not None else None
            high = self._ordered(left, keys, "<=", right.high) if right.high is not None else None
            ends = [end for end in (low, high) if end is not None]
            return _joined("and", ends) if ends else None
        if isinstance(left, Const) and not isinstance(right, Const):
            left, right = right, left
            name = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(expr.name, expr.name)
        else:
            name = expr.name
        if not isinstance(right, Const):
            return None
        if name == "==":
            return self._equal(left, keys, (_written(right),))
        if name == "!=":
            return self._equal(left, keys, (_written(right),), other=True)
        return self._ordered(left, keys, name, right) if name in ORDER else None

    def _equal(self, of: Expr, keys: dict[str, None], wanted: tuple[Value, ...], other: bool = False) -> Holds | None:
        key = self._key(of)
        if key is None:
            return None
        keys[key] = None
        self.dimensions[key].named |= set(wanted)
        among = frozenset(wanted)
        return lambda row: row[key] is not None and (row[key] in among) != other

    def _ordered(self, of: Expr, keys: dict[str, None], name: str, end: Const) -> Holds | None:
        key, against = self._key(of), _written(end)
        if key is None or not isinstance(against, Fraction):
            return None
        keys[key] = None
        self.dimensions[key].named.add(against)
        compare = ORDER[name]
        return lambda row: isinstance(value := row[key], Fraction) and compare(value, against)

    def _key(self, of: Expr) -> str | None:
        """The dimension of a field, or of a count over one; None if it cannot be looked into."""
        if isinstance(of, Path) and of.root == "row" and isinstance(bare(of.type), Enum | Scalar):
            return self._dimension(of, of, "")
        if isinstance(of, Call) and of.measure in COUNTED:
            inside = of.args[0].value
            return self._dimension(of, inside if isinstance(inside, Path) else None, of.measure)
        return None

    def _dimension(self, of: Expr, path: Path | None, counted: str) -> str:
        key = of.model_dump_json()
        if key not in self.dimensions:
            type_ = bare(of.type) if isinstance(of, Path | Call) else BOOL
            optional = path is not None and isinstance(path.type, OptionalOf)
            declared, at = self._declared(path) if path is not None else (None, None)
            name = path.dotted if path is not None else "..."
            shown = f"{counted}({name})" if counted else name
            self.dimensions[key] = Dimension(type_, optional, declared, at, counted, shown)
        return key

    def _opaque(self, expr: Expr, keys: dict[str, None]) -> Holds:
        key = expr.model_dump_json()
        shown = f"{expr.measure}(...)" if isinstance(expr, Call) else "another statement"
        self.dimensions.setdefault(key, Dimension(BOOL, False, None, shown=shown))
        keys[key] = None
        return lambda row: row[key] is True

    def _declared(self, path: Path) -> tuple[FieldDef | None, Span | None]:
        """The declaration of the field that a path ends at, and its place."""
        shape, found, at = self.table, None, None
        for step in path.steps:
            if step.startswith("->"):
                shape = step.removeprefix("->")
                continue
            found = self.symbols.field(shape, step) if shape in self.symbols.shapes else None
            at = self.symbols.field_spans.get(f"{shape}.{step}")
            inner = bare(found.type) if found is not None else None
            shape = inner.name if isinstance(inner, RecordOf) else shape
        return found, at


def _is_statement(expr: Expr) -> bool:
    """Whether this is true or false of every row; a field may be absent."""
    return isinstance(expr, Op | Call) and expr.type == BOOL


def _joined(name: str, parts: list[Holds]) -> Holds:
    if name == "not":
        return lambda row: not parts[0](row)
    if name == "implies":
        return lambda row: not parts[0](row) or parts[1](row)
    return lambda row: (all if name == "and" else any)(part(row) for part in parts)


def _written(const: Const) -> Value:
    type_ = bare(const.type)
    if isinstance(const.value, bool):
        return const.value
    if isinstance(type_, Quantity) or (isinstance(type_, Scalar) and type_.name in ("Int", "Number", "Date")):
        return number(str(const.value))
    return str(const.value)
