"""Clauses over scores and reviews, through the engine: decided where the evidence is, open where it is not."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from acceptance.ledger import Entry
from acceptance.statistics.reviews import Reviewed
from spec_lang.contract import Clause, Contract, HeldOut, Recipe, SetExpr, Stage, Statistic
from spec_lang.types import PERCENT, TEXT, Named, Quantity, SetOf
from tests.build import agg, clause, const, contract, judge, op, pct, row

STAGES: tuple[Stage, ...] = ("delivery", "review", "trial")
PP = Quantity(unit="pp")


@dataclass(frozen=True)
class Score:
    arm: str
    seed: str
    suite: str
    item: str
    cluster: str
    score: float


def scores(gain: float) -> list[Score]:
    """Forty items; the base solves a tenth, the vendor's five seeds about `gain` more."""
    draw = random.Random(7)
    found = []
    for item in range(40):
        for arm, seed, chance in [("base", "", 0.1), *(("vendor", str(seed), 0.1 + gain) for seed in range(5))]:
            found.append(Score(arm, seed, "exam", f"i{item}", f"i{item}", float(draw.random() < chance)))
    return found


RECIPE = Recipe(
    name="house", table="Request", base="b", tokenizer="t", template="t", max_length=8, steps=1, batch=1,
    learning_rate="0.001", max_new_tokens=8, seeds=5,
)  # fmt: skip
GAIN = agg("gain", PP, suite=const("exam", Named(what="heldout")), over=const("base", Named(what="reference")))
DEFECTIVE = agg("defective", PERCENT, rubric=const("rubric.md", TEXT))
SCALING = agg(
    "scaling",
    PP,
    suite=const("exam", Named(what="heldout")),
    fractions=SetExpr(items=(pct("50"), pct("100")), type=SetOf(item=PERCENT)),
)


def agreed(*clauses: Clause) -> Contract:
    exam = HeldOut(name="exam", record="Request", items="exam.jsonl", size=40)
    return contract(*clauses, heldouts=(exam,), recipes=(RECIPE,))


def entry(one: Clause, **evidence: Any) -> Entry:
    return judge(agreed(one), [row(1)], stages=STAGES, evidence=evidence).ledger.entries[0]


def gains(bound: str) -> Clause:
    statistic = Statistic(confidence="0.95", expecting="0.5")
    return clause(
        "gain", op(">=", GAIN, const(bound, PP)), stage="trial", basis="executed", statistic=statistic, recipe="house"
    )


@pytest.mark.parametrize(("bound", "verdict"), [("10", "met"), ("90", "breached")])
def test_a_gain_is_decided_by_its_bounds(bound: str, verdict: str) -> None:
    found = entry(gains(bound), scores=scores(0.6))
    assert found.verdict == verdict
    assert [one.items for one in found.statistics] == [40]
    assert found.bound == f">= {bound}pp"


def test_incomplete_scores_leave_it_open() -> None:
    found = entry(gains("10"), scores=[one for one in scores(0.6) if one.seed != "1"])
    assert (found.verdict, bool(found.reason)) == ("undecided", True)


def test_no_scores_leave_it_open() -> None:
    assert entry(gains("10")).reason == "there are no scores to decide it on"


def test_parts_that_were_not_trained_leave_a_report_open() -> None:
    report = clause("smaller", SCALING, role="report", otherwise="none", stage="trial", basis="executed")
    assert entry(report, scores=scores(0.6)).verdict == "undecided"


@pytest.mark.parametrize(("defects", "percent", "verdict"), [(0, "0", "met"), (57, "12.50", "breached")])
def test_reviews_are_decided_by_their_sampling_plan(defects: int, percent: str, verdict: str) -> None:
    statistic = Statistic(confidence="0.95", accepting="0.005", accepting_at="0.9")
    by_eye = clause("by_eye", op("<=", DEFECTIVE, pct("2")), stage="review", basis="reviewed", statistic=statistic)
    found = entry(by_eye, reviews={"rubric.md": Reviewed(50_000, tuple(place < defects for place in range(456)))})
    assert (found.verdict, found.observed) == (verdict, f"{percent} % ({defects} of 456 reviewed rows)")
    assert entry(by_eye, reviews={}).reason == "no sheet of reviews under `rubric.md` was given"
