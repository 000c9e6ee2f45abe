"""Which clauses say nothing that another one does not say: found by an index as by looking at all pairs."""

from __future__ import annotations

import random
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from spec_lang.claims import Bound
from spec_lang.redundancy import _end, _Interval, _weaker
from spec_lang.types import Enum

ENDS = [None, *(Bound(Fraction(value), strict) for value in (1, 2, 3) for strict in (False, True))]


def interval(draw: random.Random) -> _Interval:
    clause = SimpleNamespace(role=draw.choice(("require", "advise")), statistic=None, each_lot=False)
    item: Any = SimpleNamespace(clause=clause)
    return _Interval(item, _end(draw.choice(ENDS), 1), _end(draw.choice(ENDS), -1))


def inside(inner: _Interval, outer: _Interval) -> bool:
    return inner.low >= outer.low and inner.high >= outer.high and (inner.low, inner.high) != (outer.low, outer.high)


@pytest.mark.parametrize("seed", range(200))
def test_a_clause_is_weaker_if_a_required_one_lies_inside(seed: int) -> None:
    draw = random.Random(seed)
    group = [interval(draw) for _ in range(draw.randrange(1, 9))]
    found = list(_weaker(group))
    required = [one for one in group if one.item.clause.role == "require"]
    assert all(strong in required and inside(strong, weak) for weak, strong in found)
    assert [id(weak) for weak, _ in found] == [
        id(one) for one in group if any(inside(other, one) for other in required)
    ]


def test_an_absent_end_asks_least_and_a_strict_one_more() -> None:
    at, beyond, higher = (
        _end(bound, 1) for bound in (Bound(Fraction(1)), Bound(Fraction(1), True), Bound(Fraction(2)))
    )
    assert _end(None, 1) < at < beyond < higher
    assert _end(Bound(Fraction(2)), -1) < _end(Bound(Fraction(1)), -1) < _end(Bound(Fraction(1), True), -1)


def test_enums_that_are_equal_have_one_hash() -> None:
    assert hash(Enum(name="E", members=("a", "b"))) == hash(Enum(name="E", members=("a", "b")))
    assert Enum(name="E", members=("a", "b")) != Enum(name="E", members=("a", "c"))
