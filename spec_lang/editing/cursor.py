"""A text and an offset to what stands before the cursor: the name begun there, its declaration, the parser's states."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from lark import Token

from spec_lang.grammarfile import grammar
from spec_lang.lexer import read_tokens
from spec_lang.parser import split
from spec_lang.parsertable import Stack, Table
from spec_lang.recovery import STAND_INS
from spec_lang.source import Source

BEGUN = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*\.)*(?:[A-Za-z_][A-Za-z0-9_]*)?\Z")
GOES_ON = re.compile(r"[A-Za-z0-9_]*")
CLOSING = (
    "RPAR",
    "RSQB",
    "RBRACE",
    "COLON",
    "NAME",
    "NUMBER",
    "LBRACE",
    "STRING",
    "QUANTITY",
    "IN",
    "SATISFIES",
    "BY",
    "ON",
)
"""What may be missing at the end of a statement that was begun, in the order of trial."""
MOST_ADDED = 4
MOST_TRIED = 1_000
AHEAD = 8
"""How many tokens behind the cursor have to fit; mistakes further on are not the cursor's."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where something is being written. `head` is where its dotted name begins, `start` where its last part does."""

    source: Source
    head: int
    start: int
    end: int
    """Behind the word that the cursor touches."""
    tokens: tuple[Token, ...]
    """Of the declaration that is being written, up to `head`."""
    table: Table
    stack: Stack

    @property
    def dotted(self) -> bool:
        return self.head < self.start

    def may_end(self) -> bool:
        """Whether the declaration could end here, so that another one may begin."""
        return not self.tokens or self.table.shift(self.stack, "$END") is not None

    def accepts(self) -> set[str]:
        """The kinds of token that may stand here."""
        kinds = self.table.accepts(self.stack)
        if not self.may_end():
            return kinds
        begins = Table(grammar(), "declaration")
        first = {"SFTSPEC"} if not self.source.text[: self.head].strip() else set()
        return kinds | begins.accepts([begins.first]) | first


def cursor_at(source: Source, offset: int) -> Cursor | None:
    """The cursor; None inside texts and comments."""
    found = BEGUN.search(source.text, source.starts[source.line_of(offset) - 1], offset)
    assert found is not None  # it matches the empty text
    head, start = found.start(), max(found.start(), source.text.rfind(".", found.start(), offset) + 1)
    before = Source(source.name, source.text[:head])
    tokens, comments, problems = read_tokens(before)
    line = before.line_of(head)
    open_text = any(item.code == "SFT1002" and item.primary and item.primary.span.line == line for item in problems)
    if open_text or (comments and before.line_of(comments[-1].start) == line):
        return None
    ends = GOES_ON.match(source.text, offset)
    chunks = split(tokens)
    chunk = tuple(chunks[-1]) if chunks else ()
    table = Table(grammar(), "version" if chunk and chunk[0].type == "SFTSPEC" else "declaration")
    return Cursor(source, head, start, ends.end() if ends else offset, chunk, table, _states(table, chunk))


def _states(table: Table, tokens: tuple[Token, ...]) -> Stack:
    """The states behind the tokens; one that does not fit is passed over."""
    stack = [table.first]
    for token in tokens:
        stack = table.shift(stack, token.type) or stack
    return stack


def finished(cursor: Cursor, word: str) -> str | None:
    """The text with `word` written at the cursor and its statement brought to an end.

    None if no way was found to go on: the language has no such statement, or what follows cannot be read.
    """
    text = cursor.source.text
    line = text.find("\n", cursor.end)
    for end in (cursor.end, line) if line > cursor.end else (cursor.end,):
        before, rest = f"{text[: cursor.head]}{word}", text[end:]
        added = _added(cursor, before, rest)
        if added is not None:
            return "".join((before, *(f" {STAND_INS.get(kind, kind.lower())}" for kind in added), rest))
    return None


def _added(cursor: Cursor, before: str, rest: str) -> tuple[str, ...] | None:
    """The kinds of the fewest tokens that let what is written before and the rest stand together."""
    tokens, _, _ = read_tokens(Source(cursor.source.name, before + rest))
    chunk = next((chunk for chunk in split(tokens) if (chunk[-1].start_pos or 0) >= cursor.head), [])
    written = [token for token in chunk if cursor.head <= (token.start_pos or 0) < len(before)]
    after = [token.type for token in chunk if (token.start_pos or 0) >= len(before)]
    goal = (*after, "$END") if len(after) < AHEAD else tuple(after[:AHEAD])
    stack = cursor.table.run(cursor.stack, written)
    return _shortest(cursor.table, stack, goal) if stack is not None else None


def _shortest(table: Table, stack: Stack, goal: tuple[str, ...]) -> tuple[str, ...] | None:
    pending: deque[tuple[Stack, tuple[str, ...]]] = deque([(stack, ())])
    for _ in range(MOST_TRIED):
        if not pending:
            return None
        states, added = pending.popleft()
        if _fits(table, states, goal):
            return added
        if len(added) < MOST_ADDED:
            moved = ((table.shift(states, kind), kind) for kind in CLOSING)
            pending += [(found, (*added, kind)) for found, kind in moved if found is not None]
    return None


def _fits(table: Table, stack: Stack, goal: tuple[str, ...]) -> bool:
    moved: Stack | None = stack
    for kind in goal:
        moved = table.shift(moved, kind)
    return moved is not None
