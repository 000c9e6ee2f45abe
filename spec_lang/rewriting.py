"""Tokens to tokens: what is written as elsewhere stands as the language writes it, and is reported."""

from __future__ import annotations

from lark import Token

from spec_lang.diagnostics import Diagnostic, Fix, Label
from spec_lang.grammarfile import grammar
from spec_lang.numerals import Reading, may_begin, misread
from spec_lang.recovery import CLOSERS, MAX_MISTAKES, OPENERS
from spec_lang.source import Source, Span

LIKELY = frozenset(("NUMBER", "QUANTITY", "DATE", "BAD", "PLUS", "EQUAL", "CMP"))
WORDS = frozenset(("NAME", "AT", "NOT"))
CALLED = frozenset(("NAME", "ATTRIBUTE"))
LISTING = frozenset(("COLON", "IN", "COMMA", "LPAR", "ANY_OF", "CMP"))
"""Words before the brace of a set."""


def rewritten(tokens: list[Token], source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """Numbers, days and ranges that are written as elsewhere are reported and stand as the language writes them."""
    out: list[Token] = []
    problems: list[Diagnostic] = []
    inside: list[bool] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        found = _misread(token, source, bool(inside) and inside[-1]) if len(problems) < MAX_MISTAKES else None
        if found is not None:
            last = next(at for at in range(position, len(tokens)) if (tokens[at].end_pos or 0) >= found[0])
            span = Span(source, token.start_pos or 0, found[0])
            problems.append(_elsewhere(span, found[1]))
            out += _lexed(found[1].text + source.text[found[0] : tokens[last].end_pos], token, tokens[last])
            position = last + 1
            continue
        if token.type in OPENERS:
            before = out[-1].type if out else ""
            inside.append(before in (LISTING if token.type == "LBRACE" else CALLED) and token.type != "LSQB")
        elif token.type in CLOSERS and inside:
            inside.pop()
        out.append(token)
        position += 1
    return out, problems


def _misread(token: Token, source: Source, separates: bool) -> tuple[int, Reading] | None:
    likely = token.type in LIKELY or (token.type in WORDS and may_begin(token))
    return misread(source.text, token.start_pos or 0, separates) if likely else None


def _elsewhere(span: Span, meant: Reading) -> Diagnostic:
    fix = Fix(span, meant.text) if meant.sure else None
    return Diagnostic("SFT1003", f"`{span.text}` {meant.problem}", Label(span), help=meant.help, fix=fix)


def _lexed(text: str, first: Token, last: Token) -> list[Token]:
    """The words of a text that stands in the place of some tokens."""
    return [
        Token(made.type, str(made), first.start_pos, first.line, first.column, last.end_line, None, last.end_pos)
        for made in grammar().lex(text)
    ]
