"""Expressions back to the words of the contract, for messages and ledgers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from acceptance.values.parts import walk
from spec_lang.contract import Argument, Call, Const, Expr, Op, Path, Quantified, Range, SetExpr, Statistic
from spec_lang.types import SINGULAR, Quantity, Scalar, bare, measured, plain

_STRENGTH: dict[str, int] = {"implies": 1, "or": 2, "and": 3, "not": 4, "+": 6, "-": 6, "*": 7, "/": 7}
_COMPARISON = 5


def describe(expr: Expr) -> str:
    """The expression as a reader would write it: `source.reviewer != source.author`."""
    match expr:
        case Const():
            return _const(expr)
        case Path():
            return expr.dotted
        case Range():
            return _range(expr)
        case SetExpr(items=items):
            return "{ " + ", ".join(map(_const, items)) + " }"
        case Quantified(which="each", variable=variable, over=over, body=body):
            return f"{describe(body)} for each {variable} in {describe(over)}"
        case Quantified(which=which, variable=variable, over=over, body=body):
            return f"{which} {variable} in {describe(over)} satisfies {describe(body)}"
        case Call():
            return f"{expr.measure}({', '.join(_argument(expr, one) for one in expr.args if _told(one))})"
        case Op():
            return _operator(expr)


def sure(statistic: Statistic) -> str:
    """`at 95% confidence expecting 15pp`; of several gains, what is expected of each in their order."""
    expected = statistic.effects or ((statistic.expecting,) if statistic.expecting is not None else ())
    effects = ["nothing" if one is None else f"{_hundredfold(one)}pp" for one in expected]
    words = f"at {_hundredfold(statistic.confidence)}% confidence"
    words += f" expecting {', '.join(effects)}" if effects else ""
    if statistic.accepting is not None and statistic.accepting_at is not None:
        words += f" accepting {_hundredfold(statistic.accepting)}% at {_hundredfold(statistic.accepting_at)}%"
    return words


def _hundredfold(share: str) -> str:
    return plain(Decimal(share) * 100)


def json_path(path: Path) -> str:
    """Where in the row a path begins to read: `$.source.author`, up to the first join."""
    steps = list(path.steps)
    joins = [position for position, step in enumerate(steps) if step.startswith("->")]
    return ".".join(["$", *(steps[: joins[0]] if joins else steps)])


def row_paths(expr: Expr) -> list[Path]:
    """Every field of the row that an expression reads, each once, in the order they are written."""
    found = (node for node in walk(expr) if isinstance(node, Path) and node.root == "row")
    return list(dict.fromkeys(found))


def quantity(value: Any, unit: str = "", digits: int = 2) -> str:
    """A value with its unit: `29.97 %`, `1,805 records`, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (int, float, Decimal, Fraction)):
        return str(value)
    shown = _rounded(Fraction(value) if not isinstance(value, float) else Fraction(repr(value)), digits)
    return f"{shown} {unit}".rstrip()


def _rounded(value: Fraction, digits: int) -> str:
    if value.denominator == 1:
        return f"{value.numerator:,}"
    scaled = round(value * 10**digits)
    whole = Decimal(scaled).scaleb(-digits)
    return f"{whole:,.{digits}f}"


def digits_for(value: Any, limits: list[Const]) -> int:
    """Decimals to print so that a value never looks like a limit that it is not: 30.004 % beside 30 %."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, Fraction)):
        return 2
    numbers = [Fraction(end.value) for end in limits if isinstance(end.value, str) and _is_number(end)]
    for digits in range(2, 8):
        shown = Fraction(round(Fraction(value) * 10**digits), 10**digits)
        if all(shown != limit or limit == value for limit in numbers):
            return digits
    return 8


def _is_number(const: Const) -> bool:
    type_ = bare(const.type)
    return isinstance(type_, Quantity) or (isinstance(type_, Scalar) and type_.name in ("Int", "Number"))


def unit_of(expr: Expr) -> str:
    """The unit a value of this expression has, or an empty text."""
    type_ = bare(expr.type)
    return type_.unit if isinstance(type_, Quantity) else ""


def _const(const: Const) -> str:
    if isinstance(const.value, bool):
        return "true" if const.value else "false"
    match bare(const.type):
        case Scalar(name="Date" | "Bool"):
            return const.value
        case Scalar(name="Int" | "Number"):
            return plain(Decimal(const.value))
        case Quantity(unit=unit):
            return measured(Decimal(const.value), unit)
        case Scalar():
            return '"' + const.value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return const.value


def _range(range_: Range) -> str:
    """`60%..70%`, but `1800..2000 records` and `1..20 minutes`: a word is said once."""
    low, high = (_const(end) if end else "" for end in (range_.low, range_.high))
    number, _, word = low.partition(" ")
    said = word and high.partition(" ")[2] in (word, SINGULAR.get(word))
    return f"{number if said else low}..{high}"


def _told(argument: Argument) -> bool:
    """Whether an argument is worth words: `of: accepted` is what everybody expects; a plug-in is named beside."""
    return argument.name != "plugin" and not (
        argument.name == "of" and isinstance(argument.value, Const) and argument.value.value == "accepted"
    )


def _argument(call: Call, argument: Argument) -> str:
    words = describe(argument.value)
    labelled = argument.name != call.args[0].name
    return f"{argument.name}: {words}" if labelled else words


def _operator(op: Op) -> str:
    strength = _STRENGTH.get(op.name, _COMPARISON)
    words = [_inner(arg, strength, position) for position, arg in enumerate(op.args)]
    if len(words) == 1:
        return f"not {words[0]}" if op.name == "not" else f"{op.name}{words[0]}"
    return f" {op.name} ".join(words)


def _inner(expr: Expr, outer: int, position: int) -> str:
    if isinstance(expr, Quantified):
        return f"({describe(expr)})"
    strength = _STRENGTH.get(expr.name, _COMPARISON) if isinstance(expr, Op) else 9
    weaker = strength < outer or (strength == outer and (position > 0 or outer == _COMPARISON))
    return f"({describe(expr)})" if weaker else describe(expr)
