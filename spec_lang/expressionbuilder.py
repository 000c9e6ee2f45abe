"""Lark's tree to ours, the part below declarations: literals and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from spec_lang import syntax as s
from spec_lang.source import Source, Span
from spec_lang.types import SINGULAR, plain

_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class ExpressionBuilder:
    """Finds a node's parts by kind, and builds what can stand in an expression."""

    def __init__(self, source: Source) -> None:
        self.source = source

    # --- plumbing

    def node(self, tree: Any) -> Any:
        if isinstance(tree, Token):
            return self.word(tree)
        method: Callable[[Tree[Token], Span], Any] = getattr(self, f"_{tree.data}")
        return method(tree, self.span(tree))

    def span(self, tree: Any) -> Span:
        if isinstance(tree, Token):
            return Span(self.source, tree.start_pos or 0, tree.end_pos or 0)
        if tree.meta.empty:
            return Span(self.source, 0, 0)
        return Span(self.source, tree.meta.start_pos, tree.meta.end_pos or tree.meta.start_pos)

    def word(self, token: Token) -> s.Word:
        return s.Word(self.span(token), str(token))

    def text(self, token: Token) -> s.Text:
        body = str(token)
        if body.startswith("r"):
            return s.Text(self.span(token), body[2:-1], raw=True)
        return s.Text(self.span(token), _unescape(body[1:-1]))

    def tokens(self, tree: Tree[Token], *kinds: str) -> list[Token]:
        return [child for child in tree.children if isinstance(child, Token) and child.type in kinds]

    def token(self, tree: Tree[Token], *kinds: str) -> Token | None:
        found = self.tokens(tree, *kinds)
        return found[0] if found else None

    def doc(self, tree: Tree[Token]) -> s.Text | None:
        token = self.token(tree, "STRING")
        return self.text(token) if token is not None else None

    def trees(self, tree: Tree[Token], *names: str) -> list[Tree[Token]]:
        return [child for child in tree.children if isinstance(child, Tree) and child.data in names]

    def only(self, tree: Tree[Token], name: str) -> Any:
        found = self.trees(tree, name)
        return self.node(found[0]) if found else None

    def _scalar(self, tree: Tree[Token], span: Span) -> s.Number | s.Date:
        token = tree.children[-1]
        assert isinstance(token, Token)
        if token.type == "DATE":
            return s.Date(span, str(token))
        return number(str(token), span, negative=len(tree.children) > 1)

    # --- expressions

    def _binary(self, tree: Tree[Token], span: Span) -> s.Binary:
        left, op, right = tree.children
        return s.Binary(span, str(op), self._expr(left), self._expr(right), self.span(op))

    _implies = _binary

    def _negate(self, tree: Tree[Token], span: Span) -> s.Unary:
        return s.Unary(span, "not", self._expr(tree.children[-1]))

    def _minus(self, tree: Tree[Token], span: Span) -> Any:
        inner = self._expr(tree.children[-1])
        if isinstance(inner, s.Number):
            return s.Number(span, plain(-Decimal(inner.text)), inner.unit, format(-Decimal(inner.shown), "f"))
        return s.Unary(span, "-", inner)

    def _quantified(self, tree: Tree[Token], span: Span) -> s.Quantified:
        which, variable, _, over, _, body = tree.children
        assert isinstance(variable, Token)
        return s.Quantified(span, str(which), self.word(variable), self._expr(over), self._expr(body))

    def _membership(self, tree: Tree[Token], span: Span) -> s.Membership:
        operands = [child for child in tree.children if not isinstance(child, Token)]
        by = self.node(operands[2]) if self.token(tree, "BY") is not None else None
        return s.Membership(span, self._expr(operands[0]), self._expr(operands[1]), by)

    def _expr(self, tree: Any) -> Any:
        built = self.node(tree)
        return s.Path(built.span, built) if isinstance(built, s.Word) else built

    def _interval(self, tree: Tree[Token], span: Span) -> s.Interval:
        ends = [self._expr(child) for child in tree.children if getattr(child, "type", "") != "OPEN"]
        return s.Interval(span, ends[0], ends[1] if len(ends) > 1 else None)

    def _number(self, tree: Tree[Token], span: Span) -> s.Number:
        return number(str(tree.children[0]), span)

    _quantity = _number

    def _date(self, tree: Tree[Token], span: Span) -> s.Date:
        return s.Date(span, str(tree.children[0]))

    def _text(self, tree: Tree[Token], span: Span) -> s.Text:
        token = tree.children[0]
        assert isinstance(token, Token)
        return self.text(token)

    def _truth(self, tree: Tree[Token], span: Span) -> s.Truth:
        return s.Truth(span, str(tree.children[0]) == "true")

    def _set(self, tree: Tree[Token], span: Span) -> s.Set:
        return s.Set(span, tuple(self._expr(child) for child in tree.children))

    def _parens(self, tree: Tree[Token], span: Span) -> s.Parens:
        return s.Parens(span, self._expr(tree.children[0]))

    def _call(self, tree: Tree[Token], span: Span) -> s.Call:
        args = tuple(self.node(child) for child in self.trees(tree, "argument"))
        return s.Call(span, self.only(tree, "path"), args)

    def _argument(self, tree: Tree[Token], span: Span) -> s.Argument:
        label = self.token(tree, "LABEL")
        first, *others = [child for child in tree.children if isinstance(child, Tree)]
        value = self._expr(first)
        if others:
            variable = self.tokens(tree, "NAME")[0]
            value = s.Quantified(span, "for each", self.word(variable), self._expr(others[0]), value)
        return s.Argument(span, self.word(label) if label is not None else None, value)

    def _path(self, tree: Tree[Token], span: Span) -> s.Word:
        return s.Word(span, "".join(str(child) for child in tree.children))


def number(text: str, span: Span, negative: bool = False) -> s.Number:
    digits = text
    unit = ""
    for position, char in enumerate(text):
        if char == "%" or (char.isalpha() and not _exponent(text, position)):
            digits, unit = text[:position].strip(), text[position:].strip()
            break
    value = Decimal(digits.replace("_", ""))
    value = -value if negative else value
    return s.Number(span, plain(value), SINGULAR.get(unit, unit), format(value, "f"))


def _exponent(text: str, position: int) -> bool:
    following = text[position + 1 : position + 2]
    return (
        text[position] in "eE"
        and text[:position].strip() == text[:position]
        and (following.isdigit() or following in "+-")
    )


def _unescape(body: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found.group(1), found.group()), body)
