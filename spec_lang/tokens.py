"""The words of a text and the nodes that the grammar makes of them, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


class Token(str):
    """A word of a text: its kind, the offsets of its first character and of the one after its last, line and column."""

    __slots__ = ("column", "end", "line", "start", "type")

    type: str
    start: int
    end: int
    line: int
    column: int

    def __new__(cls, kind: str, text: str, start: int, end: int, line: int, column: int) -> Token:
        token = super().__new__(cls, text)
        token.type, token.start, token.end, token.line, token.column = kind, start, end, line, column
        return token

    @classmethod
    def at(cls, kind: str, text: str, place: Token) -> Token:
        """A token that stands for another one, at its place."""
        return cls(kind, text, place.start, place.end, place.line, place.column)


@dataclass(slots=True, eq=False)
class Tree:
    """A node as the grammar names it, over the words from `start` to `end`; -1 where it holds no words at all."""

    data: str
    children: list[Tree | Token]
    start: int
    end: int
