"""A row expression to a function of one row. An absent value satisfies no comparison; a malformed one raises Malformed.

`and`, `or`, `implies`, `all` and `any` still answer where the other side decides alone (Kleene's three values).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from acceptance.engine.paths import Key, Rows, steps_of
from acceptance.tables import ABSENT, Getter, Malformed, Row
from acceptance.values import scalar
from spec_lang.contract import Call, Const, Contract, Expr, Op, Path, Quantified, Range, SetExpr
from spec_lang.types import DATE, TIME, ListOf, Quantity, Type, bare

Scope = Mapping[str, Any]
"""`row`, the variables of the quantifiers around, and `answer` in a held-out score."""
Reader = Callable[[Scope], Any]


def _nowhere(table: str) -> Mapping[Any, Row]:
    raise LookupError(f"no rows of {table} to join with")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression may look at: the contract, the type of each root, other tables, and the row measures."""

    contract: Contract
    roots: Mapping[str, Type]
    function: Callable[[Call, Setting], Reader]
    """Compiles the call of a row measure."""
    rows: Rows = field(default=_nowhere)

    def binding(self, variable: str, type_: Type) -> Setting:
        """The setting inside a quantifier."""
        return replace(self, roots={**self.roots, variable: type_})


def getter(expr: Expr, setting: Setting) -> Getter:
    """The expression as a function of the row alone."""
    read = compile_(expr, setting)
    return lambda row: read({"row": row})


def compile_(expr: Expr, setting: Setting) -> Reader:
    """The expression as a function of the row and the variables around it."""
    match expr:
        case Const(value=value, type=type_):
            constant = scalar.literal(value, type_)
            return lambda scope: constant
        case Path():
            return _path(expr, setting)
        case Op():
            return _operator(expr, setting)
        case Quantified():
            return _quantified(expr, setting)
        case SetExpr(items=items):
            listed = [scalar.literal(item.value, item.type) for item in items]
            return lambda scope: listed
        case Call():
            return setting.function(expr, setting)
        case Range():
            raise TypeError("a range stands only on the right of `in`")


def _path(path: Path, setting: Setting) -> Reader:
    steps, convert = steps_of(path, setting.contract, setting.roots, setting.rows)
    root = path.root

    def read(scope: Scope) -> Any:
        value = scope[root]
        for step in steps:
            value = step(value)
            if value is ABSENT:
                return ABSENT
        return convert(value)

    return _shortcut(path, convert, read) if all(isinstance(step, Key) for step in steps) else read


def _shortcut(path: Path, convert: scalar.Convert, read: Reader) -> Reader:
    """The same where every key is there; `read` answers for all that is absent or no object."""
    root, names = path.root, path.steps

    def straight(scope: Scope) -> Any:
        value = scope[root]
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError, IndexError):
            return read(scope)
        return read(scope) if value is None else convert(value)

    return straight


# ------------------------------------------------------------------------------------------------ operators


def _operator(op: Op, setting: Setting) -> Reader:
    if op.name == "in":
        return _membership(op, setting)
    if op.name in ("+", "-") and len(op.args) == 2 and (shifted := _shift(op, setting)):
        return shifted
    readers = [compile_(arg, setting) for arg in op.args]
    match op.name:
        case "and":
            return conjunction(readers)
        case "or":
            return _negated(conjunction([_negated(reader) for reader in readers]))
        case "implies":
            return _negated(conjunction([readers[0], _negated(readers[1])]))
        case "not":
            return _negated(readers[0])
        case "+" | "-" | "*" | "/":
            return _arithmetic(op.name, readers)
        case _:
            return _comparison(op.name, readers[0], readers[1])


def conjunction(readers: Sequence[Reader]) -> Reader:
    """False if one is False, else malformed if one is, else True."""

    def read(scope: Scope) -> bool:
        malformed = False
        for reader in readers:
            try:
                if not reader(scope):
                    return False
            except Malformed:
                malformed = True
        if malformed:
            raise Malformed
        return True

    return read


def _negated(reader: Reader) -> Reader:
    return lambda scope: not reader(scope)


def _comparison(name: str, left: Reader, right: Reader) -> Reader:
    return lambda scope: scalar.compare(name, left(scope), right(scope))


def _arithmetic(name: str, readers: Sequence[Reader]) -> Reader:
    if len(readers) == 1:
        return lambda scope: scalar.arithmetic("-", 0, readers[0](scope))
    left, right = readers
    return lambda scope: scalar.arithmetic(name, left(scope), right(scope))


def _shift(op: Op, setting: Setting) -> Reader | None:
    """`source.written_at + 5 years`: a date or time moved by a span."""
    amount = op.args[1]
    type_ = bare(amount.type)
    unit = type_.unit if isinstance(type_, Quantity) else ""
    if bare(op.args[0].type) not in (DATE, TIME) or not unit:
        return None
    start, count = compile_(op.args[0], setting), compile_(amount, setting)
    sign = 1 if op.name == "+" else -1

    def read(scope: Scope) -> Any:
        amount = count(scope)
        return ABSENT if amount is ABSENT else scalar.shift(start(scope), sign * amount, unit)

    return read


def _membership(op: Op, setting: Setting) -> Reader:
    left, right = compile_(op.args[0], setting), op.args[1]
    if isinstance(right, Range):
        holds = within(right)
        return lambda scope: holds(left(scope))
    listed = compile_(right, setting)

    def read(scope: Scope) -> bool:
        value, members = left(scope), listed(scope)
        if value is ABSENT or members is ABSENT:
            return False
        return any(scalar.same(value, member) for member in members)

    return read


def within(range_: Range) -> Callable[[Any], bool]:
    """Whether a value lies in the range, both ends included; an absent value lies in none."""
    ends = [
        (name, scalar.literal(end.value, end.type)) for name, end in ((">=", range_.low), ("<=", range_.high)) if end
    ]
    return lambda value: value is not ABSENT and all(scalar.compare(name, value, end) for name, end in ends)


def _quantified(expr: Quantified, setting: Setting) -> Reader:
    over, variable = compile_(expr.over, setting), expr.variable
    listed = bare(expr.over.type)
    body = compile_(expr.body, setting.binding(variable, listed.item if isinstance(listed, ListOf) else expr.over.type))
    if expr.which == "each":
        return _each(over, variable, body)
    wanted = expr.which == "all"
    test = body if wanted else _negated(body)

    def read(scope: Scope) -> bool:
        entries = over(scope)
        inner, malformed = dict(scope), False
        for entry in () if entries is ABSENT else _listed(entries):
            inner[variable] = entry
            try:
                if not test(inner):
                    return not wanted
            except Malformed:
                malformed = True
        if malformed:
            raise Malformed
        return wanted

    return read


def _each(over: Reader, variable: str, body: Reader) -> Reader:
    """The values of all entries; absent where the list is."""

    def read(scope: Scope) -> Any:
        entries = over(scope)
        return ABSENT if entries is ABSENT else [body({**scope, variable: entry}) for entry in _listed(entries)]

    return read


def _listed(entries: Any) -> list[Any]:
    if not isinstance(entries, list):
        raise Malformed
    return entries
