"""The grammar's file to its lexer and its automaton: from the tables that ship beside it, if they are made for it.

`python -m spec_lang.grammarfile` prints the tables; `make tables` puts them into their place, and a test holds them to
the grammar. To load Lark and work them out takes longer than to check a contract: a command does so only where
they are made for another grammar.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from spec_lang.tokens import Token

if TYPE_CHECKING:
    from lark import Lark

FOLDER = "spec_lang.grammars"
STARTS = ("version", "declaration", "unreadable")
"""What can be read alone."""
DROPPED, KEPT, SPREAD = range(3)
"""What becomes of a part of a rule: a sign is dropped; of a node whose name begins with `_` the children are taken."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a reduction makes: a node `data` of the parts that are not dropped."""

    origin: str
    """The name by which the automaton goes on."""
    data: str
    parts: tuple[int, ...]
    single: bool
    """Whether an only child stands for the node."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """A basic lexer and an LALR(1) automaton."""

    terminals: dict[str, str]
    """Regular expressions by the kind of token, in the order in which they are tried."""
    rules: tuple[Rule, ...]
    states: tuple[dict[str, int], ...]
    """For a token or a node that comes next: the state to go to, or ~n to reduce by rule n."""
    ends: dict[str, tuple[int, int]]
    """The first state for each start, and the one behind it."""
    scanner: re.Pattern[str]

    def lex(self, text: str) -> Iterator[Token]:
        """The words, spaces and comments of a text. Every character is in one of them."""
        line, margin = 1, -1
        for found in self.scanner.finditer(text):
            start, end = found.span()
            word = found.group()
            yield Token(str(found.lastgroup), word, start, end, line, start - margin)
            if "\n" in word:
                line += word.count("\n")
                margin = start + word.rindex("\n")


@cache
def grammar() -> Grammar:
    """The compiled grammar; one start symbol for a version, one for a declaration read alone."""
    shipped = json.loads(resources.files(FOLDER).joinpath("tables.json").read_text("utf-8"))
    return read(shipped if shipped["made_for"] == made_for() else tables())


def read(tables: dict[str, Any]) -> Grammar:
    """What the tables say."""
    return Grammar(
        terminals=tables["terminals"],
        rules=tuple(Rule(origin, data, tuple(parts), single) for origin, data, parts, single in tables["rules"]),
        states=tuple(tables["states"]),
        ends={start: (first, last) for start, (first, last) in tables["ends"].items()},
        scanner=re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in tables["terminals"].items())),
    )


def tables() -> dict[str, Any]:
    """The tables, worked out anew. States and rules are numbered as they are met: the same grammar, the same tables."""
    from lark.lexer import BasicLexer

    lark = compiled()
    words = BasicLexer(lark.lexer_conf).terminals
    ends = {start: _ends(lark, start) for start in STARTS}
    order = [state for pair in ends.values() for state in pair]
    rules: list[Any] = []
    states: list[dict[str, int]] = []
    while len(states) < len(order):
        states.append(_actions(_automaton(lark, STARTS[0]).states[order[len(states)]], order, rules))
    return {
        "made_for": made_for(),
        "terminals": {word.name: word.pattern.to_regexp() for word in words},
        "rules": [_rule(rule) for rule in rules],
        "states": states,
        "ends": {start: [order.index(first), order.index(last)] for start, (first, last) in ends.items()},
    }


def compiled() -> Lark:
    """The grammar as Lark reads it."""
    from lark import Lark

    options: dict[str, Any] = {"propagate_positions": True, "maybe_placeholders": False}
    return Lark(_text(), parser="lalr", lexer="basic", start=list(STARTS), **options)


def _automaton(lark: Any, start: str) -> Any:
    return lark.parse_interactive(start=start).parser_state.parse_conf


def _ends(lark: Any, start: str) -> tuple[int, int]:
    automaton = _automaton(lark, start)
    return automaton.start_state, automaton.end_state


def _actions(found: dict[str, Any], order: list[int], rules: list[Any]) -> dict[str, int]:
    """The actions of one state in our numbers; states and rules met for the first time get the next ones."""
    from lark.parsers.lalr_analysis import Shift

    actions = {}
    for kind, (action, target) in sorted(found.items(), key=lambda item: item[0]):
        known = order if action is Shift else rules
        if target not in known:
            known.append(target)
        actions[kind] = known.index(target) if action is Shift else ~known.index(target)
    return actions


def _rule(rule: Any) -> list[Any]:
    parts = [
        (DROPPED if part.filter_out else KEPT) if part.is_term else SPREAD if part.name.startswith("_") else KEPT
        for part in rule.expansion
    ]
    origin = str(rule.origin.name)
    return [origin, rule.alias or origin, parts, rule.options.expand1 and not rule.alias]


def made_for() -> str:
    """What the tables depend on."""
    return hashlib.sha256(_text().encode()).hexdigest()


def _text() -> str:
    return resources.files(FOLDER).joinpath("sftspec.lark").read_text(encoding="utf-8")


if __name__ == "__main__":
    print(json.dumps(tables(), separators=(",", ":")))
