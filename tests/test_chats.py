"""A contract of conversations in words, rows as delivered: what its clauses say of each of them, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from acceptance.engine.evaluation import evaluate
from acceptance.ledger import Entry, Ledger
from spec_lang.compiler import compile_source
from spec_lang.contract import Contract
from spec_lang.source import Source
from tests.build import batches

HEAD = 'sftspec 1\n\ncontract c {\n  version: "1.0.0"\n  buyer: "B"\n  vendor: "V"\n}\n'
CHAT = """
table Photo from "photos.jsonl" key id {
  id: Text
  cover: ref Photo?
}

table Expert from "experts.jsonl" key id { id: Text }

type Turn by role {
  content: Text
  user { photos: [ref Photo]? main: ref Photo? }
  assistant { checked_by: ref Expert replies: [Turn]? }
}

record Chat key id {
  id: Text
  target { messages: [Turn] }
  extra: Json(Note)?
"""
NOTE = "}\n\ntype Note { photo: ref Photo }\n"
PHOTOS = [{"id": "P1"}, {"id": "P2", "cover": "P1"}]


def compiled(body: str = "", terms: str = "") -> Contract:
    found = compile_source(Source("c.sftspec", f"{HEAD}{CHAT}{body}\n{NOTE}{terms}"))
    assert found.contract is not None, [one.message for one in found.diagnostics]
    return found.contract


def judged(agreed: Contract, *rows: dict[str, Any], **more: Any) -> Ledger:
    tables = {
        "Chat": batches("Chat", list(rows)),
        "Photo": batches("Photo", PHOTOS),
        "Expert": batches("Expert", [{"id": "E1"}]),
    }
    return evaluate(agreed, tables, folder=Path(), **more).ledger


def named(ledger: Ledger, clause: str) -> Entry:
    return next(entry for entry in ledger.entries if entry.clause == clause)


def unmet(ledger: Ledger) -> list[str]:
    """The clauses that are not met, but those about files, of which there are none here."""
    return [one.clause for one in ledger.entries if one.verdict != "met" and not one.clause.startswith("delivery.")]


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "C1", "target": {"messages": list(messages)}, **more}


def user(**more: Any) -> dict[str, Any]:
    return {"role": "user", "content": "hello", **more}


def assistant(**more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "hello", "checked_by": "E1", **more}


# ------------------------------------------------------------------------------------------------ references


REFS = "Chat.target.messages.resolves"


@pytest.mark.parametrize(
    ("row", "clause", "place"),
    [
        (chat(user(photos=["P1", "P9"])), REFS, "$.target.messages[0].photos[1]"),
        (chat(user(), user(main="P9")), REFS, "$.target.messages[1].main"),
        (chat(assistant(checked_by="E9")), REFS, "$.target.messages[0].checked_by"),
        (chat(assistant(replies=[user(photos=["P9"])])), REFS, "$.target.messages[0].replies[0].photos[0]"),
        (chat(extra='{"photo": "P9"}'), "Chat.extra.resolves", "$.extra.photo"),
    ],
)
def test_a_reference_is_followed_wherever_it_stands(row: dict[str, Any], clause: str, place: str) -> None:
    found = named(judged(compiled(), row), clause)
    assert (found.verdict, [one.path for one in found.findings]) == ("breached", [place])
    assert "that was delivered" in found.findings[0].message


def test_references_that_name_rows_are_met_and_absent_ones_name_nothing() -> None:
    row = chat(user(photos=["P1", "P2"]), user(main=None), assistant(), extra='{"photo": "P2"}')
    ledger = judged(compiled(), row)
    assert unmet(ledger) == []
    assert named(ledger, REFS).text == "Every reference in it names a row of Photo or Expert"


def test_a_reference_in_a_case_where_it_does_not_belong_is_the_type_clauses() -> None:
    """One defect, one finding: an assistant has no photos."""
    ledger = judged(compiled(), chat(assistant(photos=["P9"])))
    assert unmet(ledger) == ["Chat.target.messages"]


@pytest.mark.parametrize(
    ("turn", "verdict"),
    [(user(main=7.5), "undecided"), (user(photos="P1"), "undecided"), (user(main=7.5, photos=["P9"]), "breached")],
)
def test_a_reference_that_is_no_key_is_open_unless_another_names_nothing(turn: dict[str, Any], verdict: str) -> None:
    assert named(judged(compiled(), chat(turn)), REFS).verdict == verdict


def test_only_fields_with_references_have_such_a_clause() -> None:
    found = [one.name for one in compiled().clauses if one.name.endswith(".resolves")]
    assert found == [REFS, "Chat.extra.resolves", "Photo.cover.resolves"]


# ------------------------------------------------------------------------------------------------ what is declared


ORDER = "terms t on Chat {\n  require order: every(follows(target.messages, rules: strict)) otherwise drop record\n}\n"
SHORT = "terms t on Chat {\n  require short: every(chars(id) <= 2 chars) otherwise drop record\n}\n"
GOOD = (user(), assistant())


@pytest.mark.parametrize(
    ("turn", "place"),
    [
        ({"content": "hello"}, "[1].role"),
        ({"role": "user"}, "[1].content"),
        ({"role": "assistant", "content": "hello"}, "[1].checked_by"),
        ({"role": "human", "content": "hello"}, "[1].role"),
        (user(mood="cross"), "[1].mood"),
    ],
)
@pytest.mark.parametrize("terms", ["", ORDER, SHORT])
def test_a_turn_that_is_not_as_declared_is_a_breach_whatever_drops_its_row(
    turn: dict[str, Any], place: str, terms: str
) -> None:
    row = chat(user(), turn) | {"id": "C99"}
    found = named(judged(compiled(terms=terms), chat(*GOOD), row), "Chat.target.messages")
    assert (found.verdict, found.marked) == ("breached", 1)
    assert [one.path for one in found.findings] == [f"$.target.messages{place}"]


def test_what_rows_are_to_each_other_is_asked_of_accepted_rows_alone() -> None:
    """A copy that is dropped shares its key with the row that stays."""
    once = (
        "terms t on Chat {\n  require once: no(duplicate(target.messages, normalise: none)) otherwise drop record\n}\n"
    )
    ledger = judged(compiled(terms=once), chat(*GOOD), chat(*GOOD))
    assert (named(ledger, "t.once").dropped, unmet(ledger)) == (1, [])


# ------------------------------------------------------------------------------------------------ where it fails


TURNS = "all m in target.messages satisfies "


@pytest.mark.parametrize(
    ("clause", "place", "value"),
    [
        (f'{TURNS} m.content != "no"', "$.target.messages[1]", '"role": "user"'),
        (f'{TURNS} all p in m.photos satisfies p != "P2"', "$.target.messages[1].photos[1]", '"P2"'),
        (f'{TURNS} m.role == user implies all p in m.photos satisfies p != "P2"',
         "$.target.messages[1].photos[1]", '"P2"'),
        (f'present(id) and ({TURNS} all p in m.photos satisfies p != "P2")', "$.target.messages[1].photos[1]", '"P2"'),
        (f'{TURNS} all r in m.replies satisfies all p in r.photos satisfies p != "P1"',
         "$.target.messages[0].replies[0].photos[0]", '"P1"'),
        ('any m in target.messages satisfies m.content == "yes"', "$.target.messages", "target.messages = "),
    ],
)  # fmt: skip
def test_a_finding_names_the_innermost_place_and_shows_its_value_alone(clause: str, place: str, value: str) -> None:
    row = chat(assistant(replies=[user(photos=["P1"])]), user(photos=["P1", "P2"]) | {"content": "no"})
    found = named(judged(compiled(f"  require c: {clause}"), row, show_values=True), "Chat.c")
    (one,) = found.findings
    assert (one.path, found.verdict) == (place, "breached")
    assert (
        one.found is not None
        and value in one.found
        and (one.found.startswith(value) or value[0] != '"' or "role" in value)
    )


def test_a_long_formula_is_quoted_by_its_first_words() -> None:
    words = " or ".join(f'm.content == "{number}"' for number in range(30))
    found = named(judged(compiled(f"  require c: {TURNS} {words}"), chat(user())), "Chat.c")
    assert found.findings[0].message.endswith(" ...` does not hold") and len(found.findings[0].message) < 150
    assert len(found.bound) > 500


# ------------------------------------------------------------------------------------------------ absence


ABSENT_LIST, EMPTY_LIST, ONE = user(), user(photos=[]), user(photos=["P1"])


@pytest.mark.parametrize(
    ("which", "turn", "verdict"),
    [("all", ABSENT_LIST, "met"), ("all", EMPTY_LIST, "met"), ("all", ONE, "breached"),
     ("any", ABSENT_LIST, "breached"), ("any", EMPTY_LIST, "breached"), ("any", ONE, "breached")],
)  # fmt: skip
def test_all_holds_of_a_list_that_is_absent_or_empty_and_any_of_neither(
    which: str, turn: dict[str, Any], verdict: str
) -> None:
    clause = f'  require c: all m in target.messages satisfies {which} p in m.photos satisfies p == "P2"'
    assert named(judged(compiled(clause), chat(turn)), "Chat.c").verdict == verdict
