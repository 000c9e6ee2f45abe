"""What is said of each entry of a list: the list and the statement, typed; the entry has its name between them."""

from __future__ import annotations

from typing import Literal, cast

from spec_lang import syntax as s
from spec_lang.contract import Quantified
from spec_lang.scope import Scope, Variable
from spec_lang.typed import Typed
from spec_lang.types import BOOL, ListOf, bare, describe

EACH = "for each"


def goes_through(written: s.Expr) -> bool:
    """Whether this is `value for each x in list`."""
    return isinstance(written, s.Quantified) and written.which == EACH


def quantified(scope: Scope, expr: s.Quantified) -> Typed | None:
    """`all x in list satisfies ...` and `any x in list satisfies ...`."""
    parts = entries(scope, expr)
    if parts is None:
        return None
    over, body = parts
    if body.type != BOOL or body.kind == "aggregate":
        help = f"compare `{expr.variable.text}` or one of its fields with something"
        scope.report.error("SFT3010", "a statement about one entry belongs after `satisfies`", body.span, help=help)
        return None
    which = cast("Literal['all', 'any']", expr.which)
    ir = Quantified(which=which, variable=expr.variable.text, over=over.ir, body=body.ir, type=BOOL)
    return Typed(ir, BOOL, "row", expr.span, over.table or scope.table)


def entries(scope: Scope, expr: s.Quantified) -> tuple[Typed, Typed] | None:
    """The list that is gone through, and what is said of each entry."""
    over = scope.expression(expr.over)
    if over is None:
        return None
    inner = bare(over.type)
    if not isinstance(inner, ListOf):
        message = f"`{expr.which}` goes through a list; this is {describe(over.type)}"
        scope.report.error("SFT3001", message, over.span, help="name a list field")
        return None
    name = expr.variable.text
    if name in scope.variables or name in scope.definitions or scope.symbols.field(scope.table, name) is not None:
        help = "choose another name"
        scope.report.error("SFT2002", f"`{name}` already has a meaning here", expr.variable.span, help=help)
        return None
    scope.variables[name] = Variable(inner.item, expr.variable.span)
    body = scope.expression(expr.body)
    del scope.variables[name]
    return None if body is None else (over, body)
