"""The tables that ship are those of the grammar."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from lark import Lark
from lark.parsers.lalr_analysis import Shift

from spec_lang import grammarfile


def table(parser: Lark, start: str) -> tuple[dict[int, Any], int]:
    """Actions by state, and the first state."""
    conf: Any = parser.parse_interactive(start=start).parser_state.parse_conf
    return conf.states, conf.start_state


def test_the_tables_are_made_for_this_grammar() -> None:
    """After a change of the grammar: `make tables`."""
    shipped = json.loads(resources.files(grammarfile.FOLDER).joinpath("tables.json").read_text("utf-8"))
    assert shipped["made_for"] == grammarfile.made_for(), "run `make tables`"


@pytest.mark.parametrize(("start", "least"), [("version", 3), ("declaration", 300)])
def test_the_tables_do_what_new_ones_do(start: str, least: int) -> None:
    """From the first state on, each word leads to the same rule or to a state that does the same again."""
    shipped, first = table(grammarfile.grammar(), start)
    new, new_first = table(grammarfile.compiled(), start)
    meant = {first: new_first}
    pending = [first]
    while pending:
        state = pending.pop()
        actions, expected = shipped[state], new[meant[state]]
        assert actions.keys() == expected.keys()
        for kind, (action, target) in actions.items():
            other_action, other = expected[kind]
            assert action is other_action
            if action is not Shift:
                assert (target, target.alias, target.options.expand1) == (other, other.alias, other.options.expand1)
            elif target in meant:
                assert meant[target] == other
            else:
                meant[target] = other
                pending.append(target)
    assert len(meant) >= least


def test_the_words_are_those_of_the_grammar() -> None:
    """In the order in which they are tried."""
    parsers = (grammarfile.grammar(), grammarfile.compiled())
    shipped, new = ([(t.name, t.priority, t.pattern.to_regexp()) for t in parser.terminals] for parser in parsers)
    assert shipped == new
    assert sorted(parsers[0].lexer_conf.ignore) == sorted(parsers[1].lexer_conf.ignore)


def test_tables_of_another_grammar_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are worked out anew, so that a change shows before `make tables`."""
    monkeypatch.setattr(grammarfile, "made_for", lambda: "another")
    made: list[bool] = []
    monkeypatch.setattr(grammarfile, "compiled", lambda: made.append(True))
    grammarfile.grammar.__wrapped__()
    assert made
