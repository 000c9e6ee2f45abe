"""Operators after the pass: over whole columns, and over what an aggregate may still be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.engine import vectors
from acceptance.engine.judging import Interval, judge
from acceptance.tables import ABSENT, Column
from acceptance.values import scalar
from acceptance.values.exact import coded
from spec_lang.contract import Call, Expr, Op, Range
from spec_lang.types import NUMBER
from tests.build import agg, const, op

THREE = st.sampled_from([True, False, None])


def column(answers: list[bool | None]) -> Column:
    """None for unknown, with a value that must not matter."""
    held = np.array(
        [bool(answer) or (answer is None and place % 2) for place, answer in enumerate(answers)], dtype=bool
    )
    return Column(held, np.array([answer is not None for answer in answers], dtype=bool))


def answers(found: Column) -> list[bool | None]:
    pairs = zip(found.values.tolist(), found.known.tolist(), strict=True)
    return [bool(value) if known else None for value, known in pairs]


def kleene(name: str, left: bool | None, right: bool | None) -> bool | None:
    """Every way to settle what is unknown; unknown where they differ."""
    ways = {
        {"and": one and two, "or": one or two, "implies": not one or two}[name]
        for one in ([left] if left is not None else [True, False])
        for two in ([right] if right is not None else [True, False])
    }
    return ways.pop() if len(ways) == 1 else None


@given(st.lists(st.tuples(THREE, THREE)), st.sampled_from(["and", "or", "implies"]))
def test_columns_follow_kleene(rows: list[tuple[Any, Any]], name: str) -> None:
    left, right = column([one for one, _ in rows]), column([two for _, two in rows])
    found = vectors.apply(op(name, const(True), const(True)), [left, right])
    assert answers(found) == [kleene(name, one, two) for one, two in rows]


@given(st.lists(st.tuples(st.sampled_from([0, 1, Fraction(1, 10), ABSENT]), st.integers(0, 1))))
@pytest.mark.parametrize("name", ["==", "!=", "<", "<=", ">", ">="])
def test_columns_compare_as_rows_do(name: str, rows: list[tuple[Any, int]]) -> None:
    left, right = coded(one for one, _ in rows), Column.of(np.array([two for _, two in rows], dtype=np.int64))
    found = vectors.apply(op(name, const(1), const(1)), [left, right])
    assert found.values.tolist() == [scalar.compare(name, one, two) for one, two in rows]


A, B = agg("mean", NUMBER, value=const(1)), agg("mean", NUMBER, value=const(2))
TREES = st.recursive(
    st.builds(
        lambda name, left, right: op(name, left, right),
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([A, B, op("+", A, B, type_=NUMBER), op("*", A, B, type_=NUMBER), const(1)]),
        st.sampled_from([A, B, op("-", A, B, type_=NUMBER), const(0), const(2)]),
    )
    | st.builds(lambda low: op("in", A, Range(low=const(low), high=const(2), type=NUMBER)), st.integers(-1, 2)),
    lambda inner: (
        st.builds(lambda one: op("not", one), inner)
        | st.builds(lambda name, one, two: op(name, one, two), st.sampled_from(["and", "or", "implies"]), inner, inner)
    ),
    max_leaves=4,
)
ENDS = st.tuples(st.integers(-2, 3), st.integers(-2, 3)).map(sorted)


@given(TREES, ENDS, ENDS)
def test_what_is_certain_holds_of_every_value(tree: Op, a: list[int], b: list[int]) -> None:
    """An interval's verdict is that of all values inside; otherwise it stays open."""
    truth = judge(tree, {A: Interval(*a), B: Interval(*b)})
    assert truth is not None
    for one in range(a[0], a[1] + 1):
        for two in range(b[0], b[1] + 1):
            exact = judge(tree, {A: Interval.at(one), B: Interval.at(two)})
            assert exact is not None and exact.certain
            assert truth.low <= exact.low <= truth.high


@pytest.mark.parametrize(
    ("expr", "certain"),
    [(op("<=", A, const(1)), False), (op("or", op("<=", A, const(1)), op("<=", B, const(1))), True)],
)
def test_a_value_that_is_missing_leaves_open_what_hangs_on_it(expr: Expr, certain: bool) -> None:
    measured: dict[Call, Interval | None] = {A: None, B: Interval.at(1)}
    truth = judge(expr, measured)
    assert truth is not None and truth.certain is certain
