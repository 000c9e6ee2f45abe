"""Operators over typed operands: `and`, `==`, `in`, `+`, ranges and sets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import cast

from spec_lang import syntax as s
from spec_lang.agreement import arithmetic_type, is_number, ordered, same_sort
from spec_lang.contract import Const, Range, SetExpr
from spec_lang.fieldpaths import known
from spec_lang.formats import FORMATS
from spec_lang.literals import is_written_as
from spec_lang.scope import Scope
from spec_lang.signatures import signatures
from spec_lang.source import Span
from spec_lang.typed import Typed
from spec_lang.types import (
    BOOL,
    DATE,
    NUMBER,
    SECONDS,
    TEXT,
    TIME,
    UNITS,
    Enum,
    ListOf,
    Money,
    OptionalOf,
    Quantity,
    Scalar,
    SetOf,
    Type,
    bare,
    describe,
    plain,
)  # fmt: skip

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))


def logic(scope: Scope, op: str, operands: tuple[s.Expr, ...], span: Span) -> Typed | None:
    """`and`, `or`, `implies`, `not`."""
    typed = [scope.expression(operand) for operand in operands]
    present = [item for item in typed if item is not None]
    for item in present:
        if item.type != BOOL:
            help = f"write `{item.span.text} == true`" if bare(item.type) == BOOL else "compare it with something"
            message = f"`{op}` joins statements; this is {describe(item.type)}"
            scope.report.error("SFT3010", message, item.span, help=help)
            return None
    return scope.joined(op, present, BOOL, span) if len(present) == len(typed) else None


def comparison(scope: Scope, expr: s.Binary) -> Typed | None:
    """`a == b` and its kin."""
    left, right = _both(scope, expr.left, expr.right)
    pair = aligned(scope, left, right) if left is not None and right is not None else None
    if pair is None or not _comparable(scope, *pair, expr.op, expr.op_span):
        return None
    return scope.joined(expr.op, list(pair), BOOL, expr.span)


def _both(scope: Scope, left: s.Expr, right: s.Expr) -> tuple[Typed | None, Typed | None]:
    """Each side may tell the other which enum its bare words belong to."""
    if isinstance(left, s.Path) and not known(scope, left.word):
        typed_right = scope.expression(right)
        if typed_right is None:
            return None, None
        return scope.expression(left, typed_right.type), typed_right
    typed_left = scope.expression(left)
    if typed_left is None:
        typed_right = None if isinstance(right, s.Path) else scope.expression(right)
        unit = _promised(left)
        if unit and typed_right is not None and typed_right.type == NUMBER and typed_right.kind == "constant":
            unit_missing(scope, typed_right, unit)
        return None, None
    return typed_left, scope.expression(right, typed_left.type)


def _promised(expr: s.Expr) -> str:
    """The unit of a measure, whatever is wrong with what it is given."""
    signature = signatures().get(expr.name.text) if isinstance(expr, s.Call) else None
    return signature.sort if signature is not None and signature.sort in UNITS else ""


def _comparable(scope: Scope, left: Typed, right: Typed, op: str, op_span: Span) -> bool:
    a, b = bare(left.type), bare(right.type)
    for this, other in ((left, right), (right, left)):
        unit = bare(other.type)
        if isinstance(unit, Quantity) and bare(this.type) == NUMBER and this.kind == "constant":
            unit_missing(scope, this, unit.unit)
            return False
    if isinstance(a, Quantity) and isinstance(b, Quantity) and a.unit != b.unit:
        _other_unit(scope, left, right, a.unit)
        return False
    if not same_sort(a, b):
        why = ((left.span, describe(a)),)
        message = f"{describe(a)} cannot be compared with {describe(b)}"
        scope.report.error("SFT3001", message, right.span, describe(b), why=why, help=_unlike(left, right))
        return False
    if op in ("<", "<=", ">", ">=") and not ordered(a):
        help = "use `==`, `!=` or `in`"
        scope.report.error("SFT3001", f"values of type {describe(a)} have no order", op_span, help=help)
        return False
    return True


def aligned(scope: Scope, left: Typed, right: Typed) -> tuple[Typed, Typed] | None:
    """Both sides, a written one as a value of the other's type. None: it is no such value, which was reported."""
    first = written_as(scope, left, bare(right.type))
    second = written_as(scope, right, bare(left.type))
    return (first, second) if first is not None and second is not None else None


def written_as(scope: Scope, written: Typed, type_: Type) -> Typed | None:
    """A text as a Lang, License, Url, Sha256 or Time, and days as seconds; all else as it is."""
    if not isinstance(written.ir, Const):
        return written
    if type_ == Quantity(unit="seconds") and written.type == Quantity(unit="days"):
        length = plain(Decimal(str(written.ir.value)) * SECONDS["days"])
        return scope.const(length, type_, written.span)
    if written.type != TEXT or not isinstance(type_, Scalar) or type_.name not in FORMATS or type_ == DATE:
        return written
    if not is_written_as(type_.name, str(written.ir.value), written.span, scope.report):
        return None
    return scope.const(written.ir.value, type_, written.span)


def _other_unit(scope: Scope, left: Typed, right: Typed, unit: str) -> None:
    why = ((left.span, describe(bare(left.type))),)
    literal = isinstance(right.ir, Const)
    help = f"write `{with_unit(str(right.ir.value), unit)}`" if isinstance(right.ir, Const) else f"write it in `{unit}`"
    what = describe(bare(right.type))
    message = f"{describe(bare(left.type))} cannot be compared with {what}"
    scope.report.error("SFT3002", message, right.span, "" if literal else what, why=why, help=help)


def _unlike(left: Typed, right: Typed) -> str:
    """What to write instead, where that can be guessed."""
    for this, other in ((left, right), (right, left)):
        if isinstance(bare(this.type), Enum) and other.type == TEXT and isinstance(other.ir, Const):
            return f"words of an enum stand without quotes: `{other.ir.value}`"
        if bare(this.type) == DATE and other.type == TEXT and isinstance(other.ir, Const):
            return "dates stand without quotes: `2026-12-01`"
        if isinstance(this.type, SetOf):
            return "use `in`"
        unit = bare(other.type)
        if isinstance(bare(this.type), Money) and isinstance(unit, Quantity):
            return _one_currency(this, unit.unit)
        if isinstance(bare(this.type), ListOf):
            return "use `in`, `size(...)`, or `any x in ... satisfies ...`"
    return "compare values of one type"


def _one_currency(money: Typed, unit: str) -> str:
    return f"amounts compare in one currency: `{money.span.text}.{unit}` is the amount where it is in {unit}"


def with_unit(number: str, unit: str) -> str:
    return f"{number}{unit if unit in ('%', 'pp') else ' ' + unit}"


def unit_missing(scope: Scope, number: Typed, unit: str) -> None:
    """A plain number stands where a quantity is expected."""
    written = number.span.text
    label = f"{describe(Quantity(unit=unit))} is expected"
    fix = with_unit(written, unit)
    scope.report.error("SFT3002", f"`{written}` has no unit", number.span, label, help=f"write `{fix}`", fix=fix)


def arithmetic(scope: Scope, op: str, whole: s.Expr, *operands: s.Expr) -> Typed | None:
    """`+`, `-`, `*`, `/`."""
    typed = [scope.expression(operand) for operand in operands]
    present = [item for item in typed if item is not None]
    if len(present) < len(typed):
        return None
    types = [bare(item.type) for item in present]
    result = arithmetic_type(op, types)
    if result is None:
        _not_joined(scope, op, whole, present)
        return None
    if result == DATE and not _whole(scope, present[1]):
        return None
    if any(isinstance(item.type, OptionalOf) for item in present):
        result = OptionalOf(item=result)
    return scope.joined(op, present, result, whole.span)


def _not_joined(scope: Scope, op: str, whole: s.Expr, operands: list[Typed]) -> None:
    types = [bare(item.type) for item in operands]
    dated = types[0] in (DATE, TIME)
    for item, type_ in zip(operands, types, strict=True):
        if not is_number(type_) and not (dated and (type_ == types[0] or is_number(type_))):
            message = f"`{op}` works on numbers; this is {describe(type_)}"
            scope.report.error("SFT3001", message, item.span, help=count_instead(type_))
            return
    help = "bring both to the same unit"
    if dated:
        help = "add `days`, `months` or `years`" if types[0] == DATE else "add `seconds`, `minutes`, `hours` or `days`"
    message = f"`{op}` does not join {' and '.join(map(describe, types))}"
    scope.report.error("SFT3002", message, whole.span, help=help)


def _whole(scope: Scope, moved: Typed) -> bool:
    """Whether a day is moved by whole days, months or years, as far as that is written."""
    written = Decimal(str(moved.ir.value)) if isinstance(moved.ir, Const) and is_number(moved.type) else Decimal(0)
    if written == written.to_integral_value():
        return True
    help = "write whole days, months or years"
    scope.report.error("SFT3011", f"a date is not moved by `{moved.span.text}`", moved.span, help=help)
    return False


def count_instead(type_: Type) -> str:
    if isinstance(type_, ListOf):
        return "count its entries: `size(...)`"
    if isinstance(type_, Money):
        return "name its currency behind a dot: `.USD` is the amount where it is in USD"
    return "measure its length: `chars(...)` or `words(...)`" if type_ == TEXT else "use a field that holds a number"


def membership(scope: Scope, expr: s.Membership) -> Typed | None:
    """`x in { a, b }`, `x in a..b`, `x in list`."""
    left = scope.expression(expr.left)
    if left is None:
        return None
    is_range = isinstance(expr.right, s.Interval)
    right = _range(scope, expr.right, left) if isinstance(expr.right, s.Interval) else _members(scope, expr, left)
    if right is None:
        return None
    held = bare(right.type)
    member = written_as(scope, left, bare(held.item)) if isinstance(held, ListOf) else left
    if member is None:
        return None
    left = member
    if isinstance(held, SetOf | ListOf):
        if not same_sort(bare(left.type), bare(held.item)):
            why = ((left.span, describe(bare(left.type))),)
            message = f"{describe(bare(left.type))} is never in {describe(right.type)}"
            scope.report.error("SFT3001", message, right.span, why=why, help="compare values of one type")
            return None
    elif not is_range:
        help = "write a set `{ a, b }`, a range `a..b` or a list field"
        scope.report.error("SFT3001", "`in` needs a set, a range or a list on its right", right.span, help=help)
        return None
    return scope.joined("in", [left, right], BOOL, expr.span)


def _members(scope: Scope, expr: s.Membership, left: Typed) -> Typed | None:
    return scope.expression(expr.right, left.type)


def _range(scope: Scope, expr: s.Interval, left: Typed) -> Typed | None:
    typed_low = scope.expression(_with_unit_of(expr.low, expr.high))
    typed_high = scope.expression(expr.high) if expr.high is not None else None
    if typed_low is None or (expr.high is not None and typed_high is None):
        return None
    ends: list[Const | None] = []
    for end in (typed_low, typed_high):
        if end is None:
            ends.append(None)
            continue
        if not isinstance(end.ir, Const):
            help = "to compare with another field, use `>=` and `<=`"
            scope.report.error("SFT3001", "the ends of a range are written numbers or dates", end.span, help=help)
            return None
        pair = aligned(scope, left, end)
        if pair is None or not _comparable(scope, *pair, "<=", expr.span):
            return None
        ends.append(cast("Const", pair[1].ir))
    if ends[0] is not None and ends[1] is not None and _value(ends[0]) > _value(ends[1]):
        help = f"write `{expr.high.span.text if expr.high else ''}..{expr.low.span.text}`"
        scope.report.error("SFT3013", "this range is the wrong way round", expr.span, "the first is larger", help=help)
        return None
    type_ = bare(left.type)
    return Typed(Range(low=ends[0], high=ends[1], type=type_), type_, "constant", expr.span)


def _with_unit_of(low: s.Expr, high: s.Expr | None) -> s.Expr:
    """In `1_900..2_100 records` the first number has the second one's unit."""
    if isinstance(low, s.Number) and isinstance(high, s.Number) and not low.unit and high.unit not in ("%", "pp"):
        return replace(low, unit=high.unit)
    return low


def _value(end: Const) -> tuple[Decimal, str]:
    text = str(end.value)
    return (Decimal(0), text) if end.type in (DATE, TIME) else (Decimal(text), "")


def set_of(scope: Scope, expr: s.Set, expected: Type | None) -> Typed | None:
    """`{ a, b }`."""
    typed = [scope.expression(item, expected) for item in expr.items]
    if expected is not None:
        typed = [written_as(scope, item, bare(expected)) if item is not None else None for item in typed]
    present = [item for item in typed if item is not None]
    if len(present) < len(typed):
        return None
    first = present[0]
    for item in present:
        if not isinstance(item.ir, Const | SetExpr):
            help = "to compare with another field, use `==`"
            scope.report.error("SFT3001", "a set lists written values", item.span, help=help)
            return None
        if not same_sort(_held(first), _held(item)):
            why = ((first.span, describe(first.type)),)
            message = f"this set holds {describe(first.type)} and {describe(item.type)}"
            scope.report.error("SFT3001", message, item.span, why=why, help="list values of one type")
            return None
    type_ = SetOf(item=_held(first))
    listed = (item.ir.items if isinstance(item.ir, SetExpr) else (cast("Const", item.ir),) for item in present)
    items = tuple(dict.fromkeys(const for consts in listed for const in consts))
    return Typed(SetExpr(items=items, type=type_), type_, "constant", expr.span)


def _held(item: Typed) -> Type:
    """The type of an entry of a set; a heading of a taxonomy stands for several."""
    return bare(item.type.item if isinstance(item.type, SetOf) else item.type)
