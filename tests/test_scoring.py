"""Scores of held-out items: the contract's own expression over an item and the answer."""

from __future__ import annotations

import pytest

from acceptance.engine.scoring import scorer
from spec_lang.contract import Contract, Expr, HeldOut
from spec_lang.types import NUMBER, TEXT
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


def test_a_set_without_a_score_says_so() -> None:
    with pytest.raises(ValueError, match="states no score"):
        scorer(agreed(None), "exam")
