"""Text to syntax tree. Every mistake in the text becomes one diagnostic; what could be read is kept."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from spec_lang import syntax
from spec_lang.diagnostics import Diagnostic, Label, sort_key
from spec_lang.grammarfile import grammar
from spec_lang.lexer import BLOCK_WORDS, begins_block, read_tokens
from spec_lang.memory import MOST, Memory
from spec_lang.recovery import CLOSERS, MAX_MISTAKES, OPENERS, Reader
from spec_lang.source import Source, Span
from spec_lang.treebuilder import build

MAX_CHARS = 1_000_000
MAX_LEVELS = 100
"""Levels of a declaration's tree: groups, brackets and operators together."""
LAST = frozenset(("RBRACE", "STRING", "NAME", "ATTRIBUTE", "NUMBER", "QUANTITY"))
"""What a declaration can end with."""


def parse(source: Source) -> tuple[syntax.File, list[Diagnostic]]:
    """The tree of a source and the mistakes found in it. Never raises on any text."""
    whole = Span(source, 0, len(source.text))
    if len(source.text) > MAX_CHARS:
        message = f"a contract file ends at {MAX_CHARS:,} characters; this one has {len(source.text):,}"
        help = "move parts into files of their own and `use` them"
        return syntax.File(whole, None, ()), [Diagnostic("SFT1004", message, None, help=help)]
    tokens, comments, problems = read_tokens(source)
    version: syntax.Version | None = None
    declarations: list[syntax.Declaration] = []
    lost: list[Token] = []
    for chunk in split(tokens):
        if len(problems) >= MAX_MISTAKES:
            lost += chunk
            continue
        tree, found, dropped = _declaration(chunk, source, MAX_MISTAKES - len(problems))
        problems += found
        lost += dropped
        if not isinstance(tree, syntax.Version):
            declarations += [tree] if tree is not None else []
        elif version is not None or declarations:
            problems.append(_version_first(tree))
        else:
            version = tree
    problems = sorted(_once(problems), key=sort_key)
    mistakes = tuple(problem.primary.span.start for problem in problems if problem.primary is not None)
    words = _lost_words(tokens, lost, {source.line_of(offset) for offset in mistakes})
    return syntax.File(whole, version, tuple(declarations), comments, mistakes, words), problems


def _lost_words(tokens: list[Token], lost: list[Token], lines: set[int]) -> frozenset[str]:
    """Names in what was lost, and on lines with a mistake."""
    near = [token for token in tokens if token.line in lines] if lines else []
    return frozenset(str(token).lstrip(".") for token in [*lost, *near] if token.type in ("NAME", "LABEL", "ATTRIBUTE"))


def _version_first(version: syntax.Version) -> Diagnostic:
    message = "the version of the language stands once, before everything else"
    return Diagnostic("SFT1006", message, Label(version.span), help="keep one `sftspec 1`, on the first line")


def _declaration(chunk: list[Token], source: Source, limit: int) -> tuple[Any, list[Diagnostic], list[Token]]:
    """The tree if there is one, the mistakes, and the tokens that are not in the tree.

    A sound declaration is read once: after a keystroke all others only move.
    """
    known = _MEMORY.find(chunk, source)
    if known is not None:
        return known, [], []
    tree, problems, lost = _read(chunk, source, limit)
    if tree is not None and not problems:
        _MEMORY.keep(chunk, source, tree)
    return tree, problems, lost


_MEMORY = Memory(0)


def remember() -> None:
    """From here on keep what is sound, for a process that reads a text again after each keystroke."""
    _MEMORY.most = MOST


def _read(chunk: list[Token], source: Source, limit: int) -> tuple[Any, list[Diagnostic], list[Token]]:
    start = "version" if chunk[0].type == "SFTSPEC" else "declaration"
    reader = Reader(grammar(), source, chunk, start, limit)
    read, problems = reader.read()
    deep = _too_deep(read) if read is not None else None
    if deep is not None:
        message = f"this is nested more than {MAX_LEVELS} levels deep"
        span = Span(source, deep.meta.start_pos, deep.meta.end_pos)
        help = "split the statement into several clauses, or use `in { ... }`"
        return None, [*problems, Diagnostic("SFT1004", message, Label(span), help=help)], chunk
    return build(read, source) if read is not None else None, problems, reader.lost


def _too_deep(tree: Any) -> Tree[Token] | None:
    """A node beyond the level to which later passes may recurse."""
    level: list[Tree[Token]] = [tree] if isinstance(tree, Tree) else []
    for _ in range(MAX_LEVELS):
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
        if not level:
            return None
    return next((node for node in level if not node.meta.empty), None)


def split(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each declaration. A block word outside of all blocks begins a new one, well spelt or nearly so."""
    chunks: list[list[Token]] = []
    depth = 0
    for position, token in enumerate(tokens):
        outside = not depth and token.column == 1 and token.type == "NAME" and tokens[position - 1].type in LAST
        opens = token.type in BLOCK_WORDS | {"SFTSPEC"} or (token.column == 1 and begins_block(tokens, position))
        if opens or outside or not chunks:
            chunks.append([])
            depth = 0
        depth = max(0, depth + (token.type in OPENERS) - (token.type in CLOSERS))
        chunks[-1].append(token)
    return chunks


def _once(problems: list[Diagnostic]) -> list[Diagnostic]:
    """A line that holds an unreadable character is not also blamed for what is missing there."""
    broken = {
        problem.primary.span.line
        for problem in problems
        if problem.code in ("SFT1002", "SFT1003", "SFT1008") and problem.primary is not None
    }
    return [
        problem
        for problem in problems
        if problem.code not in ("SFT1001", "SFT1007")
        or problem.primary is None
        or not ({problem.primary.span.line, problem.primary.span.line - 1} & broken)
    ]
