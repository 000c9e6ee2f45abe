"""Dialogues: role grammars as data, calls and their results, and what a party says."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import marked, reader, run, run_in_parts, same, use

from acceptance.measures import calls_answered, follows, said
from acceptance.measures._turns import ROLES
from acceptance.measures.protocol import Use
from spec_lang.signatures import signatures

LETTERS = {"S": "system", "U": "user", "A": "assistant", "C": "call", "T": "tool"}
REFERENCE = {  # what a trainer accepts, as a regular expression over the turns
    "strict": r"S?(UA|U(CT+)+A)+",
    "openai": r"(?=.*[AC])(S|U|A|CT+)*(S|U|A|CT*)",
    "llama_factory": r"S?([UT][AC])+",
}


def dialogue(turns: str) -> list[dict[str, Any]]:
    call = {"id": "a", "name": "pay", "arguments": {}}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]}
        if turn == "C"
        else {"role": LETTERS[turn], "content": "words"}
        for turn in turns
    ]


def column(rules: str, *turns: str) -> list[int]:
    of = use("follows", {"messages": [reader("messages", of=list)]}, {"messages": ["$.messages"]}, rules=rules)
    rows = [{"messages": dialogue(one)} for one in turns]
    found = run(follows.MEASURE, of, rows)
    assert same(found, run_in_parts(follows.MEASURE, of, rows, 3, 2))
    return [row for row in range(len(rows)) if row not in marked(found)]


@pytest.mark.parametrize(
    ("rules", "good", "bad"),
    [
        (
            "strict",
            ["UA", "SUA", "UAUA", "UCTA", "SUCTTCTAUA"],
            ["", "A", "AU", "UU", "SUU", "UAA", "USA", "UCA", "UT", "U", "UC"],
        ),
        ("openai", ["UA", "UUA", "AU", "SSUA", "USUA"], ["", "U", "UTA", "S"]),
        ("together", ["UA", "SUA", "UCTA"], ["UUA", "UAAU", "UCTTA", "U", "A"]),
        ("mistral", ["UA", "UUA", "UAA", "UCTTA", "UC"], ["U", "AU", "UCTU", "UTA", "UAT"]),
        ("llama_factory", ["UA", "SUA", "UCTA", "UC"], ["UUA", "AU", "U", "UCTTA", "USA"]),
        ("torchtune", ["UA", "SUA", "UCTA", "UCTU", "UAU"], ["AU", "UUA", "USA", "UTA", "UCTTA", "UAA"]),
    ],
)
def test_each_trainers_order(rules: str, good: list[str], bad: list[str]) -> None:
    assert column(rules, *good) == []
    assert column(rules, *bad) == [*range(len(bad))]


@pytest.mark.parametrize("rules", REFERENCE)
def test_equals_a_regular_expression_over_all_short_dialogues(rules: str) -> None:
    turns = ["".join(one) for size in range(6) for one in product(LETTERS, repeat=size)]
    refused = set(column(rules, *turns))
    accepted = {turn for at, turn in enumerate(turns) if at not in refused}
    assert accepted == {turn for turn in turns if re.fullmatch(REFERENCE[rules], turn)}


def test_whatever_is_strict_every_trainer_with_one_result_per_call_accepts() -> None:
    turns = ["".join(one) for size in range(7) for one in product(LETTERS, repeat=size)]
    refused = set(column("strict", *turns))
    good = [turn for at, turn in enumerate(turns) if at not in refused and "TT" not in turn]
    assert len(good) > 5
    for rules in follows.grammars():
        assert column(rules, *good) == [], rules


def test_the_data_file_is_complete() -> None:
    parameter = signatures()["follows"].parameter("rules")
    assert parameter and tuple(follows.grammars()) == parameter.sort
    turns = set(ROLES.values())
    for grammar in follows.grammars().values():
        assert set(grammar) == {"source", "after", "ends", "needs"} and grammar["source"]
        assert set(grammar["after"]) == turns | {"start"}
        assert {turn for after in grammar["after"].values() for turn in after} <= turns
        assert set(grammar["ends"]) | set(grammar["needs"]) <= turns


def test_a_fault_is_placed_and_explained() -> None:
    of = use("follows", {"messages": [reader("messages", of=list)]}, {"messages": ["$.messages"]}, rules="strict")
    found = run(
        follows.MEASURE, of, [{"messages": [*dialogue("U"), {"role": "Bot", "content": "hi"}]}, {"messages": 7}]
    )
    assert found.known.tolist() == [True, False]
    assert (found.details[0].path, found.details[0].message) == (
        "$.messages[1]",
        "a role that is none after a user's message; an answer or a tool call may stand here",
    )


# ------------------------------------------------------------------------------------------------ calls and results


def pairing(last: str = "answered") -> Use:
    getters = {"messages": [reader("messages", of=list)]}
    return use("calls_answered", getters, {"messages": ["$.messages"]}, last=last)


def call(*ids: str | None, name: str = "pay") -> dict[str, Any]:
    listed = [{"id": one, "function": {"name": name, "arguments": "{}"}} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": listed}


def result(id_: str | None, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "content": "done", "tool_call_id": id_, **more}


USER, ANSWER = {"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}

PAIRED = [
    [USER, ANSWER],
    [USER, call("a"), result("a"), ANSWER],
    [USER, call("a", "b"), result("b"), result("a"), ANSWER],
    [USER, call("a"), result("a", name="pay"), call("b"), result("b"), ANSWER],
    [USER, call(None), result(None), ANSWER],
    [],
]
UNPAIRED = [
    ([USER, call("a"), ANSWER], "$.messages[1].tool_calls[0]"),
    ([USER, call("a"), result("b"), ANSWER], "$.messages[2]"),
    ([USER, result("a"), ANSWER], "$.messages[1]"),
    ([USER, call("a"), result("a"), result("a")], "$.messages[3]"),
    ([USER, call("a"), result("a"), call("a"), result("a")], "$.messages[3].tool_calls[0].id"),
    ([USER, call("a", "a"), result("a"), result("a")], "$.messages[1].tool_calls[1].id"),
    ([USER, call("a"), result("a", name="book"), ANSWER], "$.messages[2].name"),
    ([USER, call("a", "b"), result("a")], "$.messages[1].tool_calls[1]"),
    ([USER, call("a")], "$.messages[1].tool_calls[0]"),
    ([USER, call(""), result("")], "$.messages[1].tool_calls[0].id"),
]


def test_calls_and_results_that_fit_are_silent() -> None:
    found = run(calls_answered.MEASURE, pairing(), [{"messages": one} for one in PAIRED])
    assert marked(found) == [*range(len(PAIRED))] and not found.details


@pytest.mark.parametrize(("messages", "place"), UNPAIRED)
def test_the_first_without_a_partner_is_named(messages: list[Any], place: str) -> None:
    found = run(calls_answered.MEASURE, pairing(), [{"messages": messages}])
    assert marked(found) == [] and found.details[0].path == place


def test_the_last_turns_calls_may_stand_open_where_the_contract_says_so() -> None:
    rows = [
        {"messages": [USER, call("a")]},
        {"messages": [USER, call("a"), ANSWER]},
        {"messages": [USER, call("a", "b"), result("a")]},
    ]
    assert marked(run(calls_answered.MEASURE, pairing("open"), rows)) == [0]


def slowly_paired(messages: list[dict[str, Any]]) -> bool:
    """Ids are made once; a result answers the last calls before it, nothing else between; all are answered."""
    made = [(at, one["id"]) for at, turn in enumerate(messages) for one in turn.get("tool_calls") or []]
    answers = [(at, turn["tool_call_id"]) for at, turn in enumerate(messages) if turn["role"] == "tool"]
    if len({one for _, one in made}) != len(made) or sorted(one for _, one in made) != sorted(
        one for _, one in answers
    ):
        return False
    for at, one in answers:
        start = next(place for place, known in made if known == one)
        if start > at or any(messages[between]["role"] != "tool" for between in range(start + 1, at)):
            return False
    return True


TURNS = st.sampled_from([USER, ANSWER, call("a"), call("b"), call("a", "b"), result("a"), result("b")])


@settings(max_examples=400)
@given(st.lists(st.lists(TURNS, max_size=6), max_size=5))
def test_pairing_equals_a_slow_reference(drawn: list[list[dict[str, Any]]]) -> None:
    rows = [{"messages": one} for one in drawn]
    assert marked(run(calls_answered.MEASURE, pairing(), rows)) == [
        at for at, one in enumerate(drawn) if slowly_paired(one)
    ]


# ------------------------------------------------------------------------------------------------ what is said


def test_what_a_party_says() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"from": "human", "value": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Pay"}, {"type": "image_url"}, {"type": "text", "text": "it"}],
        },
        call("a"),
        result("a"),
        {"role": "assistant", "content": "Paid."},
    ]
    heard = {by: said.make(use("said", by=by))(messages) for by in ("user", "assistant", "system", "tool")}
    assert heard == {"user": "Hello\nPay\nit", "assistant": "Hi\nPaid.", "system": "Be brief.", "tool": "done"}
