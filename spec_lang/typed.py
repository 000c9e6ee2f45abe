"""A typed expression, and a name that the contract gives to one."""

from __future__ import annotations

from dataclasses import dataclass

from spec_lang import syntax as s
from spec_lang.contract import Expr, Kind
from spec_lang.source import Span
from spec_lang.types import Type


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression with its type, kind and span. `table` is the table whose rows it reads, empty for constants."""

    ir: Expr
    type: Type
    kind: Kind
    span: Span
    table: str = ""


@dataclass(slots=True)
class Definition:
    """What a `let` stands for; `typed` is None if a mistake in it was reported."""

    let: s.Let
    typed: Typed | None
    size: int
    """Nodes of its expression, all definitions in it written out."""
    used: bool = False


Definitions = dict[str, Definition]
"""By name."""
