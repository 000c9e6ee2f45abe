"""Text to syntax tree. Every mistake in the text becomes one diagnostic; what could be read is kept."""

from __future__ import annotations

from functools import cache
from importlib import resources

from lark import Lark, Token

from spec_lang import syntax
from spec_lang.diagnostics import Diagnostic, Label, closest, sort_key
from spec_lang.expectations import unknown_unit
from spec_lang.recovery import CLOSERS, OPENERS, Reader, span_of
from spec_lang.source import Source, Span
from spec_lang.treebuilder import build
from spec_lang.types import SINGULAR, UNITS

MAX_CHARS = 1_000_000
MAX_DEPTH = 40
BLOCK_WORDS = frozenset(
    [
        "CONTRACT",
        "USE",
        "ENUM",
        "TYPE",
        "TABLE",
        "RECORD",
        "TERMS",
        "MIXTURE",
        "REFERENCE",
        "RECIPE",
        "HELDOUT",
        "PAYMENT",
        "MEASURE",
    ]
)


@cache
def grammar() -> Lark:
    """The compiled grammar; three start symbols so that one declaration can be read alone."""
    text = resources.files("spec_lang.grammars").joinpath("sftspec.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=["start", "version", "declaration", "unreadable"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def parse(source: Source) -> tuple[syntax.File, list[Diagnostic]]:
    """The tree of a source and the mistakes found in it. Never raises on any text."""
    whole = Span(source, 0, len(source.text))
    if len(source.text) > MAX_CHARS:
        message = f"a contract file ends at {MAX_CHARS:,} characters; this one has {len(source.text):,}"
        return syntax.File(whole, None, ()), [Diagnostic("SFT1004", message, None)]
    tokens, comments = tokenise(source)
    problems = [*unreadable(tokens, source), *depth_problems(tokens, source)]
    if any(problem.code == "SFT1004" for problem in problems):
        return syntax.File(whole, None, (), comments), problems
    readable, unknown = units([token for token in tokens if token.type not in ("BAD", "UNTERMINATED")], source)
    problems += unknown
    version: syntax.Version | None = None
    declarations: list[syntax.Declaration] = []
    for chunk in split(readable):
        start = "version" if chunk[0].type == "SFTSPEC" else "declaration"
        read, found = Reader(grammar(), source, chunk, start).read()
        problems += found
        tree = build(read, source) if read is not None else None
        if isinstance(tree, syntax.Version):
            version = tree
        elif tree is not None:
            declarations.append(tree)
    return syntax.File(whole, version, tuple(declarations), comments), sorted(_once(problems), key=sort_key)


def tokenise(source: Source) -> tuple[list[Token], tuple[syntax.Comment, ...]]:
    """The words of a source and its comments, in order; block words inside braces or parentheses become names."""
    tokens: list[Token] = []
    comments: list[syntax.Comment] = []
    depth = 0
    line_start = True
    for token in grammar().lex(source.text, dont_ignore=True):
        if token.type == "WS":
            line_start = line_start or "\n" in token
            continue
        if token.type == "COMMENT":
            comments.append(syntax.Comment(str(token).rstrip(), token.start_pos or 0, line_start))
            continue
        line_start = False
        if token.type in OPENERS:
            depth += 1
        elif token.type in CLOSERS:
            depth = max(0, depth - 1)
        elif depth and token.type in BLOCK_WORDS | {"SFTSPEC"}:
            token = Token.new_borrow_pos("NAME", str(token), token)
        tokens.append(token)
    return tokens, tuple(comments)


def unreadable(tokens: list[Token], source: Source) -> list[Diagnostic]:
    """Characters and texts that no rule of the language can hold. One diagnostic per line is enough."""
    problems = []
    lines: set[int] = set()
    for token in tokens:
        if token.type not in ("BAD", "UNTERMINATED") or token.line in lines:
            continue
        lines.add(token.line or 0)
        span = span_of(source, token)
        if token.type == "UNTERMINATED":
            problems.append(
                Diagnostic("SFT1002", "this text is not closed", Label(span, "starts here"), help='end it with `"`')
            )
        else:
            shown = str(token) if str(token).isprintable() else f"U+{ord(str(token)[0]):04X}"
            problems.append(Diagnostic("SFT1003", f"`{shown}` is not part of the language", Label(span)))
    return problems


def units(tokens: list[Token], source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """A number directly followed by a name on its line: the name was meant as a unit. It is reported and mended."""
    out: list[Token] = []
    problems = []
    for token in tokens:
        before = out[-1] if out else None
        if token.type != "NAME" or before is None or before.type != "NUMBER" or before.line != token.line:
            out.append(token)
            continue
        problems.append(unknown_unit(str(token), span_of(source, token)))
        meant = closest(str(token), [*UNITS, *SINGULAR])
        if meant is not None:
            out[-1] = Token.new_borrow_pos("QUANTITY", f"{before} {meant}", before)
    return out, problems


def depth_problems(tokens: list[Token], source: Source) -> list[Diagnostic]:
    """Nesting beyond any honest contract."""
    depth = 0
    for token in tokens:
        depth += (token.type in OPENERS) - (token.type in CLOSERS)
        if depth > MAX_DEPTH:
            message = f"brackets are nested more than {MAX_DEPTH} deep"
            return [Diagnostic("SFT1004", message, Label(span_of(source, token)))]
    return []


def split(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each declaration. A block word at the start of a line and at no depth begins a new one.

    A block word that begins a line and is followed like a block begins a new declaration also where a brace was
    forgotten: `NAME` then a brace or text.
    """
    chunks: list[list[Token]] = []
    previous_line = 0
    for position, token in enumerate(tokens):
        first = token.line != previous_line
        previous_line = token.end_line or token.line or 0
        opens = token.type in BLOCK_WORDS | {"SFTSPEC"} or (
            first and token.column == 1 and token.type == "NAME" and _looks_like_block(tokens, position)
        )
        if opens and token.type == "NAME":
            restored = _block_token(token)
            token = restored or token
        if opens or not chunks:
            chunks.append([])
        chunks[-1].append(token)
    return chunks


def _looks_like_block(tokens: list[Token], position: int) -> bool:
    """At the margin, a name followed by a name begins a declaration, well spelt or not."""
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    return following is not None and following.type == "NAME" and following.line == tokens[position].line


def _block_token(token: Token) -> Token | None:
    kind = str(token).upper()
    return Token.new_borrow_pos(kind, str(token), token) if kind in BLOCK_WORDS and str(token).islower() else None


def _once(problems: list[Diagnostic]) -> list[Diagnostic]:
    """A line that holds an unreadable character is not also blamed for what is missing there."""
    broken = {
        problem.primary.span.line
        for problem in problems
        if problem.code in ("SFT1002", "SFT1003") and problem.primary is not None
    }
    return [
        problem
        for problem in problems
        if problem.code != "SFT1001"
        or problem.primary is None
        or not ({problem.primary.span.line, problem.primary.span.line - 1} & broken)
    ]
