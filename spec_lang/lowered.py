"""A clause with the place where it was written, and the short words that build one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spec_lang.contract import Argument, Call, Clause, Const, Expr
from spec_lang.signatures import signatures
from spec_lang.source import Span
from spec_lang.types import BOOL, Named, Type


@dataclass(slots=True)
class Lowered:
    """A clause and where it was written, for the checks behind lowering."""

    clause: Clause
    span: Span


def call(measure: str, type_: Type, *args: tuple[str, Expr]) -> Call:
    kind = signatures()[measure].kind
    return Call(measure=measure, kind=kind, args=tuple(Argument(name=n, value=v) for n, v in args), type=type_)


def word(text: str) -> Const:
    return Const(value=text, type=Named(what="word"))


def every(mark: Expr) -> Call:
    return call("every", BOOL, ("condition", mark))


def marking(name: str, table: str, mark: Expr, origin: Literal["field", "delivery"], text: str) -> Clause:
    return Clause(
        name=name,
        role="require",
        text=text,
        table=table,
        expr=every(mark),
        mark=mark,
        stage="delivery",
        basis="recomputed",
        origin=origin,
    )
