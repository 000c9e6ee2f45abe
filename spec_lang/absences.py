"""Clauses to warnings about those that a row fails by leaving out a field that it may leave out."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.basis import children
from spec_lang.contract import Call, Expr, Op, Path, Quantified
from spec_lang.lowered import Lowered
from spec_lang.symbols import Report
from spec_lang.types import OptionalOf

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


def absences(clauses: list[Lowered], report: Report) -> None:
    """What may be left out is not asked of every row in passing: whoever means it says `present`."""
    for item in clauses:
        mark = item.clause.mark
        if mark is None or item.clause.origin != "written":
            continue
        asked = set(_asked(mark))
        lacking = next((path for path in dict.fromkeys(_refuting(mark)) if path not in asked), None)
        if lacking is not None:
            name = lacking.dotted
            message = f"`{name}` may be left out, and a row without it fails `{item.clause.name}`"
            help = f"write `present({name}) implies ...` where it may be absent, `present({name}) and ...` where not"
            report.error(
                "SFT4013", message, item.span, "an absent value satisfies no comparison", help=help, warning=True
            )


def _refuting(mark: Expr) -> Iterator[Path]:
    """Optional fields each of whose absence alone makes the statement false, whatever else the row holds."""
    match mark:
        case Op(name="and", args=args):
            for arg in args:
                yield from _refuting(arg)
        case Op(name="or", args=args):
            first, *others = [list(_refuting(arg)) for arg in args]
            yield from (path for path in dict.fromkeys(first) if all(path in side for side in others))
        case Op(name=name, args=args) if name in COMPARISONS:
            for arg in args:
                yield from _valued(arg)
        case Quantified(which="all", body=body):
            yield from _refuting(body)


def _valued(operand: Expr) -> Iterator[Path]:
    """Optional fields without which a side of a comparison has no value."""
    match operand:
        case Path(type=OptionalOf()):
            yield operand
        case Op(name="+" | "-" | "*" | "/", args=args):
            for arg in args:
                yield from _valued(arg)
        case Call(measure="chars" | "words" | "size", args=(argument,)):
            yield from _valued(argument.value)


def _asked(expr: Expr) -> Iterator[Path]:
    """Fields that `present` is asked of."""
    if isinstance(expr, Call) and expr.measure == "present" and isinstance(expr.args[0].value, Path):
        yield expr.args[0].value
    for child in children(expr):
        yield from _asked(child)
