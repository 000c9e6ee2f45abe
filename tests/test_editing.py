"""What an editor is told about a contract: `‸` marks the cursor in each text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec_lang import words
from spec_lang.compiler import Compiled, compile_source
from spec_lang.diagnostics import Diagnostic
from spec_lang.editing.completion import complete
from spec_lang.editing.hover import hover
from spec_lang.editing.navigation import NotRenamed, declared, name_at, references, rename
from spec_lang.editing.outline import outline
from spec_lang.parser import parse
from spec_lang.planning.sampling import SamplingPlan, accepted
from spec_lang.settings import LABELS
from spec_lang.signatures import signatures
from spec_lang.source import Source, Span
from spec_lang.trialplans import gains
from spec_lang.types import BUILT_IN, UNITS

CONTRACT = """\
sftspec 1

use std.chat

contract refunds "Refund dialogues" {
  version: "1.0.0"
  buyer: "Northwind"
  vendor: "Meridian"
  volume: 100..120 records
}

enum Task {
  pay "Pay somebody"
  refund "Give money back"
}

table Expert from "experts.jsonl" key id {
  id: Text
  trained_until: Date?
}

record Dialogue key id "One conversation" {
  id: Text matching r"^D-[0-9]+$"
  input {
    messages: [chat.Message]
    task: Task
    mood: calm | angry = calm
  }
  target {
    reply: Text 8..200 chars "What the agent says"
  }
  source {
    author: ref Expert
    written_at: Date
  }

  require turns: all turn in input.messages satisfies present(turn.role)
}

recipe house for Dialogue {
  base: "base"
  tokenizer: "base/tokenizer.json"
  template: "record.jinja"
  max_length: 512 tokens
  steps: 100
  batch: 8
  learning_rate: 1e-3
  max_new_tokens: 64 tokens
  seeds: 5
}

heldout calls of Dialogue "Sealed calls" {
  items: "sealed/calls.jsonl"
  score: exact_match(answer, target.reply)
  size: 400 records in 100 clusters by source.author
}

mixture on Dialogue by records {
  input.task: pay 50% +- 5pp, refund rest
}

terms quality on Dialogue using house {
  let long: chars(target.reply) > 100 chars
  require paid: share(input.task == pay) >= 30%
  require short: share(long) <= 10%
  require copies: share(near_duplicate(target.reply, shingle: 5 words, similarity: 0.8)) <= 2%
  require better: gain(calls) >= 3pp at 95% confidence expecting 30pp
}
"""


def at(before: str, written: str = "") -> tuple[Source, int]:
    """The contract with a text written behind `before`, and the cursor behind that."""
    found = CONTRACT.index(before) + len(before)
    return Source("refunds.sftspec", CONTRACT[:found] + written + CONTRACT[found:]), found + len(written)


def marked(text: str) -> tuple[Source, int]:
    return Source("refunds.sftspec", text.replace("‸", "")), text.index("‸")


def offered(source: Source, offset: int) -> dict[str, str]:
    """The kind of each word that may be written."""
    return {item.word: item.kind for item in complete(source, offset, compile_source).items}


def compiled() -> Compiled:
    return compile_source(Source("refunds.sftspec", CONTRACT))


def errors(found: Compiled) -> list[Diagnostic]:
    return [item for item in found.diagnostics if item.severity == "error" and not item.code.startswith("SFT4")]


def test_the_contract_of_these_tests_has_no_mistake() -> None:
    assert errors(compiled()) == []


# ------------------------------------------------------------------------------------------------ the words


def test_every_word_of_the_language_has_a_meaning_and_no_other_does() -> None:
    """Blocks, operators, labels, types and units: one sentence each."""
    assert set(words.reserved().values()) == set(words.MEANINGS)
    assert {block: set(labels) for block, labels in words.LABELS.items()} == {
        b: set(known) for b, known in LABELS.items()
    }
    assert set(words.TYPES) == set(BUILT_IN)
    assert set(words.UNITS) == set(UNITS)
    tables = (words.MEANINGS, words.TYPES, words.UNITS, *words.LABELS.values())
    assert all(text[:1] in "`" or text[0].isupper() for table in tables for text in table.values())
    assert all(text.endswith(".") for table in tables for text in table.values())


# ------------------------------------------------------------------------------------------------ completion

STATEMENT = "terms quality on Dialogue using house {\n"
PLACES = [
    ("sftspec 1\n", "\nre", {"record": "keyword", "recipe": "keyword", "reference": "keyword"}),
    ("sftspec 1\n", "\nuse ", {"std.chat": "module", "std.agent": "module"}),
    ("sftspec 1\n", "\nuse std.", {"chat": "module"}),
    (STATEMENT, "  ", {"require": "keyword", "advise": "keyword", "report": "keyword", "let": "keyword"}),
    (STATEMENT, "  require x: ", {"share": "measure", "input": "field", "not": "keyword"}),
    (STATEMENT, "  require x: share(input.", {"task": "field", "mood": "field"}),
    (STATEMENT, "  require x: share(source.author.", {"id": "field", "trained_until": "field"}),
    (STATEMENT, "  require x: share(source.author.tr", {"trained_until": "field"}),
    (STATEMENT, "  require x: share(input.task == ", {"pay": "word", "refund": "word"}),
    (STATEMENT, "  require x: share(input.mood in { calm, ", {"calm": "word", "angry": "word"}),
    (STATEMENT, "  require x: share(near_duplicate(target.reply, ", {"shingle": "argument", "similarity": "argument"}),
    (STATEMENT, "  require x: gain(", {"calls": "name", "over": "argument"}),
    (STATEMENT, "  require x: gain(calls) >= 3", {"pp": "unit", "%": "unit"}),
    (STATEMENT, "  require x: gain(calls) >= 3pp at 95% ", {"confidence": "keyword"}),
    (STATEMENT, "  require x: no(duplicate(input.task, normalise: ", {"none": "word", "text": "word"}),
    (STATEMENT, "  require x: no(has_control_tokens(by: ", {"house": "name"}),
    (STATEMENT, "  require x: every(all turn in input.messages satisfies turn.", {"role": "field", "content": "field"}),
    (STATEMENT, "  require x: every(count(true for each turn in input.", {"messages": "field", "task": "field"}),
    (STATEMENT, "  require x: every(count(true ", {"for each": "keyword"}),
    (
        "    written_at: Date\n",
        "    other: ",
        {"Text": "type", "Task": "name", "chat.Message": "name", "ref": "keyword"},
    ),
    ("    written_at: Date\n", "    other: chat.", {"Message": "name", "Role": "name"}),
    ("    written_at: Date\n", "    other: ref ", {"Expert": "name"}),
    ("recipe house for Dialogue {\n", "  ", {"overflow": "label", "schedule": "label"}),
    ("recipe house for Dialogue {\n", "  overflow: ", {"refuse": "word", "drop": "word", "cut": "word"}),
    ("recipe house for Dialogue {\n", "  warmup: 10", {"%": "unit"}),
    ("  input.task: ", "", {"pay": "word", "refund": "word", "each": "keyword"}),
    ("mixture on ", "", {"Dialogue": "name", "Expert": "name"}),
    ("record Dialogue key ", "", {"id": "field"}),
    ("  score: exact_match(", "", {"answer": "field", "target": "field"}),
    ("clusters by source.", "", {"author": "field"}),
]


@pytest.mark.parametrize(
    ("before", "written", "expected"), PLACES, ids=[written.strip() or b for b, written, _ in PLACES]
)
def test_what_can_be_written_is_offered(before: str, written: str, expected: dict[str, str]) -> None:
    """Also where the text does not parse: nobody finishes a statement before asking."""
    found = offered(*at(before, written))
    assert expected.items() <= found.items()


def test_only_what_fits_is_offered() -> None:
    """Behind a dot its fields alone, behind `==` no field of another kind, in a text nothing."""
    assert set(offered(*at(STATEMENT, "  require x: share(source."))) == {"author", "written_at"}
    assert set(offered(*at(STATEMENT, "  require x: share(input.task == "))) == {"pay", "refund", "true", "false"}
    assert "share" not in offered(*at("recipe house for Dialogue {\n", "  "))
    assert offered(*at('  buyer: "North')) == {}
    assert offered(*at("  steps: 100", "  # comm")) == {}


def test_a_choice_replaces_the_word_at_the_cursor() -> None:
    """Also the part of it behind the cursor; a label brings its colon, a measure its bracket."""
    source, offset = marked(CONTRACT.replace("share(long)", "sha‸re(long)"))
    found = complete(source, offset, compile_source)
    assert source.text[found.start : found.end] == "share"
    assert next(item.insert for item in found.items if item.word == "count") == "count"  # the bracket is there
    source, offset = at("recipe house for Dialogue {\n", "  warm")
    found = complete(source, offset, compile_source)
    assert next(item.insert for item in found.items if item.word == "warmup") == "warmup: "


def test_every_word_that_is_offered_can_be_written_there() -> None:
    """A field, word, name or type that is chosen is known to the compiler."""
    for before, written, _ in PLACES:
        source, offset = at(before, written)
        found = complete(source, offset, compile_source)
        for item in found.items:
            if item.kind in ("field", "word", "name", "type", "module") and item.word not in ("true", "false"):
                text = source.text[: found.start] + item.insert + source.text[found.end :]
                uses = compile_source(Source("refunds.sftspec", text)).reading
                assert uses is not None
                unknown = [offer for offer in uses.report.offers if offer.span.start == found.start]
                assert unknown == [], (written, item)


# ------------------------------------------------------------------------------------------------ hover

HOVERS = [
    ("input.ta‸sk == pay", ["task: Task", "Dialogue.input"]),
    ("== pa‸y)", ["Pay somebody", "A word of `Task`"]),
    ("mood: cal‸m |", ["One of `calm` and `angry`"]),
    ("chars(target.rep‸ly)", ["reply: Text 8..200 chars", "What the agent says"]),
    ("near_dup‸licate", ["nearly repeat", "`shingle`: a number of words", "one row"]),
    ("shin‸gle: 5", ["`shingle` of `near_duplicate`", "a number of words"]),
    ("5 wor‸ds", ["divided by white space"]),
    ("using hou‸se", ["recipe house for Dialogue", "seeds: 5"]),
    ("gain(cal‸ls)", ["heldout calls", "400 records in 100 clusters"]),
    ("ref Exp‸ert", ["table Expert", "trained_until"]),
    ("task: Tas‸k", ["enum Task", "Give money back"]),
    ("author: re‸f", ["key of a row in another table"]),
    ("trained_until: Da‸te", ["YYYY-MM-DD"]),
    ("max_leng‸th:", ["in tokens", "max_length: 4_096 tokens"]),
    ("mixt‸ure on", ["divides over the words"]),
    ("let lon‸g:", ["let long: chars(target.reply) > 100 chars"]),
    ("share(lon‸g)", ["let long: chars(target.reply) > 100 chars"]),
    ("present(tur‸n.role)", ["one entry of the list"]),
    ("exact_match(ans‸wer", ["generated"]),
    ("require bet‸ter:", ["decided by the trial", "rejects the lot"]),
    ("exp‸ecting 30pp", ["plan for"]),
]


@pytest.mark.parametrize(("place", "said"), HOVERS, ids=[place for place, _ in HOVERS])
def test_hover_says_what_a_reader_wants_to_know(place: str, said: list[str]) -> None:
    plain = place.replace("‸", "")
    assert plain in CONTRACT
    found = hover(compiled(), CONTRACT.index(plain) + place.index("‸"))
    assert found is not None
    assert all(part in found.text for part in said), found.text


def test_every_measure_is_explained_where_it_stands() -> None:
    """With its arguments by name, and no placeholder left over."""
    for name, signature in signatures().items():
        text = CONTRACT.replace("let long: chars(target.reply) > 100 chars", f"let long: {name}()")
        found = hover(compile_source(Source("refunds.sftspec", text)), text.index(f"{name}()"))
        assert found is not None and name in found.text and not re.search(r"\{\w+\}", found.text)
        assert all(f"- `{item.name}`: " in found.text for item in signature.parameters)


def about(text: str, place: str) -> str:
    """What hover says of the clause at `‸`."""
    found = hover(
        compile_source(Source("refunds.sftspec", text)), text.index(place.replace("‸", "")) + place.index("‸")
    )
    assert found is not None
    return found.text


def test_a_clause_about_a_gain_shows_the_power_that_check_computes() -> None:
    """Where it is enough, and where `check` refuses the contract because it is not."""
    reading = compiled().reading
    assert reading is not None and reading.contract is not None
    (gain,) = gains(reading.contract, reading.pilot)
    said = about(CONTRACT, "require bet‸ter:")
    assert f"met with a probability of {gain.power:.1%}" in said and "5 seeds and 400 records in 100 clusters" in said
    assert "at most 5.00%" in said and "Assumed: item variance" in said
    weak = CONTRACT.replace("expecting 30pp", "expecting 3.5pp")
    assert "SFT4002" in [item.code for item in compile_source(Source("refunds.sftspec", weak)).diagnostics]
    assert "`check` asks for 80%" in about(weak, "require bet‸ter:")


def test_a_clause_about_defects_shows_both_risks() -> None:
    """Sample size and both probabilities, from the plan that the review will use."""
    clause = 'require sound: defective(rubric: "rubric.md") <= 2% at 95% confidence accepting 0.5% at 90%'
    text = CONTRACT.replace("  require better", f"  {clause}\n  require better")
    said = about(text, "require sou‸nd:")
    found = re.search(r"([0-9,]+) rows are reviewed, and at most ([0-9]+) of them", said)
    assert found is not None
    plan = SamplingPlan(int(found[1].replace(",", "")), int(found[2]))
    assert accepted(plan, 0.02) <= 0.05 and accepted(plan, 0.005) >= 0.90
    assert f"{accepted(plan, 0.005):.1%}" in said and "at most 5.00%" in said


# ------------------------------------------------------------------------------------------------ navigation


def places(place: str) -> tuple[str | None, list[str]]:
    """The line of the declaration and the lines of all references, for the name at `‸`."""
    found = compiled()
    assert found.reading is not None and found.source is not None
    plain = place.replace("‸", "")
    use = name_at(found.reading, found.source, CONTRACT.index(plain) + place.index("‸"))
    assert use is not None
    definition = declared(found.reading, use)
    lines = [line_of(span) for span in references(found.reading, use)]
    return line_of(definition) if definition is not None else None, lines


def line_of(span: Span) -> str:
    """The line on which it stands."""
    return span.source.text[slice(*span.source.line_bounds(span.line))].strip()


def test_a_name_leads_to_its_declaration_and_back() -> None:
    """From a use and from the declaration itself; in the library too."""
    assert places("ref Exp‸ert")[0] == 'table Expert from "experts.jsonl" key id {'
    line, uses = places("gain(cal‸ls)")
    assert line is not None and line.startswith("heldout calls")
    assert len(uses) == 2 and uses == places('heldout cal‸ls of Dialogue "')[1]
    assert len(places("task: Task‸\n")[1]) == 2
    assert places("input.ta‸sk == pay")[1] == places("    ta‸sk: Task")[1]
    assert len(places("input.ta‸sk == pay")[1]) == 3
    assert len(places("== pa‸y)")[1]) == 3
    assert len(places("share(lon‸g)")[1]) == 2
    assert places("present(tur‸n.role)") == (
        "require turns: all turn in input.messages satisfies present(turn.role)",
        ["require turns: all turn in input.messages satisfies present(turn.role)"] * 2,
    )
    assert (places("near_dup‸licate")[0] or "").startswith("measure near_duplicate(")
    assert (places("shin‸gle: 5")[0] or "").startswith("measure near_duplicate(")
    assert (places("turn.ro‸le")[0] or "") == "role: Role untrained"
    assert places("use std.ch‸at")[0] == "sftspec 1"


def renamed(place: str, name: str) -> str:
    found = compiled()
    assert found.reading is not None and found.source is not None
    plain = place.replace("‸", "")
    use = name_at(found.reading, found.source, CONTRACT.index(plain) + place.index("‸"))
    assert use is not None
    text = CONTRACT
    for span in reversed(rename(found.reading, found.source, use, name)):
        text = text[: span.start] + name + text[span.end :]
    return text


@pytest.mark.parametrize(
    "place",
    [
        "gain(cal‸ls)",
        "ref Exp‸ert",
        "input.ta‸sk",
        "== pa‸y)",
        "share(lon‸g)",
        "tur‸n.role",
        "using hou‸se",
        "id‸: Text matching",
    ],
)
def test_a_renamed_contract_says_the_same(place: str) -> None:
    """Every use follows, so nothing is unknown afterwards."""
    text = renamed(place, "another_name")
    assert text != CONTRACT and errors(compile_source(Source("refunds.sftspec", text))) == []


@pytest.mark.parametrize(
    ("place", "name"),
    [("gain(cal‸ls)", "no name"), ("gain(cal‸ls)", "record"), ("mood: cal‸m |", "quiet"), ("near_dup‸licate", "copy")],
)
def test_what_cannot_be_renamed_is_refused(place: str, name: str) -> None:
    with pytest.raises(NotRenamed):
        renamed(place, name)


def test_the_outline_holds_every_block_and_what_is_in_it() -> None:
    file, _ = parse(Source("refunds.sftspec", CONTRACT))
    entries = {entry.name: entry for entry in outline(file)}
    assert (
        list(entries) == ["refunds", "Task", "Expert", "Dialogue", "house", "calls", "quality"] or "Dialogue" in entries
    )
    (dialogue,) = [entry for entry in outline(file) if entry.detail == "record"]
    assert [inner.name for inner in dialogue.inner] == ["id", "input", "target", "source", "turns"]
    assert [inner.detail for inner in dialogue.inner[1].inner] == ["[chat.Message]", "Task", "calm | angry"]
    assert all(entry.span.start <= entry.name_span.start <= entry.span.end for entry in outline(file))


# ------------------------------------------------------------------------------------------------ repairs


def repaired(text: str) -> str:
    """The text with the repair of its first mistake that has one."""
    found = compile_source(Source("refunds.sftspec", text))
    fix = next(item.fix for item in found.diagnostics if item.fix is not None)
    return text[: fix.span.start] + fix.text + text[fix.span.end :]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("task: Task", "task: Tsk"),
        ("input.task == pay", "input.tsk == pay"),
        ("input.task == pay", "input.task == pey"),
        ("share(input.task", "shar(input.task"),
        ("shingle: 5 words", "shingel: 5 words"),
        ("gain(calls)", "gain(cals)"),
        (">= 30%\n", ">= 30\n"),
        ("100 chars", "100 cahrs"),
        ("  seeds: 5", "  sedes: 5"),
        ("using house", "using hose"),
        ("use std.chat", "use std.chatt"),
        ("record Dialogue", "recrd Dialogue"),
        ("require paid", "requir paid"),
        ("input.task == pay", "input.task = pay"),
        ("input.task: pay 50%", "input.task: pya 50%"),
        ("pay 50% +-", "pay 50 +-"),
        ("author: ref Expert", "author: Expert"),
        ("chars(target.reply)", "chars(reply)"),
        ("  steps: 100", "  steps 100"),
    ],
)
def test_a_repair_makes_the_mistake_good(right: str, wrong: str) -> None:
    """What "did you mean" says is what the repair writes."""
    assert right in CONTRACT
    text = CONTRACT.replace(right, wrong, 1)
    assert repaired(text) == CONTRACT


# ------------------------------------------------------------------------------------------------ any text


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(CONTRACT)),
    st.integers(0, 60),
    st.text(alphabet='{}()[]:,."=<> \nazé😀‍#', max_size=4),
    st.integers(0, 10_000),
)
def test_no_text_and_no_place_is_too_much(start: int, removed: int, written: str, seed: int) -> None:
    """A contract with a hole and some noise in it, and any place: an answer, never a traceback."""
    text = CONTRACT[:start] + written + CONTRACT[start + removed :]
    offset = seed % (len(text) + 1)
    source = Source("refunds.sftspec", text)
    found = compile_source(source)
    hover(found, offset)
    assert found.reading is not None
    use = name_at(found.reading, source, offset)
    if use is not None:
        references(found.reading, use)
    outline(parse(source)[0])
    for place in complete(source, offset, compile_source).items:
        assert place.word
