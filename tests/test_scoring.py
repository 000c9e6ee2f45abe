"""Scores of held-out items: the contract's own expression over an item and the answer."""

from __future__ import annotations

import pytest

from acceptance.answers import Scorer
from acceptance.engine.scoring import scorer
from acceptance.tables import Malformed
from spec_lang.contract import Contract, Expr, HeldOut
from spec_lang.types import NUMBER, TEXT, ListOf
from tests.build import call, const, contract, eq, op, path, row

ANSWER = path("", TEXT, root="answer")


def agreed(score: Expr | None) -> Contract:
    return contract(heldouts=(HeldOut(name="exam", record="Request", items="exam.jsonl", score=score, size=1),))


def test_a_truth_is_one_or_zero() -> None:
    score = scorer(agreed(call("exact_match", answer=ANSWER, expected=path("input.text"))), "exam")
    assert (score(row(1), " text 1"), score(row(1), "text 2")) == (1.0, 0.0)


def test_a_number_is_itself() -> None:
    half = op("/", const(1), const(2), type_=NUMBER)
    assert scorer(agreed(half), "exam")(row(1), "") == 0.5


def test_operators_join_answer_and_item() -> None:
    both = op("and", eq(ANSWER, const("ja")), eq(path("input.task"), const("refund", path("input.task").type)))
    score = scorer(agreed(both), "exam")
    assert (score(row(1, input__task="refund"), "ja"), score(row(1), "ja")) == (1.0, 0.0)


OPTIONS = path("input.tags", ListOf(item=TEXT))


def chosen(by: str = "total", right: Expr | None = None) -> Scorer:
    return scorer(agreed(call("choice", options=OPTIONS, right=right or const(1), by=by)), "exam")


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("likelihoods", "by", "solved"),
    [
        ((-2.0, -1.0, -3.0), "total", True),
        ((-1.0, -2.0, -3.0), "total", False),
        ((-1.0, -1.0, -3.0), "total", False),  # a tie
        ((-9.0, -8.0, -12.0), "per_byte", False),  # 9 by 3 bytes, 8 by 2, 12 by 6
        ((-9.0, -2.0, -12.0), "per_byte", True),
        ((NAN, NAN, NAN), "total", False),
        ((-1.0, NAN, -1.0), "total", False),
        ((NAN, -1.0, -2.0), "total", False),
        ((-INF, -INF, -INF), "total", False),
        ((-INF, -1.0, -INF), "total", True),
        ((-1e308, -1e307, -1.7e308), "per_byte", True),
    ],
)
def test_the_right_option_lies_above_all_others(likelihoods: tuple[float, ...], by: str, solved: bool) -> None:
    assert chosen(by)(row(1, input__tags=["Ann", "Bo", "nobody"]), likelihoods) == float(solved)


def test_the_right_option_is_named_by_place_or_text() -> None:
    item = row(1, input__tags=["text 1", "text 2"])
    assert chosen(right=const(0))(item, (-1.0, -2.0)) == 1.0
    assert chosen(right=path("input.text"))(item, (-1.0, -2.0)) == 1.0


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ([], "two different texts or more"),
        (["a"], "two different texts or more"),
        (["a", "b", "a"], "two different texts or more"),
        (["a", ""], "not a list of texts"),
        (["a"] * 2 + ["b"], "two different texts or more"),
    ],
)
def test_an_item_whose_options_are_none(tags: list[str], told: str) -> None:
    score = chosen()
    assert score.options is not None
    with pytest.raises(Malformed, match=told):
        score.options(row(1, input__tags=tags))


@pytest.mark.parametrize("right", [const(3), const(-1), path("input.text")])
def test_an_item_whose_right_option_is_none(right: Expr) -> None:
    score = chosen(right=right)
    item = row(1, input__tags=["a", "b", "c"])
    with pytest.raises(Malformed, match="right option is none of the 3"):
        score(item, score.nothing(item))


def test_whoever_prefers_nothing_solves_nothing() -> None:
    item = row(1, input__tags=["a", "b"])
    assert chosen()(item, chosen().nothing(item)) == 0.0


def test_a_set_without_a_score_says_so() -> None:
    with pytest.raises(ValueError, match="states no score"):
        scorer(agreed(None), "exam")
