"""Field clauses: a changed row, and the place and words of the defect it earns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.fields import constraints
from acceptance.fields.acceptors import record_acceptor
from acceptance.fields.defects import Checker
from acceptance.fields.nested import Nested
from acceptance.ledger import Entry
from acceptance.tables import MAX_DETAILS
from spec_lang.contract import FieldDef, Shape
from spec_lang.dotted import FILE as FILE_SHAPE
from spec_lang.types import (
    BOOL,
    DATE,
    INT,
    NUMBER,
    TEXT,
    Enum,
    File,
    JsonOf,
    ListOf,
    Money,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    Scalar,
    Type,
    bare,
)  # fmt: skip
from tests.build import contract, decided, every, judge, row, well


def first(field: str, one: dict[str, Any]) -> tuple[str, str, str] | None:
    found = decided(every("c", well(field)), [one])
    return None if not found.findings else (found.findings[0].path, found.findings[0].message, found.findings[0].help)


@pytest.mark.parametrize(
    ("changes", "field", "path", "message", "help_"),
    [
        ({"input__text": None}, "input.text", "$.input.text", "is missing", "add the field"),
        ({"input__text": "ab"}, "input.text", "$.input.text", "has 2 characters: fewer than 3", ""),
        ({"input__text": "x" * 21}, "input.text", "$.input.text", "has 21 characters: more than 20", ""),
        ({"input__task": "refnd"}, "input.task", "$.input.task", "is none of the declared words",
         "did you mean `refund`?"),
        ({"input__task": 7}, "input.task", "$.input.task", "is none of the declared words",
         "use one of payment, refund, general"),
        ({"id": "X-1"}, "id", "$.id", "does not match the declared pattern", ""),
        ({"id": "R-1\n"}, "id", "$.id", "does not match the declared pattern", ""),
        ({"weight": 4.01}, "weight", "$.weight", "is above 4", ""),
        ({"weight": "1"}, "weight", "$.weight", "is not a number", "write digits, without quotes"),
        ({"weight": True}, "weight", "$.weight", "is not a number", "write digits, without quotes"),
        ({"source__written_at": "2027-02-30"}, "source.written_at", "$.source.written_at",
         "is not a date of the calendar", "write it as 2026-12-31"),
        ({"steps": []}, "steps", "$.steps", "has 0 entries: fewer than 1", ""),
        ({"steps": [{"tool": "a"}, {"tol": "b", "took": 1}]}, "steps", "$.steps[1].tol",
         "is a field nobody declared; also $.steps[1].tool is missing", "did you mean `tool`?"),
        ({"steps": [{"tool": 1, "thought": "x", "took": "y"}]}, "steps", "$.steps[0].thought",
         "is a field nobody declared; also $.steps[0].tool is not a text; $.steps[0].took is not a whole number",
         "remove it, or agree on it in the contract"),
        ({"steps": [{"tool": 1}] * 9}, "steps", "$.steps[0].tool",
         "is not a text; also $.steps[1].tool is not a text; $.steps[2].tool is not a text; "
         "$.steps[3].tool is not a text; $.steps[4].tool is not a text; and more", "put the value in quotes"),
        ({"steps": [{"tool": "a", "took": 1.5}]}, "steps", "$.steps[0].took", "is not a whole number",
         "write digits only, without quotes"),
        ({"parents": ["R-1", 2.5]}, "parents", "$.parents[1]", "is not a key",
         "write the key of the row it refers to"),
        ({"inputs": {}}, "", "$.inputs", "is a field nobody declared", "remove it, or agree on it in the contract"),
        ({"input": '{"text": "abc"}'}, "input", "$.input", "is not an object", "write it as {...}, not as a text"),
        ({"input": [1]}, "input", "$.input", "is not an object", "write it as {...}"),
        ({"task": "refund"}, "", "$.task", "is a field nobody declared", "put it into `input`"),
        ({"input__txt": "x", "input__text": None}, "input", "$.input.txt",
         "is a field nobody declared; also $.input.text is missing", "did you mean `text`?"),
    ],
)  # fmt: skip
def test_defects(changes: dict[str, Any], field: str, path: str, message: str, help_: str) -> None:
    assert first(field, row(1, **changes)) == (path, message, help_)


@pytest.mark.parametrize("field", ["", "id", "input", "input.text", "weight", "steps", "parents", "source.generator"])
def test_a_good_row_has_none(field: str) -> None:
    assert first(field, row(1, steps=[{"tool": "a"}], weight=4, parents=["R-2"])) is None


def test_bounds_are_inside() -> None:
    assert first("input.text", row(1, input__text="abc")) is None
    assert first("input.text", row(1, input__text="x" * 20)) is None
    assert first("weight", row(1, weight=0)) is None


def entries(one: dict[str, Any]) -> dict[str, Entry]:
    fields = ("", "id", "input", "input.text", "input.task", "source", "source.author", "weight", "steps", "parents")
    agreed = contract(*(every(field or "closed", well(field)) for field in fields))
    return {entry.clause: entry for entry in judge(agreed, [one]).ledger.entries}


@pytest.mark.parametrize(
    ("changes", "breached"),
    [
        ({"input__text": "x"}, ["input.text"]),
        ({"input__extra": 1}, ["input"]),
        ({"extra": 1}, ["closed"]),
        ({"source__reviewer": 1.5}, ["source"]),
        ({"input": None}, ["input"]),
    ],
)
def test_each_defect_is_found_by_the_nearest_clause_alone(changes: dict[str, Any], breached: list[str]) -> None:
    assert [name for name, entry in entries(row(1, **changes)).items() if entry.verdict == "breached"] == breached


def test_fields_of_a_missing_group_are_open_not_breached() -> None:
    found = entries(row(1, input=None))
    assert [found[name].verdict for name in ("input", "input.text", "input.task")] == [
        "breached",
        "undecided",
        "undecided",
    ]


def test_delivered_values_are_not_in_messages() -> None:
    (found,) = decided(every("c", well("input.task")), [row(1, input__task="a secret")]).findings
    assert "secret" not in found.message + found.help + found.expected
    assert found.found is None


HASH = "a" * 64
FILE = {"path": "files/a.tar", "sha256": HASH, "size": 3, "media_type": "application/x-tar"}
USD = {"amount": "12.50", "currency": "USD"}


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (TEXT, ["", "x"], [1, None, [], "\ud800"]),
        (INT, [0, -1, 2**70], [1.0, "1", True]),
        (NUMBER, [0, 0.5, -1e300], ["1", True, float("nan"), float("inf")]),
        (BOOL, [True, False], [0, "true"]),
        (DATE, ["2024-02-29"], ["2023-02-29", "2024-2-1", "20240201", 20240201, "2024-02-01T00:00:00"]),
        (Scalar(name="Time"), ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5+02:00"],
         ["2024-02-29T10:00:00", "2024-02-29", "10:00", 1, "2024-02-29 10:00:00Z", "2024-W09-4T10:00:00Z"]),
        (Scalar(name="Duration"), ["PT5M", "P1DT1H", "PT0.5S", "P2W"],
         ["5 minutes", "P", "PT", "P1M", "P1Y", "PT1M1H", 5]),
        (Scalar(name="Lang"), ["en", "pt-BR", "zh-Hant-TW"],
         ["english", "en_US", "xx-!!", "", "e" * 99, "EN", "pt-br", "iw"]),
        (Scalar(name="License"),
         ["MIT", "Apache-2.0 OR MIT", "LicenseRef-Assigned", "GPL-2.0-only WITH Classpath-exception-2.0"],
         ["Apache 2", "MTI", "", "MIT OR", "LicenseRef-", "(" * 400, "x" * 501,
          "mit", "GPL-2.0+", "MIT or Apache-2.0"]),
        (Scalar(name="Url"), ["https://a.example/x?y=1", "http://localhost:8080"],
         ["ftp://a", "a.example", "https://", "https://a b", "javascript:alert(1)", "https://a:99999", "https://[1",
          "https://me:secret@a.example/", "https://me@a.example"]),
        (Scalar(name="Sha256"), [HASH], [HASH[1:], "A" * 64, HASH + "\n", "g" * 64]),
        (Scalar(name="Json"), [None, 1, "x", [], {"a": None}], []),
        (File(), [FILE],
         ["a.tar", {**FILE, "path": "../a"}, {**FILE, "path": "/a"}, {**FILE, "size": -1}, {**FILE, "size": "3"},
          {**FILE, "size": 3.0}, {**FILE, "sha256": "x"}, {**FILE, "bytes": 3}, {"path": "a"},
          {**FILE, "path": "C:\\a"}, {**FILE, "path": "a//b"}, {**FILE, "media_type": "tar"},
          {**FILE, "media_type": "image/*"}]),
        (File(media=("image/*", "audio/wav")),
         [{**FILE, "media_type": "image/png"}, {**FILE, "media_type": "audio/wav"}],
         [FILE, {**FILE, "media_type": "audio/mpeg"}, {**FILE, "media_type": "image/"}]),
        (Money(), [USD, {"amount": "-3", "currency": "JPY"}, {"amount": "0.005", "currency": "KWD"}],
         [12.5, "12.50 USD", {"amount": 12.5, "currency": "USD"}, {**USD, "currency": "usd"},
          {**USD, "amount": "12.505"},
          {**USD, "amount": "1e3"}, {**USD, "amount": "1,000"}, {**USD, "amount": ""}, {**USD, "currency": "XXX"},
          {"amount": "1"}, {**USD, "note": "x"}, {"amount": "0.5", "currency": "JPY"}, {**USD, "amount": "007"}]),
        (Money(currencies=("USD",)), [USD], [{**USD, "currency": "EUR"}]),
        (Money(currencies=("USD", "EUR")), [USD, {**USD, "currency": "EUR"}], [{**USD, "currency": "GBP"}]),
        (JsonOf(name="Step"), ['{"tool": "a"}', ' {"tool": "a", "took": 1} '],
         [{"tool": "a"}, "", "{}", "[]", '{"tool": "a", "tool": "b"}', '{"tool": "a", "took": NaN}', '{"tool": "a"} x',
          '{"tool": "a", "took": 1.5}', '{"tool": "\\ud800"}', "[" * 100_000]),
        (Quantity(unit="tokens"), [0, 5], [-1, 1.0, "1", True]),
        (Quantity(unit="seconds"), [0, 1.5], ["1", True]),
        (Enum(members=("a", "b")), ["a"], ["A", "c", 1, ["a"]]),
        (Ref(table="Expert"), ["E1", 7], [True, 1.5, ["E1"], {}]),
        (ListOf(item=INT), [[], [1, 2]], [1, [1, "2"], {"0": 1}]),
        (ListOf(item=OptionalOf(item=INT)), [[1, None]], [["x"]]),
        (OptionalOf(item=INT), [None, 1], ["x"]),
        (RecordOf(name="Step"), [{"tool": "a"}, {"tool": "a", "took": None}], [{}, [], {"tool": "a", "x": 1}, "a"]),
    ],
)  # fmt: skip
def test_types(type_: Type, good: list[Any], bad: list[Any]) -> None:
    checker = Checker(contract())
    field = FieldDef(name="x", type=type_)
    for value in good:
        assert list(checker.field({"x": value}, field, "$.x")) == [], value
    for value in bad:
        assert list(checker.field({"x": value}, field, "$.x")), value


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (FieldDef(name="x", type=TEXT, low="2", high="3", unit="words"), "one", "has 1 word: fewer than 2"),
        (FieldDef(name="x", type=DATE, low="2026-01-01"), "2025-12-31", "is below 2026-01-01"),
        (FieldDef(name="x", type=INT, high="1000"), 1001, "is above 1000"),
        (FieldDef(name="x", type=NUMBER, high="0.3"), 0.30000001, "is above 0.3"),
        (FieldDef(name="x", type=ListOf(item=INT), high="1", unit="items"), [1, 2], "has 2 entries: more than 1"),
        (FieldDef(name="x", type=Money(currencies=("USD",)), high="12.49"), USD, "is above 12.49 USD"),
        (FieldDef(name="x", type=Scalar(name="Duration"), high="1800"), "PT30M0.5S", "is above 30 minutes"),
        (FieldDef(name="x", type=File(), high="2", unit="bytes"), FILE, "is above 2 bytes"),
        (FieldDef(name="x", type=Quantity(unit="tokens"), low="2"), 1, "is below 2 tokens"),
    ],
)
def test_bounds(field: FieldDef, value: Any, message: str) -> None:
    (found,) = Checker(contract()).field({"x": value}, field, "$.x")
    assert found.message == message


def test_bounds_and_patterns_of_entries() -> None:
    """The path names the entry."""
    entry = FieldDef(name="", type=TEXT, pattern="[a-z]+", high="3", unit="chars")
    inner = FieldDef(name="", type=ListOf(item=TEXT), low="1", unit="items", entries=entry)
    field = FieldDef(name="x", type=ListOf(item=ListOf(item=TEXT)), unit="items", entries=inner)
    found = Checker(contract()).field({"x": [["a"], [], ["b", "C", "long"]]}, field, "$.x")
    assert [(one.path, one.message) for one in found] == [
        ("$.x[1]", "has 0 entries: fewer than 1"),
        ("$.x[2][1]", "does not match the declared pattern"),
        ("$.x[2][2]", "has 4 characters: more than 3"),
    ]


ACTION = Shape(
    name="Action",
    tag="kind",
    fields=(
        FieldDef(name="kind", type=Enum(name="Action.kind", members=("call", "note", "done"))),
        FieldDef(name="at", type=INT),
        FieldDef(name="tool", type=TEXT, cases=("call",)),
        FieldDef(name="text", type=OptionalOf(item=TEXT), cases=("call", "note")),
        FieldDef(name="left", type=INT, default="0", cases=("done",)),
    ),
)
UNION = contract().model_copy(update={"shapes": (*contract().shapes, ACTION)})


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"kind": "call", "at": 1, "tool": "a"}, []),
        ({"kind": "note", "at": 1, "text": "t", "tool": None}, []),
        ({"kind": "done", "at": 1}, []),
        ({"kind": "call", "at": 1}, [("$.tool", "is missing")]),
        ({"kind": "note", "at": 1, "tool": "a"}, [("$.tool", "belongs to call; this Action is another case")]),
        ({"kind": "done", "at": 1, "text": "a"}, [("$.text", "belongs to call and note; this Action is another case")]),
        ({"kind": "calls", "tool": 1, "at": 1}, [("$.kind", "is none of the declared words")]),
        ({"kind": ["call"], "at": 1}, [("$.kind", "is none of the declared words")]),
        ({"at": 1}, [("$.kind", "is missing")]),
        ({"kind": "done", "at": 1, "colour": 2}, [("$.colour", "is a field nobody declared")]),
    ],
)
def test_fields_of_a_union_stand_in_their_case(value: dict[str, Any], found: list[tuple[str, str]]) -> None:
    defects = list(Checker(UNION).record(value, ACTION, "$"))
    assert [(one.path, one.message) for one in defects] == found
    assert record_acceptor(ACTION, Checker(UNION))(value) is not bool(found)


@pytest.mark.parametrize(
    ("value", "help_"),
    [
        ({"kind": None, "at": 1}, "use one of call, note, done"),
        ({"at": 1}, "add the field"),
        ({"kind": "note", "at": None}, "add the field"),
    ],
)
def test_a_null_for_a_word_is_told_the_words(value: dict[str, Any], help_: str) -> None:
    (found,) = Checker(UNION).record(value, ACTION, "$")
    assert found.help == help_


def test_a_defect_inside_json_in_a_text_is_placed() -> None:
    field = FieldDef(name="x", type=JsonOf(name="Step"))
    (found,) = Checker(contract()).field({"x": '{"tol": "a", "tool": "b"}'}, field, "$.x")
    assert (found.path, found.help) == ("$.x.tol", "remove it, or agree on it in the contract")


def test_a_type_that_holds_itself_ends() -> None:
    node = Shape(name="Node", fields=(FieldDef(name="next", type=OptionalOf(item=RecordOf(name="Node"))),))
    chain: dict[str, Any] = {}
    for _ in range(500):
        chain = {"next": chain}
    agreed = contract().model_copy(update={"shapes": (node,)})
    (found,) = Checker(agreed).record(chain, node, "$")
    assert found.message == "is nested too deep"


def test_texts_of_json_that_go_ever_deeper_end() -> None:
    """Sixty levels in a text, in a text, in a text: what lies below the sixtieth is given whole, and is too deep."""
    fields = {"left": RecordOf(name="Node"), "text": JsonOf(name="Node"), "file": File()}
    node = Shape(name="Node", fields=tuple(FieldDef(name=one, type=OptionalOf(item=of)) for one, of in fields.items()))
    agreed = contract().model_copy(update={"shapes": (node, FILE_SHAPE)})
    value: dict[str, Any] = {"file": {}}
    for level in range(500):
        value = {"left": value} if (level + 1) % 60 else {"text": json.dumps(value)}
    found = Nested(agreed, lambda type_: isinstance(type_, File)).within(value, RecordOf(name="Node"), "$")
    assert [bare(type_) for _, _, type_ in found] == [RecordOf(name="Node")]
    (defect,) = Checker(agreed).record(value, node, "$")
    assert defect.message == "is nested too deep" and not record_acceptor(node, Checker(agreed))(value)


def test_values_nested_in_ever_other_ways_are_tested_by_the_same_tests() -> None:
    """A tree of 60 levels has 2^60 paths: each record takes another, and no record adds a test."""
    names = ("left", "right")
    node = Shape(name="Node", fields=tuple(
        FieldDef(name=name, type=OptionalOf(item=RecordOf(name="Node"))) for name in names))  # fmt: skip
    checker = Checker(contract().model_copy(update={"shapes": (node,)}))
    accept = record_acceptor(node, checker)

    def chain(turns: int, levels: int) -> dict[str, Any]:
        return {names[turns & 1]: chain(turns >> 1, levels - 1)} if levels else {}

    assert accept(chain(0, 55))
    made = len(checker.made)
    assert all(accept(chain(turns, 55)) for turns in range(200)) and len(checker.made) == made <= 60
    for levels in range(57, 64):
        value = chain(7, levels)
        assert accept(value) is (next(checker.record(value, node, "$"), None) is None) is (levels <= 60)


def test_words_that_were_meant_are_looked_for_only_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(constraints, "get_close_matches", lambda value, *_: looked.append(value) or [])
    rows = [row(at, input__task=f"task {at}") for at in range(3 * MAX_DETAILS)]
    assert decided(every("c", well("input.task")), rows).marked == 3 * MAX_DETAILS
    assert len(looked) == MAX_DETAILS


def test_a_hostile_pattern_takes_no_time() -> None:
    field = FieldDef(name="x", type=TEXT, pattern="(a+)+b")
    assert list(Checker(contract()).field({"x": "a" * 100_000}, field, "$.x"))


KEYS = st.sampled_from(["id", "input", "text", "task", "tool", "took", "steps", "weight", "x"])
WORDS = st.sampled_from([0.5, "a", "ab", "R-1", "payment", "2027-01-01", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "input", "source", "weight", "steps", "x"), JSON)))
def test_the_quick_test_accepts_what_has_no_defect(drawn: dict[str, Any]) -> None:
    checker = Checker(contract(), frozenset({"input.text", "source"}))
    merged = {**row(1, steps=[{"tool": "a"}]), **drawn}
    for one in (drawn, merged):
        shape = contract().shape("Request")
        assert record_acceptor(shape, checker)(one) is (next(checker.record(one, shape, "$"), None) is None)


TAGGED = st.fixed_dictionaries(
    {}, optional={"kind": st.sampled_from(["call", "note", "done", "x", None, 1]),
                  "at": JSON, "tool": JSON, "text": JSON, "left": JSON, "z": JSON}
)  # fmt: skip


@given(TAGGED)
def test_the_quick_test_agrees_on_unions(value: dict[str, Any]) -> None:
    checker = Checker(UNION)
    assert record_acceptor(ACTION, checker)(value) is (next(checker.record(value, ACTION, "$"), None) is None)


TYPES = st.sampled_from(
    [TEXT, INT, NUMBER, BOOL, DATE, Scalar(name="Json"), File(), Enum(members=("a", "ab")), Money(),
     Ref(table="Expert"), ListOf(item=INT), ListOf(item=OptionalOf(item=TEXT)), RecordOf(name="Step"),
     JsonOf(name="Step"), Quantity(unit="words"), Quantity(unit="days")]
)  # fmt: skip


@given(TYPES, st.booleans(), st.dictionaries(st.just("x"), JSON), st.sampled_from([None, "1", "2"]))
def test_the_quick_test_agrees_on_every_type(
    type_: Type, optional: bool, owner: dict[str, Any], low: str | None
) -> None:
    unit: Any = "items" if isinstance(type_, ListOf) else "chars" if type_ == TEXT else "value"
    bound = low if type_ in (TEXT, INT, NUMBER) or isinstance(type_, ListOf) else None
    field = FieldDef(name="x", type=OptionalOf(item=type_) if optional else type_, low=bound, unit=unit)
    shape = Shape(name="S", fields=(field,))
    checker = Checker(contract())
    assert record_acceptor(shape, checker)(owner) is (next(checker.record(owner, shape, "$"), None) is None)
