"""Where an expression stands: the table whose rows it reads, and the names that have a meaning there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.contract import Const, Kind, Op
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.typed import Definitions, Typed
from spec_lang.types import Type

MOST_EXPANDED = 200_000


@dataclass(frozen=True, slots=True)
class Variable:
    """What `all x in ...` names: the type of one entry, and where it was named."""

    type: Type
    span: Span


@dataclass(slots=True)
class Scope(ABC):
    """One place in the contract: a table's rows, or a held-out item and its `answer`."""

    symbols: Symbols
    report: Report
    table: str
    answer: bool = False
    variables: dict[str, Variable] = field(default_factory=dict)
    definitions: Definitions = field(default_factory=dict)
    """The table's own, unless others are given."""
    later: frozenset[str] = frozenset()
    """Definitions that stand further down."""

    def __post_init__(self) -> None:
        self.definitions = self.definitions or self.symbols.definitions.get(self.table, {})

    @abstractmethod
    def expression(self, expr: s.Expr, expected: Type | None = None) -> Typed | None:
        """The typed expression, or None if a mistake in it was reported."""

    def const(self, value: str | bool, type_: Type, span: Span) -> Typed:
        return Typed(Const(value=value, type=type_), type_, "constant", span)

    def defined(self, name: str, span: Span) -> Typed | None:
        """What a definition stands for, used here."""
        definition = self.definitions[name]
        definition.used = True
        self.symbols.expanded += definition.size
        if self.symbols.expanded > MOST_EXPANDED:
            message = f"the clauses have more than {MOST_EXPANDED:,} parts once all definitions are written out"
            self.report.error("SFT1004", message, span, help="say less with one name")
            return None
        return replace(definition.typed, span=span) if definition.typed is not None else None

    def joined(self, op: str, typed: list[Typed], type_: Type, span: Span) -> Typed | None:
        """The operator over its operands, if they speak of one row or of all rows of one table."""
        kind = self._kind(typed)
        table = self.one_table(typed, span) if kind is not None else None
        if kind is None or table is None:
            return None
        name = cast("Literal['and']", op)
        return Typed(Op(name=name, args=tuple(item.ir for item in typed), type=type_), type_, kind, span, table)

    def _kind(self, typed: list[Typed]) -> Kind | None:
        kinds = {item.kind for item in typed} - {"constant"}
        if len(kinds) < 2:
            return next(iter(kinds), "constant")
        row = next(item for item in typed if item.kind == "row")
        total = next(item for item in typed if item.kind == "aggregate")
        self.report.error(
            "SFT3003",
            "one row cannot be compared with all rows",
            row.span,
            "this speaks of one row",
            why=((total.span, "this speaks of all rows"),),
            help=f"say how many rows: `share({row.span.text})`, or use `every(...)`, `no(...)`, `p99(...)`",
        )
        return None

    def one_table(self, typed: Sequence[Typed], span: Span) -> str | None:
        """The table that all parts read; empty if none does, None if they differ (reported)."""
        tables = list(dict.fromkeys(item.table for item in typed if item.table))
        if len(tables) < 2:
            return tables[0] if tables else ""
        message = f"one expression cannot speak of `{tables[0]}` and `{tables[1]}`"
        self.report.error("SFT3017", message, span, help="write two clauses, or follow a `ref`")
        return None
