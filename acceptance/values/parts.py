"""An expression to the expressions in it."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.contract import Call, Expr, Op, Quantified, Range, SetExpr


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all below it, outermost first."""
    yield expr
    match expr:
        case Op(args=args):
            inner: tuple[Expr | None, ...] = args
        case Range(low=low, high=high):
            inner = (low, high)
        case SetExpr(items=items):
            inner = items
        case Quantified(over=over, body=body):
            inner = (over, body)
        case Call(args=arguments):
            inner = tuple(argument.value for argument in arguments)
        case _:
            inner = ()
    for one in inner:
        if one is not None:
            yield from walk(one)
