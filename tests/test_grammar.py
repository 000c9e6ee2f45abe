"""The tables that ship are those of the grammar, and what is read with them is what Lark reads."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import lark
import pytest
from language_examples import PAGES, examples

from spec_lang import grammarfile
from spec_lang.lexer import read_tokens
from spec_lang.parser import split
from spec_lang.parsertable import Table
from spec_lang.source import Source
from spec_lang.tokens import Token, Tree

ROOT = Path(__file__).resolve().parents[1]
FILES = [*sorted((ROOT / "examples").rglob("*.sftspec")), *sorted((ROOT / "spec_lang" / "std").glob("*.sftspec"))]
TEXTS = [path.read_text("utf-8") for path in FILES] + [item.fragment for page in PAGES for item in examples(page)]


def test_the_tables_are_made_for_this_grammar() -> None:
    """To the last number. After a change of the grammar: `make tables`."""
    shipped = json.loads(resources.files(grammarfile.FOLDER).joinpath("tables.json").read_text("utf-8"))
    assert shipped == grammarfile.tables(), "run `make tables`"


def test_the_tables_do_not_depend_on_a_hash() -> None:
    """Made twice, they are the same text."""
    command = [sys.executable, "-c", "from spec_lang.grammarfile import tables; print(tables())"]
    made = [
        subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]


def shape(node: Any) -> Any:
    """A tree without the place of its signs: kinds, words, offsets."""
    if isinstance(node, Tree):
        return node.data, node.start, node.end, [shape(child) for child in node.children]
    if isinstance(node, lark.Tree):
        start, end = (-1, -1) if node.meta.empty else (node.meta.start_pos, node.meta.end_pos)
        return node.data, start, end, [shape(child) for child in node.children]
    start, end = (node.start, node.end) if isinstance(node, Token) else (node.start_pos, node.end_pos)
    return node.type, start, end, str(node)


def test_trees_are_those_of_lark() -> None:
    """Every declaration of the examples, of the library and of the manual, with its places; sound ones fit in both."""
    grammar, other = grammarfile.grammar(), grammarfile.compiled()
    read = 0
    for chunk in (chunk for text in TEXTS for chunk in split(read_tokens(Source("text", text))[0])):
        table = Table(grammar, start := "version" if chunk[0].type == "SFTSPEC" else "declaration")
        stack = table.run([table.first], chunk)
        parser = other.parse_interactive(start=start)
        words = [lark.Token(t.type, str(t), t.start, t.line, t.column, t.line, t.column, t.end) for t in chunk]
        if table.shift(stack, "$END") is None:
            with pytest.raises(lark.UnexpectedInput):
                fed(parser, words)
            continue
        assert shape(table.tree(chunk)) == shape(fed(parser, words))
        read += 1
    assert read > 300


def fed(parser: Any, words: list[lark.Token]) -> Any:
    """Lark's tree of these words."""
    for word in words:
        parser.feed_token(word)
    return parser.feed_eof(words[-1])


@pytest.mark.parametrize("text", TEXTS[:6])
def test_words_are_those_of_lark(text: str) -> None:
    """Spaces and comments too: kind, text, offsets, line and column."""
    ours = [(t.type, str(t), t.start, t.end, t.line, t.column) for t in grammarfile.grammar().lex(text)]
    lexed = grammarfile.compiled().lex(text, dont_ignore=True)
    assert ours == [(t.type, str(t), t.start_pos, t.end_pos, t.line, t.column) for t in lexed]


def test_tables_of_another_grammar_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are worked out anew, so that a change shows before `make tables`."""
    monkeypatch.setattr(grammarfile, "made_for", lambda: "another")
    made: list[bool] = []
    new = grammarfile.tables()
    monkeypatch.setattr(grammarfile, "tables", lambda: made.append(True) or new)
    assert grammarfile.grammar.__wrapped__() == grammarfile.read(new)
    assert made


def test_the_grammar_is_read_without_lark() -> None:
    """Its tables are enough; to import Lark would cost each command a tenth of its time."""
    program = "import sys; from spec_lang.grammarfile import grammar; grammar(); print('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT).stdout == "False\n"
