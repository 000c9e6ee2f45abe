"""Aggregates: each against a slow and obvious reading of the same values."""

from __future__ import annotations

import statistics
import zlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.measures import MEASURES
from acceptance.measures.protocol import Aggregate, Aggregated
from acceptance.tables import ABSENT, Column
from acceptance.values.exact import coded
from acceptance.values.spill import Spill
from spec_lang.contract import Call
from tests.build import LEVEL, TASK, agg, path

VALUES = st.lists(st.sampled_from([0, 1, 2, 3, Fraction(1, 10), Fraction(5, 2), ABSENT]), max_size=25)


def reduce(measure: str, *columns: Column, chosen: Any = None, call: Call | None = None) -> Aggregated:
    class Use:
        def __init__(self) -> None:
            self.call = call

        def word(self, name: str) -> str:
            assert self.call is not None
            return self.call.word(name)

    found = MEASURES[measure]
    assert isinstance(found, Aggregate)
    mask = np.ones(len(columns[0].values), dtype=np.bool_) if chosen is None else np.array(chosen, dtype=np.bool_)
    return found.reduce(columns, mask, Use())  # type: ignore[arg-type]


def nearest_rank(values: list[Any], p: int) -> Any:
    """The definition, read aloud: the least value that p % of the values do not exceed."""
    return min(value for value in values if 100 * sum(one <= value for one in values) >= p * len(values))


@given(VALUES, st.sampled_from([50, 90, 95, 99]))
def test_percentiles(values: list[Any], p: int) -> None:
    given_ = [value for value in values if value is not ABSENT]
    found = reduce(f"p{p}", coded(values)).value
    assert found == (nearest_rank(given_, p) if given_ else None)


@given(VALUES)
def test_mean_least_greatest_distinct(values: list[Any]) -> None:
    given_ = [Fraction(value) for value in values if value is not ABSENT]
    column = coded(values)
    assert reduce("mean", column).value == (sum(given_) / len(given_) if given_ else None)
    assert reduce("total", column).value == sum(given_)
    assert reduce("minimum", column).value == min(given_, default=None)
    assert reduce("maximum", column).value == max(given_, default=None)
    assert reduce("distinct", column).value == len(set(given_))


@given(VALUES)
def test_largest_share(values: list[Any]) -> None:
    given_ = [value for value in values if value is not ABSENT]
    expected = Fraction(100 * given_.count(statistics.mode(given_)), len(given_)) if given_ else None
    assert reduce("largest_share", coded(values)).value == expected


@given(st.lists(st.tuples(st.sampled_from(TASK.members), st.sampled_from([*LEVEL.members, ABSENT])), max_size=40))
def test_least_share(rows: list[tuple[Any, Any]]) -> None:
    call = agg("least_share", values=[path("input.task"), path("input.level")])
    found = reduce("least_share", coded(task for task, _ in rows), coded(level for _, level in rows), call=call).value
    whole = [row for row in rows if row[1] is not ABSENT]
    cells = [whole.count((task, level)) for task in TASK.members for level in LEVEL.members]
    assert found == (Fraction(100 * min(cells), len(whole)) if whole else None)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_conditions(rows: list[tuple[bool, bool]]) -> None:
    column, chosen = Column.of(np.array([one for one, _ in rows], dtype=np.bool_)), [two for _, two in rows]
    held = [one for one, two in rows if two]
    assert reduce("every", column, chosen=chosen).value is all(held)
    assert reduce("no", column, chosen=chosen).value is not any(held)
    assert reduce("count", column, chosen=chosen).value == sum(held)
    assert reduce("share", column, chosen=chosen).value == (Fraction(100 * sum(held), len(held)) if held else None)
    marked = reduce("share", column, chosen=chosen).rows
    assert marked is None or marked.tolist() == [one and two for one, two in rows]


@given(st.lists(st.tuples(st.text(max_size=20), st.booleans())))
def test_compression_ratio(rows: list[tuple[str, bool]]) -> None:
    spill = Spill()
    for text, _ in rows:
        spill.add([text], [True])
    column = spill.finish()
    together = b"".join(text.encode("utf-8", "surrogatepass") + b"\n" for text, kept in rows if kept)
    expected = Fraction(len(together), len(zlib.compress(together, 6))) if together else None
    assert reduce("compression_ratio", column, chosen=[kept for _, kept in rows]).value == expected


def test_a_float_column_of_a_mark_is_read_as_its_decimal() -> None:
    column = Column.of(np.array([0.1, 0.2, 0.3]))
    assert reduce("mean", column).value == Fraction(2, 10)


@pytest.mark.parametrize("measure", ["share", "mean", "p50", "minimum", "largest_share", "least_share"])
def test_no_rows_have_no_value(measure: str) -> None:
    empty = Column.of(np.zeros(0, dtype=np.bool_))
    assert reduce(measure, empty, call=agg("least_share", values=[path("input.task")])).value is None
