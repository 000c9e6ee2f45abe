"""Aggregates over groups of rows against plain counting: caps per person and day, the worst reviewer."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spec_lang.types import INT, TEXT, Quantity
from tests.build import agg, clause, const, decided, eq, op, path, row

AUTHOR, DAY = path("source.author", TEXT), path("source.written_at")
LEVELS = st.sampled_from(["easy", "hard", None])
ROWS = st.lists(
    st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.sampled_from(["2027-01-01", "2027-01-02"]), LEVELS), max_size=12
)


def rows(drawn: list[tuple[str, str, Any]]) -> list[dict[str, Any]]:
    return [
        row(at, source__author=who, source__written_at=day, input__level=level)
        for at, (who, day, level) in enumerate(drawn)
    ]


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_the_most_of_one_person_on_one_day(drawn: list[tuple[str, str, Any]]) -> None:
    most = agg("largest_count", Quantity(unit="records"), values=[AUTHOR, DAY], of="delivered")
    found = decided(clause("cap", op("<=", most, const("2", Quantity(unit="records")))), rows(drawn))
    counts = Counter((who, day) for who, day, _ in drawn)
    expected = max(counts.values(), default=0)
    assert found.verdict == ("undecided" if not drawn else "met" if expected <= 2 else "breached")
    if found.verdict == "breached":
        assert found.marked == expected and f"{expected} records" in found.observed


def test_a_missing_value_counts_with_nobody() -> None:
    most = agg("largest_count", Quantity(unit="records"), values=[path("input.level")], of="delivered")
    drawn = [("E1", "2027-01-01", None)] * 5 + [("E1", "2027-01-01", "easy")]
    assert decided(clause("cap", op("<=", most, const("1", Quantity(unit="records")))), rows(drawn)).verdict == "met"


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_the_worst_group_that_is_large_enough(drawn: list[tuple[str, str, Any]], least: int) -> None:
    hard = eq(path("input.level"), const("hard", path("input.level").type))
    worst = agg("highest_share", condition=hard, within=AUTHOR, least=const(least, INT), of="delivered")
    found = decided(clause("fair", op("<=", worst, const("50", Quantity(unit="%")))), rows(drawn))
    groups = defaultdict(list)
    for who, _, level in drawn:
        groups[who].append(level == "hard")
    shares = [Fraction(sum(held), len(held)) for held in groups.values() if len(held) >= least]
    assert found.verdict == ("undecided" if not shares else "met" if max(shares) <= Fraction(1, 2) else "breached")


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_shuffling_changes_no_verdict(drawn: list[tuple[str, str, Any]], shuffle: Any) -> None:
    hard = eq(path("input.level"), const("hard", path("input.level").type))
    worst = agg("highest_share", condition=hard, within=AUTHOR, least=const(2, INT), of="delivered")
    one = clause("fair", op("<=", worst, const("50", Quantity(unit="%"))))
    before = decided(one, rows(drawn))
    mixed = list(drawn)
    shuffle.shuffle(mixed)
    after = decided(one, rows(mixed))
    assert (before.verdict, before.marked) == (after.verdict, after.marked) or before.observed.split()[
        0
    ] == after.observed.split()[0]
