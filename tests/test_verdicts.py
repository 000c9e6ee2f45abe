"""From figures to met, breached, undecided: edges, reasons, and the trial's entries from scores."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from acceptance.engine.trial_ledger import arms_of, decided_here, trial_entries, trial_entry, trial_statistics
from acceptance.ledger import Statistics
from acceptance.measures import ablation, defective, gain, scaling
from acceptance.measures.protocol import Unavailable
from acceptance.statistics.cells import ScoresError, cells
from acceptance.statistics.reviews import Reviewed, decide_review
from acceptance.statistics.verdicts import decide, decide_value
from spec_lang.comparisons import comparison
from spec_lang.contract import Call, Clause, Const, Op
from spec_lang.planning.sampling import SamplingPlan
from spec_lang.trialplans import sampling_plan
from spec_lang.types import BOOL, PERCENT
from tests import synthetic
from tests.synthetic import Row, part_clauses

CONTRACT = synthetic.contract()
SEEDS = {"base": [""], "vendor": ["11", "12", "13", "14", "15"], "house_mix": ["7", "8", "9", "10", "21"]}
SCORES = list(synthetic.scores(SEEDS))


def figures(lower: str, upper: str, seeds: int = 5, clusters: int = 20) -> Statistics:
    delta = str((Decimal(lower) + Decimal(upper)) / 2)
    return Statistics(
        of="gain(exam)", delta=delta, se="0.01", df="4", lower=lower, upper=upper, p="0.05", confidence="0.95",
        items=40,
        clusters=clusters, seeds=seeds,
    )  # fmt: skip


def asked(op: str, value: str, flipped: bool = False) -> Clause:
    clause = synthetic.gain_clause("terms.gain", "exam", value)
    assert isinstance(clause.expr, Op)
    args = clause.expr.args[::-1] if flipped else clause.expr.args
    return clause.model_copy(update={"expr": Op(name=op, args=args, type=BOOL)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("op", "value", "lower", "upper", "verdict"),
    [
        (">=", "3", "0.0300000001", "0.08", "met"),
        (">=", "3", "0.03", "0.08", "undecided"),  # touching the bound is not beyond it
        (">=", "3", "0.01", "0.03", "undecided"),
        (">=", "3", "0.01", "0.0299999999", "breached"),
        (">", "3", "0.04", "0.08", "met"),
        ("<=", "3", "0.01", "0.0299999999", "met"),
        ("<=", "3", "0.0300000001", "0.08", "breached"),
        ("<", "3", "0.02", "0.04", "undecided"),
        (">=", "-3", "-0.0299", "0.01", "met"),
        (">=", "-3", "-0.05", "-0.0301", "breached"),
        (">=", "0", "0.0000000001", "0.1", "met"),
    ],
)
@pytest.mark.parametrize("flipped", [False, True])
def test_statistical_verdicts(op: str, value: str, lower: str, upper: str, verdict: str, flipped: bool) -> None:
    written = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op] if flipped else op
    assert decide(asked(written, value, flipped), (figures(lower, upper),))[0] == verdict


@pytest.mark.parametrize(
    ("stats", "reason"),
    [
        (figures("0.04", "0.08", seeds=4), "4 training seeds; deciding needs at least 5"),
        (figures("0.04", "0.08", clusters=9), "9 clusters of items; deciding needs at least 10"),
        (figures("0.02", "0.06"), "the gain lies between 2 pp and 6 pp (95 % each side), and 3 pp lies between; "
         "if it stays at 4 pp, 4.0 times the items, clusters and seeds would settle it"),
        (figures("0.02", "0.04"), "the gain lies between 2 pp and 4 pp (95 % each side), and 3 pp lies between; "
         "no trial of reasonable size settles a gain so close to the bound; agree on another bound"),
        (figures("0.0299999", "0.05"), "the gain lies between 2.99 pp and 5 pp (95 % each side), "
         "and 3 pp lies between; if it stays at 4 pp, 1.0 times the items, clusters and seeds would settle it"),
    ],
)  # fmt: skip
def test_undecided_says_what_would_settle_it(stats: Statistics, reason: str) -> None:
    assert decide(asked(">=", "3"), (stats,)) == ("undecided", reason)


def test_breached_says_by_how_much() -> None:
    assert decide(asked(">=", "3"), (figures("0.01", "0.0255"),)) == (
        "breached",
        "the gain lies between 1 pp and 2.55 pp (95 % each side); asked is at least 3 pp",
    )


def plain(op: str, value: str) -> Clause:
    share = Call(measure="share", kind="aggregate", args=(), type=PERCENT)
    expr = Op(name=op, args=(share, Const(value=value, type=PERCENT)), type=BOOL)  # type: ignore[arg-type]
    return Clause(name="mix", role="require", table="Request", expr=expr, stage="delivery", basis="recomputed")


@pytest.mark.parametrize(
    ("op", "bound", "value", "verdict"),
    [
        ("<=", "30", Fraction(30), "met"),  # "at most" includes the limit
        ("<=", "30", Fraction(30000001, 1000000), "breached"),
        (">=", "30", 30, "met"),
        (">", "30", Decimal("30.0"), "breached"),
        (">=", "0.3", 0.3, "met"),  # a float is the decimal it prints as
        (">=", "33.3333", Fraction(100, 3), "met"),
        ("<", "30", Decimal("29.9999999999999999999"), "met"),
        ("<=", "30", None, "undecided"),
        ("<=", "30", True, "met"),
        ("<=", "30", False, "breached"),
    ],
)
def test_plain_comparisons_are_exact(op: str, bound: str, value: Any, verdict: str) -> None:
    assert decide_value(plain(op, bound), value)[0] == verdict


def test_a_clause_without_one_figure_is_ours_to_refuse() -> None:
    with pytest.raises(ValueError, match="is not one comparison with a figure"):
        comparison(CONTRACT.clause("acceptance.shown").expr)


# ------------------------------------------------------------------------------------------------ from scores


def test_the_trials_entries() -> None:
    found = {
        name: (entry.verdict, entry.observed, entry.bound) for name, entry in trial_entries(CONTRACT, SCORES).items()
    }
    assert found == {
        "acceptance.exam": ("met", "54.5 pp (39.83 pp to 67.87 pp)", ">= 3pp"),
        "acceptance.beats_house": ("met", "59 pp (50.54 pp to 67.65 pp)", ">= 1pp"),
        "acceptance.still_general": ("met", "0 pp (-7.22 pp to 7.22 pp)", ">= -20pp"),
        "acceptance.shown": ("reported", "54.5 pp (39.83 pp to 67.87 pp)", ""),
    }


@pytest.mark.parametrize(
    ("arm", "op", "value", "verdict"),
    [
        ("house_mix", ">=", "1", "undecided"),  # the delivery is not better for it
        ("vendor", "<=", "3", "undecided"),  # nor does it do less harm
        ("vendor", ">=", "1", "breached"),  # a run that fails is the delivery's worst
    ],
)
def test_a_model_that_failed_makes_no_clause_met(arm: str, op: str, value: str, verdict: str) -> None:
    """All runs of an arm diverged and score 0, without any variance between them."""
    rows = [replace(row, score=0.0) if row.arm == arm else row for row in SCORES]
    runs = [SimpleNamespace(arm=arm, records=2, status="diverged") for _ in range(5)]
    clause = CONTRACT.clause("acceptance.beats_house")
    assert isinstance(clause.expr, Op) and isinstance(clause.expr.args[1], Const)
    bound = clause.expr.args[1].model_copy(update={"value": value})
    expr = clause.expr.model_copy(update={"name": op, "args": (clause.expr.args[0], bound)})
    found = trial_entry(CONTRACT, clause.model_copy(update={"expr": expr}), cells(rows), runs)
    assert found.verdict == verdict
    told = f"runs diverged and score 0, and no clause is met by that: 5 of `{arm}`"
    assert (found.reason == told) == (verdict == "undecided")


def test_what_scores_decide() -> None:
    assert [clause.name for clause in CONTRACT.clauses if not decided_here(clause)] == ["acceptance.by_eye"]
    assert arms_of(CONTRACT) == {"base": 1, "vendor": 5, "house_mix": 5}
    parts = synthetic.contract(parts=True)
    assert decided_here(parts.clause("acceptance.half")) and decided_here(parts.clause("acceptance.worth"))
    slices = [f"vendor{how}input.task.{word}" for word in ("refund", "invoice") for how in "-~"]
    assert list(arms_of(parts)) == ["base", "vendor", "house_mix", "vendor@50%", *slices]


def test_rows_in_any_order_give_the_same_figures() -> None:
    clause = CONTRACT.clause("acceptance.beats_house")
    assert trial_statistics(CONTRACT, clause, cells(SCORES)) == trial_statistics(CONTRACT, clause, cells(SCORES[::-1]))


def test_attempts_share_the_error() -> None:
    clause = CONTRACT.clause("acceptance.exam")
    (two,) = trial_statistics(synthetic.contract(attempts=2), clause, cells(SCORES))
    (one,) = trial_statistics(CONTRACT, clause, cells(SCORES))
    assert two.confidence == "0.975"
    assert Decimal(two.lower) < Decimal(one.lower)


# ------------------------------------------------------------------------------------------------ any of


def any_of(*values: tuple[str, str]) -> Clause:
    """At least one of these gains: suite and bound in points."""
    one = synthetic.gain_clause("terms.one_of", "exam", "3")
    assert one.statistic is not None
    parts = tuple(synthetic.gain_clause("terms.part", suite, value).expr for suite, value in values)
    statistic = one.statistic.model_copy(update={"effects": (None,) * len(parts), "expecting": None})
    return one.model_copy(update={"expr": Op(name="or", args=parts, type=BOOL), "statistic": statistic})


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        ((("0.04", "0.08"), ("-0.02", "0.01")), "met"),
        ((("-0.02", "0.01"), ("0.04", "0.08")), "met"),
        ((("-0.02", "0.01"), ("0.02", "0.08")), "undecided"),
        ((("-0.02", "0.01"), ("-0.03", "0.02")), "breached"),
    ],
)
def test_any_of_is_met_by_one_and_breached_by_all(bounds: Any, verdict: str) -> None:
    stats = tuple(figures(*pair).model_copy(update={"confidence": "0.975"}) for pair in bounds)
    assert decide(any_of(("exam", "3"), ("general", "3")), stats)[0] == verdict


def test_each_of_k_gains_is_tested_at_a_kth_of_the_error() -> None:
    entry = trial_entry(CONTRACT, any_of(("exam", "3"), ("general", "50")), cells(SCORES))
    assert [one.confidence for one in entry.statistics] == ["0.975", "0.975"]
    assert (entry.verdict, entry.reason) == ("met", "shown: gain(exam, over: base)")
    (alone,) = trial_statistics(CONTRACT, CONTRACT.clause("acceptance.exam"), cells(SCORES))
    assert Decimal(entry.statistics[0].lower) < Decimal(alone.lower)


def test_holm_shows_a_second_gain_at_the_larger_share_of_the_error() -> None:
    """p of .02 and .04: the second one fails at .025, and falls once the first one has."""
    low, near = (
        figures("0.04", "0.08").model_copy(update={"p": p, "of": of}) for p, of in (("0.02", "a"), ("0.04", "b"))
    )
    near = near.model_copy(update={"lower": "0.029"})
    stats = tuple(one.model_copy(update={"confidence": "0.975"}) for one in (low, near))
    assert decide(any_of(("exam", "3"), ("general", "3")), stats) == ("met", "shown: a, b")


def test_four_seeds_are_undecided_whatever_they_show() -> None:
    fewer = {arm: seeds[:4] for arm, seeds in SEEDS.items()}
    entry = trial_entry(synthetic.contract(seeds=4), CONTRACT.clause("acceptance.exam"), cells(synthetic.scores(fewer)))
    assert (entry.verdict, entry.reason) == ("undecided", "4 training seeds; deciding needs at least 5")


def without(condition: Callable[[Row], bool]) -> list[Row]:
    return [row for row in SCORES if not condition(row)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (without(lambda row: row.arm == "vendor" and row.seed == "12" and row.item == "x007"),
         "suite `exam`, arm `vendor`, seed 12: 39 of 40 items are scored, `x007` is not; every run scores every item"),
        (without(lambda row: row.seed == "15"),
         "arm `vendor` is there with seeds ['11', '12', '13', '14']; the contract says with 5 seeds"),
        (without(lambda row: row.arm == "base"), "arm `base` is there with seeds []; the contract says once"),
        (without(lambda row: row.item == "x007"), "39 items are scored, the contract says 40"),
        ([*SCORES, SCORES[0]], "item `x000` is there twice or lies in two clusters"),
        ([replace(row, cluster="c1") if row == SCORES[0] else row for row in SCORES],
         "item `x000` is there twice or lies in two clusters"),
        ([replace(row, cluster="c000") for row in SCORES], "1 clusters are scored, the contract says 20"),
        ([replace(row, seed="1") if row.arm == "base" else row for row in SCORES],
         "arm `base` is there with seeds ['1']; the contract says once, without a seed"),
        ([replace(row, score=2) if row == SCORES[0] else row for row in SCORES], "a score lies outside 0..1"),
        ([replace(row, score=math.nan) if row == SCORES[0] else row for row in SCORES], "a score lies outside 0..1"),
        ([], "0 items are scored, the contract says 40"),
    ],
)  # fmt: skip
def test_a_missing_or_double_cell_is_an_error_not_a_figure(rows: list[Row], says: str) -> None:
    with pytest.raises(ScoresError) as raised:
        trial_statistics(CONTRACT, CONTRACT.clause("acceptance.exam"), cells(rows))
    assert says in str(raised.value)


def test_an_unscored_item_lies_in_no_cluster_of_its_suite() -> None:
    """Items without a cluster are clusters of their own."""
    found = cells(SCORES)["general"]
    assert len(set(found.clusters.values())) == 40


# ------------------------------------------------------------------------------------------------ measures


def use(call: Call) -> Any:
    """The part of protocol.Use that evidence measures read."""
    return SimpleNamespace(call=call, contract=CONTRACT, word=call.word)


def test_gain_is_in_points() -> None:
    assert gain.MEASURE.reduce(SCORES, use(synthetic.gain_call("exam"))).value == 54.5
    assert gain.MEASURE.reduce(SCORES, use(synthetic.gain_call("exam", "house_mix"))).value == 59.0
    with pytest.raises(Unavailable, match="no runs of arm `other`"):
        gain.MEASURE.reduce(SCORES, use(synthetic.gain_call("exam", "other")))


def test_scaling_lists_the_gain_of_each_share() -> None:
    call = part_clauses()[0].expr
    part = [replace(row, arm="vendor@50%", score=row.score / 2) for row in SCORES if row.arm == "vendor"]
    found = scaling.MEASURE.reduce([*SCORES, *part], use(call))
    assert (found.value, found.note) == (54.5, "50 %: 9.75 pp; 100 %: 54.50 pp")
    with pytest.raises(Unavailable, match="no runs of arm `vendor@50%`"):
        scaling.MEASURE.reduce(SCORES, use(call))


def test_ablation_lists_what_each_slice_is_worth() -> None:
    call = part_clauses()[1].expr
    vendor = [row for row in SCORES if row.arm == "vendor"]
    arms = ("vendor~input.task.refund", "vendor-input.task.refund", "vendor~input.task.invoice",
            "vendor-input.task.invoice")  # fmt: skip
    parts = [replace(row, arm=arm, score=row.score / (2 if arm == arms[1] else 1)) for arm in arms for row in vendor]
    found = ablation.MEASURE.reduce([*SCORES, *parts], use(call))
    assert (found.value, found.note) == (44.75, "refund: 44.75 pp; invoice: 0.00 pp")
    with pytest.raises(Unavailable, match="no runs of arm `vendor-input"):
        ablation.MEASURE.reduce([*SCORES, *(row for row in parts if row.arm != arms[3])], use(call))


def test_reviews_are_counted_and_decided_by_the_plan() -> None:
    marks = tuple(position < 4 for position in range(456))
    sheets = {"rubric.md": Reviewed(1_000_000, marks), "other.md": Reviewed(1, (True,))}
    clause = synthetic.review_clause()
    call = next(arg for arg in clause.expr.args if isinstance(arg, Call))  # type: ignore[union-attr]
    assert defective.MEASURE.reduce(sheets, use(call)).value == Fraction(400, 456)
    assert sampling_plan(clause) == SamplingPlan(456, 4)
    assert sampling_plan(clause, attempts=2).size > 456 > sampling_plan(clause, rows=10_000).size
    assert decide_review(clause, sheets["rubric.md"])[0] == "met"
    assert defective.MEASURE.reduce({"rubric.md": Reviewed(9, (None,))}, use(call)).value is None
