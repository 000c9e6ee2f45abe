"""The grammar's states without values: what would happen if a token came next."""

from __future__ import annotations

from typing import Any

from lark import Lark, Token
from lark.parsers.lalr_analysis import Shift

Stack = list[int]


class Table:
    """The parser's states without its values: what would happen if a token came next."""

    def __init__(self, grammar: Lark, start: str) -> None:
        config: Any = grammar.parse_interactive(start=start).parser_state.parse_conf
        self.states: Any = config.states
        self.first: int = config.start_state
        self.last: int = config.end_state

    def shift(self, stack: Stack | None, kind: str) -> Stack | None:
        """The states after reading a token of this kind, or None if it does not fit."""
        if stack is None:
            return None
        stack = list(stack)
        while True:
            found = self.states[stack[-1]].get(kind)
            if found is None:
                return None
            action, target = found
            if action is Shift:
                return [*stack, target]
            size = len(target.expansion)
            if size:
                del stack[-size:]
            stack.append(self.states[stack[-1]][target.origin.name][1])
            if kind == "$END" and stack[-1] == self.last:
                return stack

    def run(self, stack: Stack | None, tokens: list[Token]) -> Stack | None:
        """The states after several tokens."""
        for token in tokens:
            stack = self.shift(stack, token.type)
        return stack

    def accepts(self, stack: Stack) -> set[str]:
        """The kinds of token that fit here."""
        kinds = [kind for kind in self.states[stack[-1]] if kind.isupper() or kind.startswith(("$", "__ANON"))]
        return {kind for kind in kinds if self.shift(stack, kind) is not None}
