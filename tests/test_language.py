"""The manual is the test suite: every contract in tests/language/*.md earns exactly what stands under it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from language_examples import PAGES, Example, examples, rewrite

from spec_lang import settings
from spec_lang.codes import Sample, codes, samples
from spec_lang.completeness import RULES
from spec_lang.explanation import CHAPTERS, contents, explain, known
from spec_lang.formatter import format_file
from spec_lang.parser import parse
from spec_lang.signatures import signatures
from spec_lang.source import Source
from spec_lang.types import BUILT_IN, UNITS
from spec_lang.words import reserved

ALL = [example for page in PAGES for example in examples(page)]
SPEC_LANG = Path(__file__).parents[1] / "spec_lang"


@pytest.fixture(scope="session", autouse=True)
def updated(request: pytest.FixtureRequest) -> None:
    """With --update-spec the pages are rewritten before they are read again."""
    if request.config.getoption("--update-spec"):
        for page in PAGES:
            rewrite(page)
        pytest.exit("the pages are rewritten; read the difference, then run the tests again", returncode=0)


@pytest.mark.parametrize("example", ALL, ids=lambda example: example.name)
def test_an_example_of_the_manual_earns_what_the_manual_says(example: Example) -> None:
    """If the new words are better, run `pytest --update-spec` and read the difference."""
    assert example.earned()[0] == example.expected


@pytest.mark.parametrize(
    "example", [one for one in ALL if not one.expected and not one.place], ids=lambda one: one.name
)
def test_a_whole_contract_of_the_manual_is_written_as_fmt_writes_it(example: Example) -> None:
    """What people copy is in the one form that there is."""
    file, problems = parse(Source("contract.sftspec", example.fragment))
    assert not problems and format_file(file) == example.fragment


@pytest.mark.parametrize("code", codes())
def test_the_bad_fragment_of_a_code_earns_it_and_the_good_one_is_clean(code: str) -> None:
    """`sftspec explain CODE` never shows what is not so."""
    entry = codes()[code]
    assert [item.code for item in entry.earned(entry.bad, entry.encoding)] == [code]
    assert entry.earned(entry.good) == ()


def test_every_code_in_the_source_is_explained_and_no_other_is() -> None:
    """One registry: a code exists when it is raised somewhere and explained in codes.yaml."""
    raised = {code for path in SPEC_LANG.glob("*.py") for code in re.findall(r'"(SFT\d{4})"', path.read_text("utf-8"))}
    assert raised == set(codes())
    assert list(codes()) == sorted(codes())


def test_the_manual_shows_every_code() -> None:
    """Each mistake is met by a reader of the manual; SFT1005 cannot be, since a page is UTF-8 itself."""
    shown = {code for example in ALL for code in re.findall(r"\[(SFT\d{4})\]", example.expected)}
    assert shown == set(codes()) - {"SFT1005"}


def test_the_manual_breaks_enough_contracts() -> None:
    """A page that only shows what works teaches half."""
    assert sum(bool(example.expected) for example in ALL) >= 55


@pytest.mark.parametrize("code", codes())
def test_an_explanation_counts_lines_as_its_reader_does(code: str) -> None:
    """Nothing points into the part of the skeleton that is not shown."""
    text = explain(code)
    assert code in text and codes()[code].title in text
    assert not re.search(r"^\s*-?\d+ \|$|:-?0:|^\s*-\d+ \|", text, re.MULTILINE)


def test_every_measure_is_explained() -> None:
    """`sftspec explain measures` lists all, `sftspec explain share` one."""
    overview = explain("measures")
    for name, signature in signatures().items():
        assert f"  {name}(" in overview and signature.text in overview
        assert all(f"  {item.name}: " in explain(name) for item in signature.parameters)
    assert "did you mean `share`?" in explain("shares")


def test_every_measure_has_a_fragment_that_uses_it() -> None:
    """All but those that nobody writes, since fields and files become clauses of themselves."""
    shorthand = {"readable", "as_listed", "well_formed", "resolves", "attached", "repeated"}
    shown = {name for one in samples() for name in one.of if f"{name}(" in one.text}
    assert set(signatures()) - shown == shorthand


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.of[0])
def test_a_fragment_that_explain_shows_is_sound(sample: Sample) -> None:
    """It may earn advice, which a whole contract would answer, and nothing worse."""
    assert [item.message for item in sample.earned() if item.severity == "error"] == []


def test_everything_that_can_be_written_is_explained() -> None:
    """Types, words of the grammar, labels, units, measures, codes and what the library declares."""
    labels = {label for block in settings.LABELS.values() for label in block}
    library = {"std.agent", "agent.Step", "chat.Message", "provenance.Generator", "std.people", "chat.Role"}
    waivers = {name for name, _ in RULES}
    named = {*BUILT_IN, *UNITS, *waivers, *reserved().values(), *labels, *library, *signatures(), *codes()}
    assert not [name for name in named if not known(name)]
    assert named <= {topic for chapter in CHAPTERS for topic in chapter.topics()}
    assert not {topic for one in samples() for topic in one.of} - named
    assert all(f"\n{chapter.name}: " in f"\n{contents()}" for chapter in CHAPTERS)


def test_an_explanation_says_all_that_a_word_can_be() -> None:
    """`words` is a unit and a measure, `template` a label of two blocks, a step's thought a text that may be absent."""
    assert "words: a unit" in explain("words") and "words(text): a measure" in explain("words")
    assert explain("template").count("a label of `") == 2
    assert "base (required): The model that is fine-tuned" in explain("recipe")
    assert "thought: Text?" in explain("agent.Step") and explain("std.agent.Step") == explain("agent.Step")
    assert "chat.Message: One turn" in explain("std.chat")
    assert 'waive loss_mask "..."' in explain("loss_mask")
    assert "`sftspec explain` alone lists" in explain("zzzzzz")
