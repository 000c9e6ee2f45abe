"""Sound declarations by their text: after a keystroke one of them is read again, and the others only move."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from lark import Token

from spec_lang.source import Source, Span
from spec_lang.syntax import Declaration, Syntax, Version

MOST = 2_000_000
"""Characters of text remembered: twice what a contract may have. Beyond it all is forgotten."""

Key = tuple[str, tuple[str, ...]]
"""A declaration's text and the kinds of its words: all that its tree depends on."""


class Memory:
    """Trees of what has been read, each in a source of its own, so that no whole text is kept alive."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.trees: dict[Key, Declaration | Version] = {}
        self.chars = 0

    def find(self, tokens: list[Token], source: Source) -> Declaration | Version | None:
        """The tree of these tokens, where they stand now."""
        tree = self.trees.get(_key(tokens, source)) if self.trees else None
        return _moved(tree, source, tokens[0].start_pos or 0) if tree is not None else None

    def keep(self, tokens: list[Token], source: Source, tree: Declaration | Version) -> None:
        """Remember the tree of these tokens."""
        if not self.most:
            return
        key = _key(tokens, source)
        if self.chars + len(key[0]) > self.most:
            self.trees, self.chars = {}, 0
        self.chars += len(key[0])
        self.trees[key] = _moved(tree, Source(source.name, key[0]), -(tokens[0].start_pos or 0))


def _key(tokens: list[Token], source: Source) -> Key:
    return source.text[tokens[0].start_pos : tokens[-1].end_pos], tuple([token.type for token in tokens])


def _moved(part: Any, source: Source, by: int) -> Any:
    """The same node `by` characters further on, in another source."""
    kind: Any = type(part)
    if kind is Span:
        return Span(source, part.start + by, part.end + by)
    if kind is tuple:
        return tuple([_moved(item, source, by) for item in part])
    names = _names(kind)
    return kind(*[_moved(getattr(part, name), source, by) for name in names]) if names else part


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a node; none for a text, a truth value or nothing."""
    return tuple(field.name for field in fields(kind)) if issubclass(kind, Syntax) else ()
