"""Scores of held-out items: the contract's own expression over an item and the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.answers import Scorer
from acceptance.engine.scoring import scorer
from acceptance.executions import Asked, Execution, Program
from acceptance.measures.protocol import Unavailable
from acceptance.tables import Malformed
from spec_lang.contract import Contract, Expr, HeldOut
from spec_lang.types import NUMBER, TEXT, ListOf
from tests.build import call, const, contract, eq, op, path, row

ANSWER = path("", TEXT, root="answer")


def agreed(score: Expr | None) -> Contract:
    return contract(heldouts=(HeldOut(name="exam", record="Request", items="exam.jsonl", score=score, size=1),))


def test_a_truth_is_one_or_zero() -> None:
    score = scorer(agreed(call("exact_match", answer=ANSWER, expected=path("input.text"))), "exam", Path())
    assert (score(row(1), " text 1"), score(row(1), "text 2")) == (1.0, 0.0)


def test_a_word_of_an_enum_is_expected_as_it_is_delivered() -> None:
    score = scorer(agreed(call("exact_match", answer=ANSWER, expected=path("input.task"))), "exam", Path())
    assert (score(row(1), " payment\n"), score(row(1), "refund"), score(row(1), "Payment")) == (1.0, 0.0, 0.0)


def test_a_number_is_itself() -> None:
    half = op("/", const(1), const(2), type_=NUMBER)
    assert scorer(agreed(half), "exam", Path())(row(1), "") == 0.5


def test_operators_join_answer_and_item() -> None:
    both = op("and", eq(ANSWER, const("ja")), eq(path("input.task"), const("refund", path("input.task").type)))
    score = scorer(agreed(both), "exam", Path())
    assert (score(row(1, input__task="refund"), "ja"), score(row(1), "ja")) == (1.0, 0.0)


OPTIONS = path("input.tags", ListOf(item=TEXT))


def chosen(by: str = "total", right: Expr | None = None) -> Scorer:
    return scorer(agreed(call("choice", options=OPTIONS, right=right or const(1), by=by)), "exam", Path())


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
        score.rehearse(item)


def test_whoever_prefers_nothing_solves_nothing() -> None:
    item = row(1, input__tags=["a", "b"])
    assert chosen().rehearse(item) == chosen()(item, (0.0, 0.0)) == 0.0


def test_a_set_without_a_score_says_so() -> None:
    with pytest.raises(ValueError, match="states no score"):
        scorer(agreed(None), "exam", Path())


# ------------------------------------------------------------------------------------------------ code that is run

TESTS = "from solution import f\n\ndef test_f():\n    assert f()\n"


def run_by(answers: dict[str, Execution], asked: list[Asked]) -> Scorer:
    """A stand-in for the sandbox that knows the outcome of each code."""

    def execute(job: Asked) -> Callable[[], Execution]:
        asked.append(job)
        assert isinstance(job, Program)
        return lambda: answers[job.code]

    score = call("passes", tests=path("input.text"), code=ANSWER, by="pytest")
    return scorer(agreed(score), "exam", Path(), lambda by: execute)


def test_code_is_scored_by_its_run() -> None:
    asked: list[Asked] = []
    score = run_by({"good": Execution(True), "bad": Execution(False, "fails", "apply")}, asked)
    item = row(1, input__text=TESTS)
    assert (score(item, "good"), score(item, "bad")) == (1.0, 0.0)
    assert asked[0] == Program(("test_solution.py::test_f",), TESTS, "good", "pytest")


def test_an_item_at_fault_is_malformed_where_it_is_tried_and_unsolved_where_it_is_asked() -> None:
    score = run_by({"": Execution(False, "fails before: no", "tests")}, [])
    item = row(1, input__text=TESTS)
    with pytest.raises(Malformed, match="fails before: no"):
        score.rehearse(item)
    assert score(item, "") == 0.0
    assert run_by({"": Execution(False, "passes after: no")}, []).rehearse(item) == 0.0


def test_without_a_sandbox_nothing_is_scored() -> None:
    score = call("passes", tests=path("input.text"), code=ANSWER, by="pytest")
    with pytest.raises(Unavailable, match="run only with --execute"):
        scorer(agreed(score), "exam", Path())
