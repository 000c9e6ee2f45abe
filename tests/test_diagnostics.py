"""Diagnostics as they are shown: frames, colours, one line, JSON; of very many and on very long lines, a part."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from spec_lang.compiler import compile_source
from spec_lang.diagnostics import LISTED, MARKS, MAX_NAME, WIDE, Diagnostic, Label, frame, listed, short
from spec_lang.source import Source, Span
from tests.procurement import done, sftspec

HEAD = 'sftspec 1\n\ncontract c {\n  version: "1"\n  buyer: "b"\n  vendor: "v"\n}\n\nrecord R {\n  text: Text\n}\n'


def at(text: str, word: str, *others: str) -> Diagnostic:
    """A mistake at a word of a text, with other places beside it."""
    source = Source("a.sftspec", text)
    found = [Label(Span(source, text.index(one), text.index(one) + len(one)), f"is {one}") for one in (word, *others)]
    return Diagnostic("SFT2001", "this is wrong", found[0], tuple(found[1:]), help="mend it")


def test_a_frame() -> None:
    assert frame(at("one\ntwo three\n", "three", "one")).splitlines() == [
        "error[SFT2001]: this is wrong",
        "  --> a.sftspec:2:5",
        "  |",
        "1 | one",
        "  | --- is one",
        "2 | two three",
        "  |     ^^^^^ is three",
        "help: mend it",
    ]


def test_colour_changes_nothing_else() -> None:
    item = at("one\n\ttwo three\nfour\nfive", "two", "one", "five")
    painted = frame(item, colour=True)
    assert painted.count("\x1b[") > 10
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == frame(item)


def test_one_line_and_json() -> None:
    item = at("one\ntwo three\n", "three")
    assert short(item) == "a.sftspec:2:5: error[SFT2001]: this is wrong"
    place = {"file": "a.sftspec", "line": 2, "column": 5, "end_line": 2, "end_column": 10, "text": "is three"}
    assert json.loads(json.dumps(item.as_json())) == {
        "code": "SFT2001", "severity": "error", "message": "this is wrong", "at": place, "related": [], "notes": [],
        "help": "mend it", "fix": None, "count": 1,
    }  # fmt: skip


def test_a_part_of_a_long_line() -> None:
    """What stands around the mark; a place further on has a part of its own."""
    text = "- " * 500 + "one " + "- " * 500 + "two" + " -" * 500
    lines = frame(at(text, "two", "one")).splitlines()
    assert max(map(len, lines)) <= WIDE + 10
    for number, word in ((3, "one"), (5, "two")):
        line, marks = lines[number], lines[number + 1]
        assert line[4] == line[-1] == "…"
        assert line[re.search(r"\^+|-+(?= is)", marks).start() :].startswith(word)  # type: ignore[union-attr]


def test_a_line_that_fits_is_shown_whole() -> None:
    text = "one " + "-" * (WIDE - 8) + " two"
    assert frame(at(text, "two")).splitlines()[3] == f"1 | {text}"


def test_a_frame_shows_so_many_places() -> None:
    item = at("one\ntwo", "one", *["two"] * (MARKS + 7))
    assert frame(item).count("is two") == MARKS
    assert frame(item).splitlines()[-2] == "   = and 7 more places"


def test_of_very_many_the_first_are_listed_and_the_rest_counted() -> None:
    """Errors before warnings, so that an exit code always has its reason on the page."""
    text = "w" * 2_000
    source = Source("a.sftspec", text)
    found = [
        Diagnostic("SFT2001", "m", Label(Span(source, n, n + 1)), severity="error" if n >= 1_500 else "warning")
        for n in range(2_000)
    ]
    *shown, last = listed(found[::-1])
    assert [item.primary.span.start for item in shown if item.primary] == [*range(500), *range(1_500, 2_000)]
    assert (last.message, last.severity, last.count) == ("1,000 more warnings are not listed", "warning", 1_000)
    *_, errors, warnings = listed([*found, *found[1_500:], *found[1_500:]])
    assert (errors.message, errors.count, warnings.count) == ("500 more mistakes are not listed", 500, 1_500)
    assert listed(found[:LISTED]) == tuple(found[:LISTED])


def test_what_is_not_listed_is_counted_in_each_form(tmp_path: Path) -> None:
    """A line of 2,001 words of an enum that are all the same."""
    path = tmp_path / "a.sftspec"
    path.write_text(HEAD + "enum E {" + " a" * 2_001 + " }\n", "utf-8")
    for words in ([], ["--short"]):
        lines = done(sftspec("check", path, *words), 1).err.splitlines()
        assert lines[-1] == "2,000 mistakes; `sftspec explain SFT2002` says more"
        assert "error[SFT1004]: 1,000 more mistakes are not listed" in lines
        assert max(map(len, lines)) < 400
    found = json.loads(done(sftspec("check", path, "--format", "json"), 1).out)
    assert len(found) == LISTED + 1 + sum(item["severity"] == "warning" for item in found)
    assert sum(item["count"] for item in found if item["severity"] == "error") == 2_000
    (run,) = json.loads(done(sftspec("check", path, "--format", "sarif"), 1).out)["runs"]
    assert run["results"][-1]["occurrenceCount"] == 1_000


@pytest.mark.parametrize("name", ["n" * MAX_NAME, "n" * (MAX_NAME + 1)])
def test_a_name_ends_at_some_length(name: str) -> None:
    """It is read to there, so that nothing else is said about it."""
    found = compile_source(Source("a.sftspec", HEAD + f"enum {name} {{ a }}\n")).diagnostics
    errors = [item.message for item in found if item.severity == "error"]
    assert errors == (["a name ends at 200 characters"] if len(name) > MAX_NAME else [])
