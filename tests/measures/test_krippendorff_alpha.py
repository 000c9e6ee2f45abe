"""Krippendorff's alpha against his own published example, and against the pairwise definition."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.measures import _bootstrap
from acceptance.measures.krippendorff_alpha import alpha
from spec_lang.types import INT, NUMBER, TEXT
from tests.build import agg, clause, const, decided, op, path, row

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers, twelve units.
OBSERVERS = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
# The three coders and fifteen units of the Wikipedia article on alpha, also in the manual of PyPI's `krippendorff`.
CODERS = """
. . . . . 3 4 1 2 1 1 3 3 . 3
1 . 2 1 3 3 4 3 . . . . . . .
. . 2 1 3 4 4 . 2 1 1 3 3 . 4
"""


def units(table: str) -> list[list[int]]:
    columns = zip(*(line.split() for line in table.strip().split("\n")), strict=True)
    return [[int(label) for label in column if label != "."] for column in columns]


@pytest.mark.parametrize(
    ("table", "metric", "published"),
    [
        (OBSERVERS, "nominal", 0.743), (OBSERVERS, "ordinal", 0.815), (OBSERVERS, "interval", 0.849),
        (CODERS, "nominal", 0.691), (CODERS, "ordinal", 0.807), (CODERS, "interval", 0.811),
    ],
)  # fmt: skip
def test_published_examples(table: str, metric: str, published: float) -> None:
    value = alpha(units(table), metric)
    assert value is not None
    assert round(float(value), 3) == published


LABELS = st.lists(st.lists(st.integers(1, 4), max_size=4), max_size=8)


@given(LABELS)
def test_nominal_alpha_is_one_less_observed_over_expected_pairs(drawn: list[list[int]]) -> None:
    """Each unit's ordered pairs weigh 1 / (labels - 1); expected pairs come from all pairable labels."""
    rated = [labels for labels in drawn if len(labels) > 1]
    pool = [label for labels in rated for label in labels]
    seen = sum(
        (Fraction(sum(one != two for one, two in permutations(labels, 2)), len(labels) - 1) for labels in rated),
        Fraction(0),
    )
    chance = Fraction(sum(one != two for one, two in permutations(pool, 2)), max(len(pool) - 1, 1))
    expected = None if not pool else 1 - seen / chance if chance else Fraction(1)
    assert alpha(drawn, "nominal") == expected


@given(LABELS, st.randoms(use_true_random=False))
def test_order_does_not_matter(drawn: list[list[int]], shuffle: Any) -> None:
    before = alpha(drawn, "ordinal")
    shuffle.shuffle(drawn)
    for labels in drawn:
        shuffle.shuffle(labels)
    assert alpha(drawn, "ordinal") == before


def test_declared_words_give_the_order() -> None:
    """`easy` and `hard` are further apart than `easy` and `middling`, whatever the alphabet says."""
    near = [["easy", "middling"], ["hard", "hard"], ["easy", "easy"], ["middling", "middling"]]
    far = [["easy", "hard"], ["hard", "hard"], ["easy", "easy"], ["middling", "middling"]]
    words = ("easy", "middling", "hard")
    assert (alpha(near, "ordinal", words) or 0) > (alpha(far, "ordinal", words) or 0)


def test_as_a_clause() -> None:
    label, unit, rater = path("weight", INT), path("source.reviewer", TEXT), path("source.author", TEXT)
    measured = agg("krippendorff_alpha", NUMBER, label=label, unit=unit, rater=rater, metric="interval", bound="point")
    rows = [
        row(number, weight=given_, source__reviewer=f"U{place}", source__author=f"R{who}")
        for who, line in enumerate(OBSERVERS.strip().split("\n"))
        for place, given_ in enumerate(line.split())
        if given_ != "."
        for number in [1]
    ]
    for one in rows:
        one["weight"] = int(one["weight"])
    found = decided(clause("agreement", op(">=", measured, const("0.85", NUMBER))), rows)
    assert (found.verdict, found.observed) == ("breached", "0.849 (11 of 12 units have two ratings or more)")


def test_a_lower_bound_lies_below_alpha_and_does_not_depend_on_the_order() -> None:
    label, unit, rater = path("weight", INT), path("source.reviewer", TEXT), path("source.author", TEXT)
    rows = [
        row(1, weight=int(given_), source__reviewer=f"U{place}", source__author=f"R{who}")
        for who, line in enumerate(OBSERVERS.strip().split("\n"))
        for place, given_ in enumerate(line.split())
        if given_ != "."
    ]
    for metric in ("nominal", "ordinal", "interval"):
        seen = []
        for bound in ("point", "lower_90", "lower_95", "lower_99"):
            measured = agg(
                "krippendorff_alpha", NUMBER, label=label, unit=unit, rater=rater, metric=metric, bound=bound
            )
            one = clause("agreement", op(">=", measured, const("0.01", NUMBER)))
            answers = {decided(one, order).observed for order in (rows, rows[::-1])}
            assert len(answers) == 1
            seen.append(float(answers.pop().split()[0]))
        assert seen == sorted(seen, reverse=True) and seen[0] > seen[1]


@given(
    st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_each_resample_has_the_alpha_of_its_units(drawn: list[list[int]], metric: str) -> None:
    """The fast sums equal the exact measure on the units that were drawn."""
    draws = range(5)
    weights = _bootstrap._weights(draws, len(drawn))
    assert (weights.sum(axis=1) == len(drawn)).all()
    labels = sorted({label for unit in drawn for label in unit})
    counts = np.array([[unit.count(label) for label in labels] for unit in drawn], dtype=float)
    found = _bootstrap._alphas(weights, counts, metric, np.array(labels, dtype=float))
    for draw in draws:
        again = [unit for unit, times in zip(drawn, weights[draw].astype(int), strict=True) for _ in range(times)]
        assert found[draw] == pytest.approx(float(alpha(again, metric) or 0))
