"""`duplicate` and `repeated`: copies are found whatever their form, the earliest stays, clean twins are silent."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support import batches, marked, reader, run, run_in_parts, same, use

from acceptance.measures import duplicate, repeated
from acceptance.measures.protocol import Use
from acceptance.tables import ABSENT


def on(*fields: str, normalise: str = "none") -> Use:
    readers = [reader(field, of=object) for field in fields]
    return use("duplicate", {"fields": readers}, {"fields": [f"$.{field}" for field in fields]}, normalise=normalise)


def test_a_clean_delivery_is_silent() -> None:
    rows = [{"a": f"Pay {i} to x"} for i in range(50)] + [{"a": "x = -5"}, {"a": "x = 5"}, {"a": 1}, {"a": True}]
    for normalise in ("none", "text"):
        assert marked(run(duplicate.MEASURE, on("a", normalise=normalise), rows)) == []


def test_a_copy_names_the_earliest_row() -> None:
    rows = [{"a": "x", "b": 1}, {"a": "y", "b": 1}, {"b": 1.0, "a": "x"}, {"a": "x", "b": 1}, {"a": "x", "b": 2}]
    column = run(duplicate.MEASURE, on("a", "b"), rows)
    assert marked(column) == [2, 3]
    detail = column.details[3]
    assert detail.path == "$.a" and detail.message == "repeats a.jsonl:1 in the fields compared" and detail.help


def test_normalising_sees_through_case_spacing_and_invisible_characters() -> None:
    rows = [{"a": "Book it now"}, {"a": "BOOK  it\u00a0now"}, {"a": "Bo\u200bok it now"}, {"a": "book it, now"}]
    assert marked(run(duplicate.MEASURE, on("a", normalise="none"), rows)) == []
    assert marked(run(duplicate.MEASURE, on("a", normalise="text"), rows)) == [1, 2]


def test_key_order_makes_no_difference_and_absent_fields_repeat_nothing() -> None:
    rows: list[Any] = [{"a": {"x": 1, "y": [1]}}, {"a": {"y": [1], "x": 1}}, {}, {}, {"a": None}, {"a": None}]
    assert marked(run(duplicate.MEASURE, on("a"), rows)) == [1, 5]


def test_a_malformed_field_leaves_the_row_unjudged() -> None:
    of = use("duplicate", {"fields": [reader("a")]}, normalise="none")
    column = run(duplicate.MEASURE, of, [{"a": 1}, {"a": 1}, {"a": "x"}, {"a": "x"}])
    assert column.known.tolist() == [False, False, True, True] and marked(column) == [3]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("aA \u200b", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(VALUES, max_size=20), st.integers(1, 5), st.sampled_from(["none", "text"]))
def test_equals_a_slow_reference_however_it_is_cut(values: list[Any], size: int, normalise: str) -> None:
    rows, of = [{"a": value} for value in values], on("a", normalise=normalise)
    letter = duplicate.alike if normalise == "text" else str
    forms = [repr(slow(value, letter)) for value in values]
    column = run(duplicate.MEASURE, of, rows)
    assert marked(column) == [i for i, form in enumerate(forms) if form in forms[:i]]
    assert same(column, run(duplicate.MEASURE, of, rows, size))
    assert same(column, run_in_parts(duplicate.MEASURE, of, rows, size, 3))


def slow(value: Any, letter: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, slow(inner, letter)) for key, inner in value.items()), "object"
    if isinstance(value, list):
        return [slow(inner, letter) for inner in value]
    return letter(value) if isinstance(value, str) else value


@given(st.lists(st.text("ab", max_size=2), min_size=1, max_size=20), st.data())
def test_a_further_copy_never_lowers_the_share(values: list[str], data: Any) -> None:
    rows = [{"a": value} for value in values]
    more = [*rows, data.draw(st.sampled_from(rows))]
    before, after = (len(marked(run(duplicate.MEASURE, on("a"), some))) / len(some) for some in (rows, more))
    assert after >= before


def test_repeated_finds_keys_of_earlier_rows() -> None:
    rows = [{"id": "a"}, {"id": "b"}, {"id": "a"}, {}, {}, {"id": 1}, {"id": 1}]
    column = run(repeated.MEASURE, use("repeated", field="id"), rows)
    assert marked(column) == [2, 6]
    assert column.details[2].path == "$.id" and column.details[2].message == "has the same value as a.jsonl:1"


def test_what_differs_in_structure_alone_is_no_copy() -> None:
    values: list[Any] = [["x", "y"], [["x"], "y"], [["x", "y"]], {"x": "y"}, {"x": ["y"]}, ["x", "y", {}], ["xy"]]
    values += [{"x": "1", "z": 1}, {"x": 1, "z": "1"}]
    rows = [{"a": value} for value in values * 2]
    for normalise in ("none", "text"):
        assert marked(run(duplicate.MEASURE, on("a", normalise=normalise), rows)) == [*range(9, 18)]


def test_absent_is_not_null() -> None:
    assert duplicate.canonical([ABSENT], str) != duplicate.canonical([None], str)
    assert len(batches([])) == 0
