"""Copies across lots: the later row is marked, and no later lot changes what was said of an earlier one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import batches, marked, reader, same, use

from acceptance.measures import MEASURES
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Column, Origin
from acceptance.text import folding as text

Rows = list[dict[str, Any]]


def in_lots(rows: Rows, lots: list[int], size: int = 1_000) -> list[Batch]:
    """The rows in batches; line 3 of lot 2 is `lot-2.jsonl:3`."""
    found = batches(rows, size)
    for batch in found:
        for at in range(len(batch)):
            lot = lots[batch.start + at]
            line = lots[: batch.start + at + 1].count(lot)
            batch.origins[at] = Origin(f"lot-{lot}.jsonl", line, lot)
    return found


def judged(of: Use, rows: Rows, lots: list[int], size: int = 1_000, parts: int = 1) -> Column:
    measure = MEASURES[of.call.measure]
    assert isinstance(measure, RowMark)
    dealt = in_lots(rows, lots, size)
    markers = [measure.make(of) for _ in range(parts)]
    for number, batch in enumerate(dealt):
        markers[number * parts // len(dealt)].add(batch)
    first, *later = markers
    for marker in later:
        first.merge(marker)
    return first.finish()


def near(similarity: str = "0.6", shingle: int = 1) -> Use:
    paths = {"fields": ["$.a"]}
    return use("near_duplicate", {"fields": [reader("a")]}, paths, shingle=str(shingle), similarity=similarity)


def crossing(similarity: str = "0.6") -> Use:
    getters = {"fields": [reader("a")], "split": [reader("s")]}
    return use("crosses", getters, {"fields": ["$.a"]}, shingle="1", similarity=similarity)


A, B, C = "one two three four five six", "three four five six seven eight", "five six seven eight nine ten"
"""A and C have nothing to do with each other; B is half of each."""


def test_a_copy_in_a_later_lot_is_found_and_the_earlier_row_stays() -> None:
    rows = [{"a": A}, {"a": C}, {"a": "quite another text"}, {"a": A.upper()}]
    for of in (near(), use("duplicate", {"fields": [reader("a")]}, {"fields": ["$.a"]}, normalise="text")):
        column = judged(of, rows, [1, 1, 2, 2])
        assert marked(column) == [3] and "repeats lot-1.jsonl:1" in column.details[3].message


def test_a_later_row_between_two_earlier_ones_does_not_join_them() -> None:
    rows = [{"a": A}, {"a": C}, {"a": B}]
    assert marked(judged(near("0.5"), rows, [1, 1, 1])) == [1, 2]  # one lot: one chain, the earliest stays
    assert marked(judged(near("0.5"), rows, [1, 1, 2])) == [2]  # the first lot was accepted
    assert marked(judged(near("0.5"), [rows[0], rows[2], rows[1]], [1, 2, 3])) == [1, 2]


def test_a_later_row_crosses_whichever_earlier_row_is_of_another_split() -> None:
    rows = [{"a": A, "s": "train"}, {"a": C, "s": "test"}]
    for split, other in (("train", "lot-1.jsonl:2"), ("test", "lot-1.jsonl:1")):
        column = judged(crossing("0.5"), [*rows, {"a": B, "s": split}], [1, 1, 2])
        assert marked(column) == [2] and other in column.details[2].message
    assert marked(judged(crossing("0.5"), [*rows, {"a": B, "s": "train"}], [1, 1, 1])) == [1]
    assert marked(judged(crossing("0.5"), [*rows, {"a": B}], [1, 1, 2])) == []


# ------------------------------------------------------------------------------------------------ a slow reference


def clusters(rows: Rows, similarity: Fraction) -> list[int]:
    """For each row the earliest row that a chain of similar rows leads to."""
    sets = [set(text.words(row["a"])) for row in rows]
    root = list(range(len(rows)))
    for _ in rows:
        for i, a in enumerate(sets):
            for j, b in enumerate(sets[:i]):
                if a and b and Fraction(len(a & b), len(a | b)) >= similarity:
                    root[i] = root[j] = min(root[i], root[j])
    return root


def slow(rows: Rows, lots: list[int], similarity: Fraction) -> tuple[list[int], list[int]]:
    """(near copies, crossings): each lot is judged as if it were the last."""
    copies, crossings = [], []
    for lot in sorted(set(lots)):
        count = sum(one <= lot for one in lots)
        root = clusters(rows[:count], similarity)
        for row in (row for row in range(count) if lots[row] == lot):
            if root[row] != row:
                copies.append(row)
            split = rows[row].get("s")
            counting = [one for one in range(count) if root[one] == root[row] and (lots[one] < lot or root[row] == one)]
            if split and {rows[one]["s"] for one in counting if "s" in rows[one]} - {split}:
                crossings.append(row)
    return copies, crossings


ROW = st.fixed_dictionaries(
    {"a": st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join)},
    optional={"s": st.sampled_from(["train", "test"])},
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(ROW, st.integers(1, 3)), max_size=14), st.integers(1, 4), st.sampled_from(["0.3", "0.5", "0.8"])
)
def test_both_equal_a_slow_reference_however_they_are_cut(
    made: list[tuple[dict[str, Any], int]], size: int, similarity: str
) -> None:
    made = sorted(made, key=lambda one: one[1])
    rows, lots = [dict(row) for row, _ in made], [lot for _, lot in made]
    for of, expected in zip(
        (near(similarity), crossing(similarity)), slow(rows, lots, Fraction(similarity)), strict=True
    ):
        column = judged(of, rows, lots)
        assert marked(column) == expected
        assert same(column, judged(of, rows, lots, size)) and same(column, judged(of, rows, lots, size, parts=3))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=2, max_size=4))
def test_what_was_said_of_the_first_lots_stands(made: list[Rows]) -> None:
    """Row for row, of every measure that looks at other rows."""
    rows = [dict(row) for lot in made for row in lot]
    lots = [number for number, lot in enumerate(made, 1) for _ in lot]
    count = len(rows) - len(made[-1])
    fields, paths = {"fields": [reader("a")]}, {"fields": ["$.a"]}
    exact = use("duplicate", fields, paths, normalise="text")
    for of in (near("0.5"), crossing("0.5"), exact):
        before, now = judged(of, rows[:count], lots[:count]), judged(of, rows, lots)
        assert now.values[:count].tolist() == before.values.tolist()
