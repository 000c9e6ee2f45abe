"""Tools and calls: schemas are checked first, arguments against them, and no schema can stall or reach out."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import marked, reader, run, run_in_parts, same, use

from acceptance.measures import _formats, _turns, arguments_valid, tools_valid
from acceptance.measures._schemas import Schemas
from acceptance.measures.protocol import Use
from spec_lang.dialogues import CALLS, READ, ROLE, WORDS

PAY = {
    "type": "object",
    "properties": {
        "vendor": {"type": "string", "pattern": "^[A-Z]"},
        "amount": {"type": "number", "exclusiveMinimum": 0},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "uniqueItems": True},
    },
    "required": ["vendor"],
    "additionalProperties": False,
    "$defs": {"line": {"type": "integer"}},
}


def tools(*schemas: Any, name: str = "pay") -> list[dict[str, Any]]:
    return [
        {"type": "function", "function": {"name": name + "_" * at, "parameters": one}} for at, one in enumerate(schemas)
    ]


def of_tools() -> Use:
    return use("tools_valid", {"tools": [reader("tools", of=list)]}, {"tools": ["$.tools"]})


def of_calls(form: str = "object") -> Use:
    getters = {"messages": [reader("messages", of=list)], "tools": [reader("tools", of=list)]}
    return use("arguments_valid", getters, {"messages": ["$.messages"]}, form=form)


def calling(arguments: Any, name: Any = "pay") -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [{"id": "a", "name": name, "arguments": arguments}]},
    ]


GOOD = [
    {"vendor": "Acme"},
    {"vendor": "Acme", "amount": 1},
    {"vendor": "Acme", "amount": 0.5, "lines": [1, 2]},
]
BAD = [
    ({}, ""),
    ({"vendor": "acme"}, ".vendor"),
    ({"vendor": 7}, ".vendor"),
    ({"vendor": "Acme", "amount": 0}, ".amount"),
    ({"vendor": "Acme", "lines": [1, "2"]}, ".lines[1]"),
    ({"vendor": "Acme", "lines": [1, 1]}, ".lines"),
    ({"vendor": "Acme", "memo": "x"}, ".memo"),
    ({"vendor": "Acme", "amount": [150, 350]}, ".amount"),
]


@pytest.mark.parametrize("form", ["object", "text"])
def test_arguments_are_what_the_tool_takes(form: str) -> None:
    write = json.dumps if form == "text" else lambda value: value
    rows = [{"messages": calling(write(one)), "tools": tools(PAY)} for one in [*GOOD, *(bad for bad, _ in BAD)]]
    found = run(arguments_valid.MEASURE, of_calls(form), rows)
    assert marked(found) == [*range(len(GOOD))]
    places = [found.details[row].path for row in range(len(GOOD), len(rows))]
    assert places == [f"$.messages[1].tool_calls[0].arguments{place}" for _, place in BAD]
    assert all("acme" not in detail.message.lower() and not detail.found for detail in found.details.values())
    assert same(found, run_in_parts(arguments_valid.MEASURE, of_calls(form), rows, 3, 2))


@pytest.mark.parametrize(
    ("schema", "written", "good"),
    [
        ({"multipleOf": 0.01}, "1.13", True),
        ({"multipleOf": 0.01}, "1.135", False),
        ({"multipleOf": 3}, "1e999999999", None),
        ({"type": "integer"}, "2.0", True),
        ({"type": "integer"}, "2.5", False),
        ({"type": "integer", "multipleOf": 2}, "4", True),
        ({"multipleOf": 2}, "true", True),
    ],
)
def test_numbers_are_exact_in_an_object_and_in_a_text(schema: dict[str, Any], written: str, good: bool | None) -> None:
    for form in ("object", "text") if good is not None else ("text",):
        text = f'{{"n": {written}}}'
        arguments = text if form == "text" else json.loads(text)
        row = {"messages": calling(arguments), "tools": tools({"properties": {"n": schema}})}
        assert marked(run(arguments_valid.MEASURE, of_calls(form), [row])) == [0] * bool(good)


def test_one_form_of_arguments_and_declared_tools_only() -> None:
    cases = [
        calling('{"vendor": "Acme"}'),
        calling([1]),
        calling({"vendor": "Acme"}, "refund"),
        calling({"vendor": "Acme"}, None),
    ]
    rows: list[dict[str, Any]] = [{"messages": one, "tools": tools(PAY)} for one in cases]
    rows += [{"messages": calling({}), "tools": []}, {"messages": [{"role": "user"}], "tools": []}, {"messages": 1}]
    found = run(arguments_valid.MEASURE, of_calls(), rows)
    assert marked(found) == [5] and found.known.tolist() == [True] * 6 + [False]
    texts = [
        calling("{"),
        calling('{"vendor": "A", "vendor": "B"}'),
        calling('{"vendor": NaN}'),
        calling({"vendor": "Acme"}),
    ]
    assert (
        marked(
            run(arguments_valid.MEASURE, of_calls("text"), [{"messages": one, "tools": tools(PAY)} for one in texts])
        )
        == []
    )


def test_arguments_are_placed_where_they_are() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "pay", "arguments": {"vendor": 7}}}
    old = {"role": "assistant", "function_call": {"name": "pay", "arguments": {"vendor": 7}}}
    for message, place in (
        ({"role": "assistant", "tool_calls": [call]}, "tool_calls[0].function"),
        (old, "function_call"),
    ):
        found = run(arguments_valid.MEASURE, of_calls(), [{"messages": [message], "tools": tools(PAY)}])
        assert found.details[0].path == f"$.messages[0].{place}.arguments.vendor"


def test_steps_of_a_run_are_calls_and_a_tool_without_parameters_takes_none() -> None:
    bare = [{"name": "pay", "parameters": PAY}, {"name": "wait"}]
    rows = [
        {"messages": [{"tool": name, "arguments": given, "observation": "ok"}], "tools": bare}
        for name, given in [("pay", {"vendor": "Acme"}), ("pay", {}), ("wait", {}), ("wait", {"for": 1})]
    ]
    assert marked(run(arguments_valid.MEASURE, of_calls(), rows)) == [0, 2]


NO_SCHEMAS: list[tuple[Any, str]] = [
    ({"type": "dict"}, "no JSON Schema"),
    ({"type": "object", "properties": {"a": {"type": "float"}}}, "no JSON Schema"),
    ({"properties": ["a"]}, "no JSON Schema"),
    ({"required": "a"}, "no JSON Schema"),
    ("object", "no object"),
    (None, "no object"),
    ({"$ref": "https://evil.example/schema.json"}, "$ref"),
    ({"$ref": "#/$defs/none"}, "$ref"),
    ({"$ref": "file:///etc/passwd"}, "$ref"),
    ({"pattern": "(a+)+(?=b)"}, "RE2"),
    ({"patternProperties": {"(?=x)": {}}}, "RE2"),
    ({"unevaluatedProperties": False}, "not checked"),
    ({"enum": [*range(3000)]}, "more than 2,000"),
]


@pytest.mark.parametrize(("schema", "says"), NO_SCHEMAS)
def test_what_is_no_schema_is_said(schema: Any, says: str) -> None:
    found = run(tools_valid.MEASURE, of_tools(), [{"tools": tools(PAY, schema)}, {"tools": tools(PAY)}, {}])
    assert marked(found) == [1, 2] and says in found.details[0].message
    assert found.details[0].path == "$.tools[1].function.parameters"


def test_names_are_given_once() -> None:
    rows = [{"tools": [*tools(PAY), *tools(PAY)]}, {"tools": [{"parameters": PAY}]}, {"tools": [3]}]
    assert marked(run(tools_valid.MEASURE, of_tools(), rows)) == []


def nested(depth: int) -> Any:
    schema: Any = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


DOUBLING = {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(40)} | {"d40": False}
HOSTILE: list[tuple[Any, Any]] = [
    ({"$ref": "#"}, {}),
    ({"$defs": DOUBLING, "$ref": "#/$defs/d0"}, {}),
    (nested(5_000), {}),
    ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 1_000_000 + "!"}),
    ({"properties": {"a": {"uniqueItems": True}}}, {"a": [{"x": at} if at % 2 else [at] for at in range(4_000)]}),
    ({"properties": {"a": {"items": {"anyOf": [{"type": "string"}] * 500}}}}, {"a": [1] * 9_000}),
    ({}, {"a": [0] * 1_000_000}),
    ({"pattern": "(" * 500}, {}),
    ({"pattern": "((a{1000}){1000}){1000}"}, {}),
    ({"$id": "https://evil.example/", "$ref": "other"}, {}),
    ({"$schema": "https://evil.example/meta"}, {}),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_schema_is_decided_at_once(number: int) -> None:
    schema, arguments = HOSTILE[number]
    start = time.monotonic()
    row = {"messages": calling(arguments), "tools": tools(schema)}
    assert len(marked(run(arguments_valid.MEASURE, of_calls(), [row]))) <= 1
    assert len(marked(run(tools_valid.MEASURE, of_tools(), [row]))) <= 1
    assert time.monotonic() - start < 5


SCALARS = st.sampled_from([None, True, 0, 1, 2.5, "a", "ab", "7"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["string", "number", "integer", "object", "array", "boolean", "null"])
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES,
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "minimum": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^a", "b$", "[0-9]"]),
        "uniqueItems": st.booleans(),
        "minItems": st.integers(0, 2),
    },
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "[bc]"]), inner, max_size=2),
            "required": st.lists(st.sampled_from("abc"), unique=True, max_size=2),
            "not": inner,
            "oneOf": st.lists(inner, min_size=1, max_size=2),
        },
    ),
    max_leaves=4,
)


@settings(max_examples=400, deadline=None)
@given(SCHEMAS, st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))
def test_equals_the_library_used_plainly(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    schemas = Schemas()
    assert schemas.problem(schema) == ""
    plainly = jsonschema.Draft202012Validator(schema).is_valid(arguments)
    assert (schemas.fault(schema, arguments) is None) == plainly


FORMATTED = {
    "date": ("2024-02-29", "2026-02-29"), "date-time": ("2026-01-01T10:00:00.5+01:00", "2026-01-01 10:00"),
    "time": ("23:59:60Z", "10:00:60Z"), "duration": ("P1Y2M3DT4H", "P1Y2D"), "email": ("a.b@x.org", "a..b@x.org"),
    "hostname": ("a-b.example", "a-.example"), "ipv4": ("10.0.0.1", "10.0.0.01"), "ipv6": ("::1", "::g"),
    "uuid": ("0b7c1e4a-9d6f-4e0b-8a53-6f0c2d1e9b77", "0b7c1e4a"), "uri": ("mailto:a@b", "no scheme"),
    "uri-reference": ("../a?b#c", "a b"), "json-pointer": ("/a~1b", "/a~b"),
}  # fmt: skip


def test_every_format_that_is_decided_is_tried() -> None:
    assert set(FORMATTED) == set(_formats.FORMATS)


@pytest.mark.parametrize("name", FORMATTED)
def test_formats_are_asserted(name: str) -> None:
    schema = {"type": "object", "properties": {"a": {"format": name}}}
    rows = [{"messages": calling({"a": value}), "tools": tools(schema)} for value in (*FORMATTED[name], 5)]
    column = run(arguments_valid.MEASURE, of_calls(), rows)
    assert list(column.values) == [True, False, True] and column.note == ""  # a number has no format
    assert column.details[1].message == "`format` of the tool's schema does not hold"


def test_formats_that_are_not_decided_are_named_beside_the_verdict() -> None:
    schema = {"properties": {"a": {"format": "regex"}, "b": {"items": {"format": "the vendor's words"}}}}
    rows = [{"messages": calling({"a": "("}), "tools": tools(schema)}]
    column = run(arguments_valid.MEASURE, of_calls(), rows)
    assert column.values[0] and column.note == "formats not checked: `regex`, other"
    assert run_in_parts(arguments_valid.MEASURE, of_calls(), rows * 2, size=1, parts=2).note == column.note


@pytest.mark.parametrize("entry", [{"action": "pay", "args": {}}, "pay", {}])
def test_an_entry_that_is_neither_message_nor_call_is_never_passed_over(entry: Any) -> None:
    rows = [{"messages": [*calling({"vendor": "A"}), entry], "tools": tools(PAY)}]
    column = run(arguments_valid.MEASURE, of_calls(), rows)
    assert not column.values[0] and column.details[0].path == "$.messages[2]"


@pytest.mark.parametrize(("measure", "parameter"), READ)
def test_check_knows_the_fields_that_are_read(measure: str, parameter: str) -> None:
    """Every spelling that `check` takes is one that is read."""
    call = {"name": "pay", "tool": "pay", "arguments": {}}
    said = {"role": "user", "from": "human", "content": "x", "value": "x", "tool_calls": [call], "function_call": call}
    tool = {"name": "pay", "parameters": {}, "function": {"name": "pay", "parameters": {}}}
    reads = {ROLE: _turns.role, WORDS: _turns.content, CALLS: lambda entry: list(_turns.calls([entry]))}
    for spellings in READ[measure, parameter]:
        for names in spellings:
            entry = {**call, **said, **tool}
            only = {name: entry[name] for name in names}
            assert reads.get(spellings, lambda one: next(_turns.declared([one]))[1])(only), names


@pytest.mark.parametrize("stack", [0, 100, 300])
def test_a_schema_that_never_ends_is_left_however_deep_the_stack_is(stack: int) -> None:
    """Python's own limit of recursion, met inside a library written in Rust, would be a panic."""

    def below(levels: int) -> tuple[str, str] | None:
        return below(levels - 1) if levels else Schemas().fault({"not": {"$ref": "#"}}, {"a": 1})

    assert below(stack) == ("", "the schema cannot be decided within bounds")


def test_a_long_value_is_not_spelt_out_at_each_step_that_fails() -> None:
    """Alternatives that refer to themselves fail a thousand times; the library puts the value into every message."""
    parts: dict[str, Any] = {"x0": {"type": "integer"}}
    for at in range(1, 10):
        parts[f"x{at}"] = {"anyOf": [{"$ref": f"#/$defs/x{at - 1}"}] * 2}
    schema = {"$defs": parts, "$ref": "#/$defs/x9"}
    value = {"a": ["b" * 1_000_000]}
    tracemalloc.start()
    try:
        assert Schemas().fault(schema, value) == ("", "`anyOf` of the tool's schema does not hold")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
