"""The grammar's file to its parser: with the tables that ship beside it where they are its own, else with new ones.

`python -m spec_lang.grammarfile` prints the tables; `make tables` puts them into their place, and a test holds them to
the grammar. To work them out takes longer than to check a contract, so a command does not do it at every start.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

FOLDER = "spec_lang.grammars"


@cache
def grammar() -> Lark:
    """The compiled grammar; one start symbol for a version, one for a declaration read alone."""
    text = resources.files(FOLDER).joinpath("tables.json").read_text("utf-8")
    shipped = json.loads(text, object_pairs_hook=_Shared())
    return Lark.load(shipped["parser"]) if shipped["made_for"] == made_for() else compiled()


def compiled() -> Lark:
    """The grammar, its tables worked out anew."""
    return Lark(
        _text(),
        parser="lalr",
        lexer="basic",
        start=["version", "declaration", "unreadable"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def serialised() -> str:
    """The tables as JSON, in the form of `lark.tools.serialize`."""
    data, memo = compiled().memo_serialize([TerminalDef, Rule])
    tables = {"made_for": made_for(), "parser": {"data": data, "memo": memo}}
    return json.dumps(tables, separators=(",", ":")) + "\n"


def made_for() -> str:
    """What tables depend on: the grammar's text and the version of Lark."""
    return f"{hashlib.sha256(_text().encode()).hexdigest()} lark {lark.__version__}"


def _text() -> str:
    return resources.files(FOLDER).joinpath("sftspec.lark").read_text(encoding="utf-8")


class _Shared:
    """JSON's objects, the texts among their keys as the numbers that they were, and equal symbols as one.

    A symbol stands in many rules; read anew for each, it would take memory that a start can spare.
    """

    def __init__(self) -> None:
        self.symbols: dict[tuple[Any, ...], dict[str | int, Any]] = {}

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
        read = {int(key) if key.isdecimal() else key: value for key, value in pairs}
        symbol = read.get("__type__") in ("Terminal", "NonTerminal")
        return self.symbols.setdefault(tuple(read.values()), read) if symbol else read


if __name__ == "__main__":
    print(serialised(), end="")
