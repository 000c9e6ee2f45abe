"""Expressions, types and amounts of a syntax tree to text on one line."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.types import SINGULAR

PLURALS = {plural: singular for singular, plural in SINGULAR.items()}


def type_text(type_: s.TypeExpr) -> str:
    """A type as it is written."""
    match type_:
        case s.NamedType(name=name):
            return name.text
        case s.Alternatives(members=members):
            return " | ".join(member.text for member in members)
        case s.Parametrised(name=name, values=values):
            return f"{name.text}({', '.join(quote(v) if isinstance(v, s.Text) else v.text for v in values)})"
        case s.RefType(table=table):
            return f"ref {table.text}"
        case s.ListType(item=item, bounds=bounds):
            inner = f" {bounds_text(type_.entry_bounds)}" if type_.entry_bounds else ""
            inner += f" matching {quote(type_.matching)}" if type_.matching else ""
            return f"[{type_text(item)}{inner}]" + (f" {bounds_text(bounds)}" if bounds else "")
        case s.OptionalType(item=item):
            return f"{type_text(item)}?"


def bounds_text(bounds: s.Bounds) -> str:
    return f"{end_text(bounds.low)}..{end_text(bounds.high)}"


def end_text(end: s.Number | s.Date | None) -> str:
    return "" if end is None else expr(end)


def value(item: s.Value) -> str:
    """A setting's value."""
    match item:
        case s.Rate():
            where = f" where {expr(item.where)}" if item.where is not None else ""
            return f"{expr(item.amount)} per {item.per.text}{where}"
        case s.Until():
            latest = f" or {expr(item.latest)}" if item.latest is not None else ""
            return f"{expr(item.amount)} until {item.event.text}{latest}"
        case _:
            return expr(item)


def expr(node: s.Expr) -> str:
    """An expression on one line."""
    match node:
        case s.Number():
            return number(node)
        case s.Date(text=text):
            return text
        case s.Text():
            return quote(node)
        case s.Truth(value=truth):
            return "true" if truth else "false"
        case s.Path(word=word):
            return word.text
        case s.Call(name=name, args=args):
            return f"{name.text}({', '.join(_argument(item) for item in args)})"
        case s.Unary(op=op, operand=operand):
            return f"{op} {expr(operand)}" if op == "not" else f"{op}{expr(operand)}"
        case s.Binary(op=op, left=left, right=right):
            return f"{expr(left)} {op} {expr(right)}"
        case s.Membership(left=left, right=right, by=by):
            return f"{expr(left)} in {expr(right)}{f' by {by.text}' if by else ''}"
        case s.Interval(low=low, high=high):
            return f"{expr(low)}..{expr(high) if high is not None else ''}"
        case s.Set(items=items):
            return f"{{ {', '.join(expr(item) for item in items)} }}"
        case s.Parens(inner=inner):
            return f"({expr(inner)})"
        case s.Quantified(which="for each"):
            return f"{expr(node.body)} for each {node.variable.text} in {expr(node.over)}"
        case s.Quantified():
            return f"{node.which} {node.variable.text} in {expr(node.over)} satisfies {expr(node.body)}"


def _argument(item: s.Argument) -> str:
    return f"{item.label.text}: {expr(item.value)}" if item.label else expr(item.value)


def number(node: s.Number | s.Date) -> str:
    """`8_000 chars`, `30%`, `5pp`, `0.0015`."""
    if isinstance(node, s.Date):
        return node.text
    whole, _, part = (node.shown or node.text).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    digits = f"{int(digits):_}"
    text = sign + digits + (f".{part}" if part else "")
    if not node.unit:
        return text
    unit = PLURALS.get(node.unit, node.unit) if node.text == "1" else node.unit
    return f"{text}{unit}" if unit in ("%", "pp") else f"{text} {unit}"


def quote(text: s.Text) -> str:
    """A text in quotes, escaped."""
    if text.raw:
        return f'r"{text.text}"'
    escaped = text.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
