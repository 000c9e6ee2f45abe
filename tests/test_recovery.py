"""Of several mistakes in a contract, each is found once, on its line; `python -m benchmarks.recovery` counts."""

from __future__ import annotations

from benchmarks.recovery import measured


def test_planted_mistakes_are_found_once_and_nothing_else_is() -> None:
    """One to six at a time in each example: hardly one is missed, hardly a line is blamed that is right."""
    _, by_count = measured(trials=2)
    planted, located, twice, others = (
        sum(found[name] for found in by_count.values()) for name in ("planted", "located", "twice", "others")
    )
    assert planted > 100
    assert located >= 0.97 * planted
    assert twice + others <= 0.02 * planted
