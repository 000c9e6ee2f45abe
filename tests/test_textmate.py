"""The TextMate grammar colours a contract as the language reads it: Oniguruma's scopes against Lark's tokens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from language_examples import PAGES, Example, examples

from spec_lang.codes import codes
from spec_lang.examples import placed
from spec_lang.grammarfile import grammar
from spec_lang.lexer import _tokenise
from spec_lang.source import Source
from spec_lang.types import BUILT_IN
from spec_lang.words import reserved

babi = pytest.importorskip("babi.highlight", reason="babi runs TextMate grammars; `make` installs it")
ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "grammars/vscode"
RAW = json.loads((EXTENSION / "syntaxes/sftspec.tmLanguage.json").read_text("utf-8"))
RULES = RAW["repository"]

CLASSES = {
    "comment": "comment",
    "string": "text",
    "invalid.illegal.unterminated": "unterminated",
    "invalid.illegal": "unreadable",
    "constant.numeric": "number",
    "constant.language": "word",
    "keyword.operator.word": "word",
    "keyword.operator": "sign",
    "keyword": "word",
    "punctuation": "sign",
    "support.type.property-name": "label",
    "support": "name",
    "variable": "name",
}
"""What a scope says of a token: the first prefix that fits."""
TOKENS = {
    "STRING": "text",
    "RAW": "text",
    "UNTERMINATED": "unterminated",
    "BAD": "unreadable",
    "QUOTED": "unreadable",
    "NUMBER": "number",
    "QUANTITY": "number",
    "DATE": "number",
    "LABEL": "label",
    "NAME": "name",
    "ATTRIBUTE": "name",
}
"""What Lark says of it; a kind that is not listed is a word of the language, or a sign."""


def coloured(text: str) -> list[str]:
    """The class of every character under the TextMate grammar; empty where it has none."""
    compiler = babi.Compiler(babi.Grammar.make(RAW), babi.Grammars())
    state, out = compiler.root_state, []
    for number, line in enumerate(f"{line}\n" for line in text.split("\n")):
        state, regions = babi.highlight_line(compiler, state, line, number == 0)
        classes = [""] * len(line)
        for region in regions:
            scope = next((name for name in region.scope if name != "source.sftspec"), "")
            found = next((what for prefix, what in CLASSES.items() if scope.startswith(prefix)), scope)
            classes[region.start : region.end] = [found] * (region.end - region.start)
        out += classes
    return out


def read(text: str) -> list[tuple[int, str, str]]:
    """Offset, text and class of every token and comment that the language reads."""
    tokens, comments = _tokenise(Source("contract.sftspec", text))
    words = reserved()
    found = [(item.start, item.text, "comment") for item in comments]
    guessed = {token.line for token in tokens if token.type == "NAME" and token.column == 1}
    for token in tokens:
        if token.line in guessed:
            continue  # the language guesses a misspelt block word at the margin; regular expressions cannot
        what = TOKENS.get(token.type) or ("word" if token.type in words else "sign")
        found.append((token.start_pos or 0, str(token), what))
    return sorted(found)


def differences(text: str) -> list[str]:
    classes = coloured(text)
    wrong = []
    for start, token, what in read(text):
        got = set(classes[start : start + len(token)])
        if got != {what}:
            wrong.append(f"line {text.count(chr(10), 0, start) + 1}: {token!r} is a {what}, coloured as {sorted(got)}")
    return wrong


CONTRACTS = sorted([*ROOT.glob("examples/**/*.sftspec"), *ROOT.glob("spec_lang/std/*.sftspec")])
MANUAL = [example for page in PAGES for example in examples(page)]


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_a_contract_is_coloured_as_it_is_read(path: Path) -> None:
    """Every token of every example and of the library."""
    assert differences(path.read_text("utf-8")) == []


def whole(fragment: str, place: str, skeleton: str) -> str:
    """A fragment in the contract that it stands in."""
    return placed(fragment, place, skeleton)[0] if place else fragment


@pytest.mark.parametrize("example", MANUAL, ids=lambda one: one.name)
def test_an_example_of_the_manual_is_coloured_as_it_is_read(example: Example) -> None:
    """Broken ones too: they are what an editor shows most of the time."""
    assert differences(whole(example.fragment, example.place, example.skeleton)) == []


@pytest.mark.parametrize("code", codes())
def test_the_examples_of_a_code_are_coloured_as_they_are_read(code: str) -> None:
    entry = codes()[code]
    for fragment in (entry.bad, entry.good):
        assert differences(whole(fragment, entry.place, entry.skeleton)) == []


def test_a_wrong_grammar_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is of every token, so one word less in the grammar shows."""
    rule = RULES["words"]
    monkeypatch.setitem(rule, "match", rule["match"].replace("require|", ""))
    assert any("'require'" in line for line in differences("terms a on B {\n  require c: no(has_secret())\n}\n"))


def listed(name: str) -> list[str]:
    """The words that a rule of the grammar lists."""
    return re.findall(r"(?<=[(:|])([a-z]+)(?=[|)])", RULES[name]["match"].replace("any[ \\t]+of", ""))


def test_the_grammars_have_the_same_words() -> None:
    """Each reserved word stands in one rule of the TextMate grammar, and no other word does."""
    names = ("blockWords", "headWords", "signatureWords", "words", "constants", "wordOperators")
    found = [word for name in names for word in listed(name)]
    assert sorted(found) == sorted(set(reserved().values()) - {"any of", "for each"})
    assert all(one in RULES["words"]["match"] for one in ("any[ \\t]+of", "for[ \\t]+each"))


def test_the_grammars_have_the_same_types_and_units() -> None:
    assert re.findall(r"[A-Z]\w+", RULES["types"]["match"]) == list(BUILT_IN)
    quantity = next(item.pattern.value for item in grammar().terminals if item.name == "QUANTITY")
    (units,) = re.findall(r"\(pp\|[^)]*\)", quantity)
    assert units[1:-1] in RULES["numbers"]["patterns"][1]["match"]
