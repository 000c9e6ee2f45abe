"""The exact feasibility check: against elimination of one variable after another, slow and obvious."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec_lang.simplex import Inequality, conflict

Row = tuple[list[Fraction], Fraction, bool]


def eliminated(rows: list[Row], columns: int) -> bool:
    """Fourier-Motzkin: feasible if no contradiction is left when every variable is gone."""
    rows = rows + [([Fraction(int(i == j)) for i in range(columns)], Fraction(0), False) for j in range(columns)]
    for column in range(columns):
        above = [row for row in rows if row[0][column] > 0]
        below = [row for row in rows if row[0][column] < 0]
        rows = [row for row in rows if not row[0][column]]
        for (a, b, strict), (c, d, other) in product(above, below):
            s, t = -c[column], a[column]
            rows.append(([s * x + t * y for x, y in zip(a, c, strict=True)], s * b + t * d, strict or other))
    return all(bound < 0 or (bound == 0 and not strict) for _, bound, strict in rows)


numbers = st.integers(-3, 3).map(Fraction) | st.fractions(-2, 2, max_denominator=5)


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[Row], int]:
    columns = draw(st.integers(1, 3))
    row = st.tuples(st.lists(numbers, min_size=columns, max_size=columns), numbers, st.booleans())
    return draw(st.lists(row, max_size=5)), columns


def inequalities(rows: list[Row]) -> list[Inequality]:
    return [Inequality(dict(enumerate(row)), bound, strict) for row, bound, strict in rows]


@settings(max_examples=500, deadline=None)
@given(systems())
def test_a_conflict_is_found_exactly_where_there_is_one(system: tuple[list[Row], int]) -> None:
    """And its multipliers prove it: no column helps, and the bounds add up to more than nothing."""
    rows, columns = system
    found = conflict(inequalities(rows), columns)
    assert (found is None) == eliminated(rows, columns)
    if found is not None:
        assert all(weight > 0 for weight in found.values())
        for column in range(columns):
            assert sum(weight * rows[at][0][column] for at, weight in found.items()) <= 0
        total = sum(weight * rows[at][1] for at, weight in found.items())
        assert total > 0 or (total == 0 and any(rows[at][2] for at in found))


@pytest.mark.parametrize(("strict", "sound"), [(False, True), (True, False)])
def test_a_strict_bound_leaves_its_edge_out(strict: bool, sound: bool) -> None:
    half = Fraction(1, 2)
    rows: list[Row] = [([Fraction(1)], half, strict), ([Fraction(-1)], -half, False)]
    assert (conflict(inequalities(rows), 1) is None) == sound
