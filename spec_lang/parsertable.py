"""The grammar's automaton: what would happen if a token came next, and the tree of tokens that fit."""

from __future__ import annotations

from typing import Any

from spec_lang.grammarfile import KEPT, SPREAD, Grammar, Rule
from spec_lang.tokens import Token, Tree

Stack = list[int]
Part = tuple[Any, int, int]
"""A token or a node, and the offsets of all that was read for it, signs included; -1 for nothing."""


class Table:
    """The automaton from one start symbol on."""

    def __init__(self, grammar: Grammar, start: str) -> None:
        self.states = grammar.states
        self.rules = grammar.rules
        self.first, self.last = grammar.ends[start]

    def shift(self, stack: Stack | None, kind: str) -> Stack | None:
        """The states after reading a token of this kind, or None if it does not fit."""
        if stack is None:
            return None
        stack = list(stack)
        while True:
            action = self.states[stack[-1]].get(kind)
            if action is None:
                return None
            if action >= 0:
                return [*stack, action]
            rule = self.rules[~action]
            if rule.parts:
                del stack[-len(rule.parts) :]
            stack.append(self.states[stack[-1]][rule.origin])
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

    def tree(self, tokens: list[Token]) -> Any:
        """The tree of tokens that fit to the end."""
        stack: Stack = [self.first]
        parts: list[Part] = []
        for token in tokens:
            self._reduce(stack, parts, token.type)
            stack.append(self.states[stack[-1]][token.type])
            parts.append((token, token.start, token.end))
        self._reduce(stack, parts, "$END")
        return parts[-1][0]

    def _reduce(self, stack: Stack, parts: list[Part], kind: str) -> None:
        """Every reduction that is due before a token of this kind."""
        while stack[-1] != self.last and (action := self.states[stack[-1]][kind]) < 0:
            rule = self.rules[~action]
            size = len(rule.parts)
            read = parts[len(parts) - size :]
            del parts[len(parts) - size :], stack[len(stack) - size :]
            stack.append(self.states[stack[-1]][rule.origin])
            parts.append(_node(rule, read))


def _node(rule: Rule, read: list[Part]) -> Part:
    children: list[Tree | Token] = []
    start = end = -1
    for use, (part, begins, ends) in zip(rule.parts, read, strict=True):
        start = begins if start < 0 else start
        end = ends if ends >= 0 else end
        if use == KEPT:
            children.append(part)
        elif use == SPREAD and children:
            children += part.children
        elif use == SPREAD:
            children = part.children  # a list of many grows from the left: it is not copied at each step
    alone = rule.single and len(children) == 1
    return children[0] if alone else Tree(rule.data, children, start, end), start, end
