"""Each measure has a slow, obvious reference that it equals on random data, or a reason why it has none.

`REFERENCES` names the test; those that no other file of this folder holds are below, with what holds of all marks.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import RECORD, batches, marked, reader, run, run_in_parts, same, use

from acceptance.measures import MEASURES
from acceptance.measures.protocol import RowFunction, RowMark, Use
from acceptance.tables import ABSENT, Batch, Column
from spec_lang.contract import Argument, Call, FieldDef, Shape, TableDef
from spec_lang.contract import Path as PathExpr
from spec_lang.signatures import signatures
from spec_lang.types import BOOL, TEXT, ListOf, Ref
from tests.build import agg
from tests.measures.test_aggregates import reduce

TESTS = Path(__file__).resolve().parent.parent

REFERENCES: dict[str, str] = {
    **dict.fromkeys(("every", "no", "share", "count"), "measures/test_aggregates.py::test_conditions"),
    **dict.fromkeys(
        ("total", "mean", "minimum", "maximum", "distinct"),
        "measures/test_aggregates.py::test_mean_least_greatest_distinct",
    ),
    **dict.fromkeys(("p50", "p90", "p95", "p99"), "measures/test_aggregates.py::test_percentiles"),
    "largest_share": "measures/test_aggregates.py::test_largest_share",
    "least_share": "measures/test_aggregates.py::test_least_share",
    "compression_ratio": "measures/test_aggregates.py::test_compression_ratio",
    "largest_count": "measures/test_groups.py::test_the_most_of_one_person_on_one_day",
    "highest_share": "measures/test_groups.py::test_the_worst_group_that_is_large_enough",
    "token_share": "measures/test_references.py::test_token_share",
    "krippendorff_alpha": (
        "measures/test_krippendorff_alpha.py::test_nominal_alpha_is_one_less_observed_over_expected_pairs"
    ),
    **dict.fromkeys(
        ("present", "size", "chars", "words", "names"), "measures/test_references.py::test_functions_of_one_value"
    ),
    "expired": "measures/test_references.py::test_expired",
    "mentions": "measures/test_references.py::test_mentions",
    "matches": "measures/test_text_functions.py::test_a_match_equals_the_backtracking_one",
    "adds_up": "measures/test_text_functions.py::test_sums_equal_those_of_the_interpreter",
    "exact_match": "measures/test_references.py::test_exact_match",
    "same_json": "measures/test_references.py::test_same_json",
    "passes": "test_executions.py::test_code_that_passes_its_tests",
    "choice": "test_scoring.py::test_the_right_option_lies_above_all_others",
    "same_number": "measures/test_same_number.py::test_whatever_is_written_is_read",
    "is_json": "measures/test_references.py::test_is_json",
    "opening": "measures/test_text_functions.py::test_an_opening_is_the_head_of_the_words",
    "quoted": "measures/test_text_functions.py::test_a_quotation_is_a_run_of_words",
    "script_share": "measures/test_text_functions.py::test_script_shares_equal_names_of_characters",
    "echoed": "measures/test_text_functions.py::test_echo_equals_word_by_word",
    "follows": "measures/test_dialogues.py::test_equals_a_regular_expression_over_all_short_dialogues",
    "calls_answered": "measures/test_dialogues.py::test_pairing_equals_a_slow_reference",
    "arguments_valid": "measures/test_arguments_valid.py::test_equals_the_library_used_plainly",
    "well_formed": "measures/test_well_formed.py::test_the_quick_test_agrees_on_every_type",
    "resolves": "measures/test_references.py::test_resolves",
    "repeated": "measures/test_references.py::test_repeated",
    "duplicate": "measures/test_duplicate.py::test_equals_a_slow_reference_however_it_is_cut",
    "near_duplicate": "measures/test_copies_in_lots.py::test_both_equal_a_slow_reference_however_they_are_cut",
    "crosses": "measures/test_copies_in_lots.py::test_both_equal_a_slow_reference_however_they_are_cut",
    "overlaps": "measures/test_overlaps.py::test_equals_a_slow_reference_however_it_is_cut",
    "taken_from": "measures/test_taken_from.py::test_it_equals_a_slow_count",
    "lineage_depth": "measures/test_lineage_depth.py::test_equals_a_slow_reference_however_it_is_cut",
    "ancestry_known": (
        "measures/test_lineage_depth.py::test_ancestry_is_known_unless_a_parent_is_missing_or_above_itself"
    ),
    "has_hidden_text": "measures/test_references.py::test_what_nobody_sees",
    "gain": "test_statistics.py::test_the_bounds_are_those_of_the_formulas",
}
"""Measure -> the test that holds it against its reference."""

PATTERNS = "a closed list of patterns, held by one example of each and by ordinary texts that are silent"
RENDERED = "read off a rendering, which `test_rendering.py` holds against texts written out by hand"
OTHERS: dict[str, str] = {
    **dict.fromkeys(
        ("has_secret", "has_pii", "has_artefact", "has_reasoning", "has_disguise", "peeks_ahead", "declines"), PATTERNS
    ),
    **dict.fromkeys(
        (
            "tokens", "rendered_tokens", "trained_tokens", "mask_as_declared", "end_of_turn_trained",
            "target_truncated", "has_control_tokens", "shown", "prefix_stable", "begins_twice",
        ),
        RENDERED,
    ),
    **dict.fromkeys(
        ("readable", "as_listed", "attached"),
        "says what reading met, which `test_delivery.py`, `test_archives.py` and `test_types.py` hold byte by byte",
    ),
    "code_parses": "asks the interpreter's own parser",
    "in_language": "asks a classifier of fixed version",
    "skeleton": "a rule of thumb, held by pairs that are alike and pairs that are not",
    "citations_resolve": "a notation, held by examples of each of its forms",
    "lot": "is what the manifest says, which `test_engine.py` holds",
    "said": "picks entries of a list by their role",
    "tools_valid": "asks the JSON Schema library's own meta-schema",
    "fixes": "runs a program; `test_executions.py` holds it against patches that mend and patches that do not",
    "defective": "a ratio of two counts; the plan behind it is held against scipy in `test_statistics.py`",
    "scaling": "has no evidence yet: its clauses are undecided",
    "ablation": "has no evidence yet: its clauses are undecided",
}  # fmt: skip
"""Measure -> why there is nothing slower to hold it against."""


def test_every_measure_has_a_reference_or_a_reason() -> None:
    assert [*REFERENCES.keys() & OTHERS.keys()] == []
    assert REFERENCES.keys() | OTHERS.keys() == signatures().keys()
    assert len(REFERENCES) >= 45 and all(OTHERS.values())


@pytest.mark.parametrize("place", sorted(set(REFERENCES.values())))
def test_the_test_that_is_named_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    assert f"\ndef {name}(" in (TESTS / file).read_text("utf-8")


# ------------------------------------------------------------------------------------------------ references


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50), st.booleans(), st.booleans())))
def test_token_share(rows: list[tuple[bool, int, bool, bool]]) -> None:
    """(condition, trained tokens, known, chosen)"""
    condition = Column.of(np.array([one for one, _, _, _ in rows], dtype=np.bool_))
    known = np.array([sure for _, _, sure, _ in rows], dtype=np.bool_)
    tokens = Column(np.array([count for _, count, _, _ in rows], dtype=np.int64), known)
    counted = [(one, count) for one, count, sure, picked in rows if sure and picked]
    total = sum(count for _, count in counted)
    expected = Fraction(100 * sum(count for one, count in counted if one), total) if total else None
    found = reduce("token_share", condition, tokens, chosen=[picked for *_, picked in rows], call=agg("token_share"))
    assert found.value == expected


def call(measure: str, *values: Any) -> Any:
    found = MEASURES[measure]
    assert isinstance(found, RowFunction)
    return found.make(use(measure))(*values)


@given(st.text(), st.lists(st.text(max_size=5), max_size=6))
def test_functions_of_one_value(text: str, listed: list[str]) -> None:
    assert call("chars", text) == sum(1 for _ in text)
    runs = "".join("." if letter.isspace() else "x" for letter in text).split(".")
    assert call("words", text) == sum(run_ != "" for run_ in runs)
    assert call("size", listed) == sum(1 for _ in listed)
    assert call("names", [{"name": name, "more": 1} for name in listed]) == listed
    assert call("present", text) and not call("present", ABSENT)


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_expired(until: int, on: int) -> None:
    start = date(2027, 1, 1)
    assert call("expired", start + timedelta(days=until), start + timedelta(days=on)) == (until < on)


WORDS = st.lists(st.sampled_from(["Pay", "pay", "now", "7", "€5", "ß", "SS"]), max_size=6)


@given(WORDS, WORDS, st.sampled_from([" ", "  ", "\n"]))
def test_mentions(text: list[str], value: list[str], space: str) -> None:
    """Letter by letter, at every place of the text."""
    searched, wanted = (" ".join(words).casefold() for words in (text, value))
    places = range(len(searched) - len(wanted) + 1)
    expected = wanted != "" and any(searched[at : at + len(wanted)] == wanted for at in places)
    assert call("mentions", space.join(text), space.join(value)) == expected


@given(st.text("aéé \n\tB", max_size=8), st.text("aéé \n\tB", max_size=8))
def test_exact_match(answer: str, expected: str) -> None:
    one, other = (unicodedata.normalize("NFC", text).split() for text in (answer, expected))
    assert call("exact_match", answer, expected) == (one == other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 1.0, 2.0]) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


def typed(value: Any) -> Any:
    """The value with the type of every part beside it, keys in order."""
    if isinstance(value, dict):
        return {"": {key: typed(value[key]) for key in sorted(value)}}
    return [typed(one) for one in value] if isinstance(value, list) else (type(value).__name__, value)


@given(JSON, JSON)
def test_same_json(one: Any, other: Any) -> None:
    assert call("same_json", json.dumps(one), other) == (typed(one) == typed(other))
    assert call("same_json", json.dumps(one, indent=2), one)
    assert not call("same_json", f"{json.dumps(one)} x", one)


@given(JSON, st.text('{}[]",:1a ', max_size=8))
def test_is_json(value: Any, text: str) -> None:
    assert call("is_json", json.dumps(value))
    try:
        json.loads(text)
        expected = not any(text.count(f'"{key}"') > 1 for key in ("", "a", "1", " "))
    except ValueError:
        expected = False
    if expected or '"' not in text:
        assert call("is_json", text) == expected


LINKED = RECORD.model_copy(
    update={
        "shapes": (
            Shape(
                name="R",
                fields=(FieldDef(name="id", type=TEXT), FieldDef(name="to", type=ListOf(item=Ref(table="R")))),
            ),
        )
    }
)


def field(measure: str, name: str) -> Use:
    of = use(measure, contract=LINKED.model_copy(update={"tables": (TableDef(name="R", shape="R", key="id"),)}))
    place = Argument(name="field", value=PathExpr(root="row", steps=(name,), type=TEXT))
    return Use(Call(measure=measure, kind="row", args=(place,), type=BOOL), of.contract, of.folder, {}, {},
               of.renderer, of.items, of.execute)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.lists(st.sampled_from("abcdx"), max_size=3)), max_size=8),
       st.integers(1, 4))  # fmt: skip
def test_resolves(drawn: list[tuple[str, list[str]]], size: int) -> None:
    rows = [{"id": key, "to": to} for key, to in drawn]
    keys = {key for key, _ in drawn}
    measure = MEASURES["resolves"]
    assert isinstance(measure, RowMark)
    marker = measure.make(field("resolves", "to"))
    for batch in batches(rows, size):
        marker.add(Batch(batch.table, batch.start, batch.rows, batch.origins, {"keys": lambda table: keys}))
    assert marker.finish().values.tolist() == [all(one in keys for one in to) for _, to in drawn]


@given(st.lists(st.sampled_from(["a", "b", "", "1", 1, 1.0, None]), max_size=12), st.integers(1, 5))
def test_repeated(values: list[Any], size: int) -> None:
    rows = [{"id": value} for value in values]
    kinds = [(isinstance(value, str), value) for value in values]
    column = run(MEASURES["repeated"], field("repeated", "id"), rows, size)
    assert marked(column) == [at for at, one in enumerate(kinds) if one in kinds[:at]]


LETTERS = "a Z9.é\n\t漢ж\u200b\u00ad\u2060\u202e\x00\x1b\ue000\u2028\ufffd"


@given(st.lists(st.text(LETTERS, max_size=6), min_size=1, max_size=6))
def test_what_nobody_sees(texts: list[str]) -> None:
    """By the categories of Unicode: controls, formats, private use, separators of lines; and U+FFFD."""
    unseen = ("Cc", "Cf", "Co", "Zl", "Zp")
    expected = [
        any((unicodedata.category(sign) in unseen and sign not in "\n\t") or sign == "\ufffd" for sign in text)
        for text in texts
    ]
    column = run(MEASURES["has_hidden_text"], use("has_hidden_text"), [{"a": text} for text in texts])
    assert column.values.tolist() == expected


# ------------------------------------------------------------------------------------------------ all marks

NEAR = {"shingle": "1", "similarity": "0.5"}
PLACED = {"fields": [reader("a")], "split": [reader("s")]}
MARKS: dict[str, Use] = {
    "duplicate": use("duplicate", {"fields": [reader("a")]}, {"fields": ["$.a"]}, normalise="text"),
    "near_duplicate": use("near_duplicate", {"fields": [reader("a")]}, {"fields": ["$.a"]}, **NEAR),
    "crosses": use("crosses", PLACED, {"fields": ["$.a"]}, **NEAR),
    "has_secret": use("has_secret"),
    "has_pii": use("has_pii", kinds=("email", "phone", "card")),
    "has_hidden_text": use("has_hidden_text"),
    "has_disguise": use("has_disguise", kinds=("look_alike", "wide", "entity", "base64")),
    "has_reasoning": use("has_reasoning", {"outside": [reader("s")]}, {"outside": ["$.s"]}),
    "has_artefact": use("has_artefact", kinds=("placeholder", "refusal", "role_marker")),
    "peeks_ahead": use("peeks_ahead", {"fields": [reader("a")]}, {"fields": ["$.a"]}),
}
SAID = st.sampled_from(
    [
        "pay the bill", "Pay  the bill", "pay the bill now", "the bill", "quite another text",
        "mail jo.doe@gribal-textiles.org", "p\u0430y the bill", "<think>Hm.</think> pay", "a\u200bb",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345", "git log --all", "[insert name]", "User: hello",
    ]
)  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries({"a": SAID}, optional={"s": st.sampled_from(["x", "y"])}), max_size=12)
ONE_BY_ONE = [name for name in MARKS if name not in ("duplicate", "near_duplicate", "crosses")]


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", MARKS)
@given(rows=ROWS, size=st.integers(1, 5), parts=st.integers(1, 4))
def test_partials_join_to_the_whole(name: str, rows: list[dict[str, str]], size: int, parts: int) -> None:
    column = run(MEASURES[name], MARKS[name], rows)
    assert same(column, run_in_parts(MEASURES[name], MARKS[name], rows, size, parts))


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", MARKS)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_shuffling_changes_no_count(name: str, rows: list[dict[str, str]], seed: int) -> None:
    """Of copies another row may stay, but as many; of the others each row has its own answer."""
    order = random.Random(seed).sample(range(len(rows)), len(rows))
    before = run(MEASURES[name], MARKS[name], rows)
    after = run(MEASURES[name], MARKS[name], [rows[at] for at in order])
    if name in ONE_BY_ONE:
        assert after.values.tolist() == [before.values[at] for at in order]
    elif name != "crosses":  # whose earliest row's split is the one that counts
        assert after.values.sum() == before.values.sum()


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", ["duplicate", "near_duplicate", "crosses"])
@given(rows=ROWS, which=st.integers(0, 11))
def test_a_further_copy_never_lowers_the_share(name: str, rows: list[dict[str, str]], which: int) -> None:
    if not rows:
        return
    more = [*rows, rows[which % len(rows)]]
    before, after = (len(marked(run(MEASURES[name], MARKS[name], one))) for one in (rows, more))
    assert after >= before
    if name != "crosses":
        assert Fraction(after, len(more)) >= Fraction(before, len(rows))
    assert len(rows) - before == len(more) - after or name == "crosses"


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=9))
def test_copies_are_counted_as_a_counter_counts_them(values: list[str]) -> None:
    rows = [{"a": value} for value in values]
    assert len(marked(run(MEASURES["duplicate"], MARKS["duplicate"], rows))) == len(values) - len(Counter(values))
