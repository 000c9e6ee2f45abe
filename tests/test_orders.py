"""The benchmark of common orders: what its three ways draw, and what it prints."""

from __future__ import annotations

from itertools import islice

import pytest

pytest.importorskip("torch")
pytest.importorskip("lm_eval")

from acceptance.trial.arms import Arm, Trained
from benchmarks import orders

RECORDS = tuple(Trained.of((at, at + 1), (False, True), 1.0) for at in range(20))


def drawn(arm: Arm, seed: str, count: int) -> list[Trained]:
    return [arm.examples[at] for at in islice(orders.by_record(arm)(len(arm.examples), seed), count)]


def test_shared_records_come_in_the_same_relative_order() -> None:
    whole, most = Arm("whole", RECORDS), Arm("most", RECORDS[::-2])
    kept = [one for one in drawn(whole, "1", 20) if one in most.examples]
    assert drawn(most, "1", 10) == kept
    assert drawn(most, "1", 20)[10:] != kept  # the second pass is shuffled anew
    assert drawn(most, "2", 10) != kept


def test_the_summary_of_known_pairs() -> None:
    """Arms that move together differ by a constant; arms that move against each other by twice their spread."""
    found = {
        "together": [(0.5, 0.4), (0.6, 0.5), (0.7, 0.6), (0.8, 0.7)],
        "against": [(0.5, 0.7), (0.6, 0.6), (0.7, 0.5)],
    }
    head, together, against = orders.summary(found)
    assert head.split()[0] == "order"
    assert together.split() == ["together", "12.91", "12.91", "0.00", "1.00", "1.00", "to", "1.00"]
    assert against.split() == ["against", "10.00", "10.00", "20.00", "-1.00", "-1.00", "to", "1.00"]


@pytest.mark.parametrize(("r", "n", "low", "high"), [(0.0, 12, -0.50, 0.50), (0.8, 28, 0.65, 0.89), (0.9, 3, -1, 1)])
def test_the_interval_of_a_correlation(r: float, n: int, low: float, high: float) -> None:
    assert orders.fisher(r, n) == pytest.approx((low, high), abs=0.006)
