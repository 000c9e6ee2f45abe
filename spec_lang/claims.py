"""Clauses to what they claim about shares and counts of rows: linear bounds over statements about one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Literal

from spec_lang.basis import calls
from spec_lang.contract import Call, Clause, Const, Expr, Op, Path, Range
from spec_lang.domains import CELLS
from spec_lang.lowered import Lowered, call
from spec_lang.types import BOOL, Enum, OptionalOf, bare

ACCEPTED = "accepted"
Side = Literal["low", "high"]
Unit = Literal["%", "records"]


Cell = tuple[tuple[Path, str], ...]
"""Fields, each with one of its words."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of an interval."""

    value: Fraction
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The rows for which something holds are within bounds."""

    condition: Expr | Cell
    low: Bound | None
    high: Bound | None
    word: str = ""
    """What these rows are called in a message, where one word says it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A required clause as linear bounds. `counted`: accepted or delivered records, or the tokens of a recipe."""

    item: Lowered
    counted: str
    unit: Unit
    parts: tuple[Part, ...]
    """None where there are more cells than can be gone through."""
    among: Expr | None = None
    """What its shares are shares of; all rows where it is None."""
    lots: int = 1
    """How many lots a count is written for; its bounds here are of all of them together."""
    every: bool = False
    """Whether it speaks of each row, so that it holds in all worlds of accepted rows."""

    @property
    def table(self) -> str:
        return self.item.clause.table

    @property
    def name(self) -> str:
        """What a message calls it: the word of a mixture's entry, else the clause's own name."""
        clause = self.item.clause
        word = self.parts[0].word if self.parts else ""
        return word if clause.origin == "mixture" and word and len(self.parts) == 1 else clause.name.rpartition(".")[2]


def claims(clauses: list[Lowered], lots: int) -> Iterator[Claim]:
    """What can be said in linear bounds; nothing is claimed for clauses of another form."""
    for item in clauses:
        found = _claim(item, lots) if item.clause.role == "require" else None
        if found is not None:
            yield found


def _claim(item: Lowered, lots: int) -> Claim | None:
    clause = item.clause
    if clause.mark is not None:
        if clause.origin in ("field", "delivery"):
            return None
        broken = Op(name="not", args=(clause.mark,), type=BOOL)
        return Claim(item, ACCEPTED, "%", (Part(broken, None, Bound(Fraction(0))),), every=True)
    found = bounded(clause)
    if found is None:
        return None
    measured, low, high = found
    if measured.measure in ("share", "token_share"):
        condition = measured.arg("condition")
        counted = measured.word("by") if measured.measure == "token_share" else measured.word("of")
        return Claim(item, counted, "%", (Part(condition, low, high, word=_word(condition)),))
    if measured.measure == "count":
        many = (
            lots if clause.each_lot else 1
        )  # every lot holds at least so many, so all of them hold as many times more
        low, high = (None if end is None else Bound(end.value * many, end.strict) for end in (low, high))
        condition = measured.arg("condition")
        part = Part(condition, low, high, word=_word(condition))
        return Claim(item, measured.word("of"), "records", (part,), lots=many)
    if measured.measure == "least_share" and low is not None:
        return _of_cells(item, measured, measured.all("values"), low, None)
    if measured.measure == "largest_share" and high is not None:
        return _of_cells(item, measured, (measured.arg("value"),), None, high)
    return None


def _of_cells(
    item: Lowered, measured: Call, values: tuple[Expr, ...], low: Bound | None, high: Bound | None
) -> Claim | None:
    """A floor or a cap on every combination of declared words."""
    paths = [value for value in values if isinstance(value, Path)]
    types = [bare(path.type) for path in paths]
    enums = [type_ for type_ in types if isinstance(type_, Enum)]
    if len(enums) < len(values):
        return None
    if prod(len(one.members) for one in enums) > CELLS:
        return Claim(item, measured.word("of"), "%", ())
    open_ = [path for path in paths if isinstance(path.type, OptionalOf)]
    among = _all([call("present", BOOL, ("value", path)) for path in open_]) if open_ else None
    parts = []
    for words in product(*(one.members for one in enums)):
        parts.append(Part(tuple(zip(paths, words, strict=True)), low, high, " * ".join(words)))
    return Claim(item, measured.word("of"), "%", tuple(parts), among)


def _all(conditions: list[Expr]) -> Expr:
    return conditions[0] if len(conditions) == 1 else Op(name="and", args=tuple(conditions), type=BOOL)


def bounded(clause: Clause) -> tuple[Call, Bound | None, Bound | None] | None:
    """One measure between written bounds: `m >= a`, `a <= m`, `m == a`, `m in a..b`."""
    expr = clause.expr
    if not isinstance(expr, Op) or len(expr.args) != 2:
        return None
    left, right = expr.args
    name: str = expr.name
    if isinstance(left, Const):
        left, right = right, left
        name = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(name, name)
    if not isinstance(left, Call) or left.kind != "aggregate":
        return None
    if name == "in" and isinstance(right, Range):
        ends = [None if end is None else Bound(Fraction(str(end.value))) for end in (right.low, right.high)]
        return left, ends[0], ends[1]
    if not isinstance(right, Const) or isinstance(right.value, bool) or next(calls(right), None) is not None:
        return None
    try:
        value = Fraction(str(right.value))
    except ValueError:  # a date or a word
        return None
    low = Bound(value, name == ">") if name in (">", ">=", "==") else None
    high = Bound(value, name == "<") if name in ("<", "<=", "==") else None
    return (left, low, high) if low is not None or high is not None else None


def _word(condition: Expr) -> str:
    """The word of `field == word`."""
    if isinstance(condition, Op) and condition.name == "==" and isinstance(condition.args[1], Const):
        return str(condition.args[1].value)
    return ""
