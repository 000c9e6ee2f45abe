"""The engine: which rows count, what is decided, what stays open. Each test shows the clause, then what it earns."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.engine.evaluation import accepted_rows, evaluate
from acceptance.ledger import Entry
from spec_lang.contract import Clause, Expr
from spec_lang.types import BOOL, DATE, INT, NUMBER, TEXT, Enum, Named
from tests.build import (
    agg,
    among,
    batches,
    between,
    call,
    clause,
    const,
    contract,
    count,
    decided,
    eq,
    every,
    forall,
    judge,
    no,
    op,
    path,
    pct,
    row,
    share,
    well,
)  # fmt: skip

TASK = path("input.task")
PAYMENT = eq(TASK, const("payment", TASK.type))
REFUND = eq(TASK, const("refund", TASK.type))
FOUR_EYES = op("!=", path("source.reviewer"), path("source.author"))
RECORDS = count().type


def tasks(payments: int, refunds: int) -> list[dict[str, Any]]:
    words = ["payment"] * payments + ["refund"] * refunds
    return [row(number, input__task=word) for number, word in enumerate(words, 1)]


# ------------------------------------------------------------------------------------------------ edges


@pytest.mark.parametrize(
    ("payments", "bound", "verdict"),
    [(30, "<=", "met"), (31, "<=", "breached"), (30, "<", "breached"), (30, ">=", "met"), (29, ">=", "breached"),
     (30, ">", "breached"), (30, "==", "met")],
)  # fmt: skip
def test_thirty_percent_includes_thirty_percent(payments: int, bound: str, verdict: str) -> None:
    found = decided(clause("c", op(bound, share(PAYMENT), pct("30"))), tasks(payments, 100 - payments))
    assert found.verdict == verdict
    assert (found.observed, found.bound) == (f"{payments} % ({payments} of 100)", f"{bound} 30%")


def test_a_third_is_not_rounded_to_the_limit() -> None:
    """1 of 3 is more than 33.33 %, and the ledger shows enough digits to see it."""
    found = decided(clause("c", op("<=", share(PAYMENT), pct("33.33"))), tasks(1, 2))
    assert (found.verdict, found.observed) == ("breached", "33.333 % (1 of 3)")


@pytest.mark.parametrize(("payments", "verdict"), [(54, "breached"), (55, "met"), (65, "met"), (66, "breached")])
def test_a_range_of_a_mixture_includes_both_ends(payments: int, verdict: str) -> None:
    from spec_lang.contract import Range

    range_ = Range(low=pct("55"), high=pct("65"), type=pct("55").type)
    found = decided(clause("c", op("in", share(PAYMENT), range_), origin="mixture"), tasks(payments, 100 - payments))
    assert found.verdict == verdict


def test_volume_counts_accepted_rows() -> None:
    mark = every("eyes", FOUR_EYES, otherwise="drop record")
    volume = clause("volume", op(">=", count(), const(3, RECORDS)), origin="volume")
    rows = [row(1), row(2), row(3), row(4, source__reviewer="E1")]
    ledger = judge(contract(mark, volume), rows).ledger
    assert [entry.verdict for entry in ledger.entries] == ["met", "met"]
    assert [entry.verdict for entry in judge(contract(mark, volume), rows[1:]).ledger.entries] == ["met", "breached"]
    assert (ledger.counts[0].delivered, ledger.counts[0].accepted) == (4, 3)


# ------------------------------------------------------------------------------------------------ strata


def test_dropped_rows_are_no_breach_and_leave_the_aggregates() -> None:
    drop = every("eyes", FOUR_EYES, otherwise="drop record")
    mix = clause("mix", op("<=", share(REFUND), pct("0")))
    mix_all = clause("all", op("<=", share(REFUND, of="delivered"), pct("0")))
    rows = [row(1), row(2, source__reviewer="E1", input__task="refund")]
    outcome = judge(contract(drop, mix, mix_all), rows)
    dropped, accepted, delivered = outcome.ledger.entries
    assert (dropped.verdict, dropped.marked, dropped.dropped) == ("met", 1, 1)
    assert (accepted.verdict, delivered.verdict) == ("met", "breached")
    assert outcome.accepted["Request"].tolist() == [True, False]


def test_a_row_clause_without_drop_is_about_accepted_rows() -> None:
    drop = every("eyes", FOUR_EYES, otherwise="drop record")
    plain = every("payments", PAYMENT)
    rows = [row(1), row(2, source__reviewer="E1", input__task="refund")]
    assert [entry.verdict for entry in judge(contract(drop, plain), rows).ledger.entries] == ["met", "met"]
    assert decided(plain, rows).verdict == "breached"


def test_a_review_stage_drop_leaves_delivery_clauses_standing() -> None:
    drop = every("eyes", FOUR_EYES, otherwise="drop record", stage="review")
    mix = clause("mix", op("<=", share(REFUND), pct("0")))
    late = clause("late", op("<=", share(REFUND), pct("0")), stage="review")
    volume = clause("volume", op(">=", count(), const(2, RECORDS)), origin="volume")
    rows = [row(1), row(2, source__reviewer="E1", input__task="refund")]
    agreed = contract(drop, mix, late, volume)
    first = judge(agreed, rows).ledger
    assert [entry.verdict for entry in first.entries] == ["undecided", "breached", "undecided", "met"]
    assert first.entries[0].reason == "decided at the buyer's intake"
    both = judge(agreed, rows, stages=("delivery", "review")).ledger
    assert [entry.verdict for entry in both.entries] == ["met", "breached", "met", "breached"]


# ------------------------------------------------------------------------------------------------ nothing, unknown


@pytest.mark.parametrize(
    "one",
    [
        every("c", FOUR_EYES),
        every("c", FOUR_EYES, otherwise="drop record"),
        clause("c", op("<=", share(PAYMENT), pct("30"))),
        clause("c", op("and", agg("every", BOOL, condition=PAYMENT), agg("no", BOOL, condition=REFUND))),
        clause("c", op("<=", agg("mean", NUMBER, value=path("weight")), const(1))),
    ],
)
def test_nothing_delivered_is_undecided(one: Clause) -> None:
    found = decided(one, [])
    assert (found.verdict, found.reason) == ("undecided", "there are no accepted rows to judge")


def test_nothing_left_is_undecided() -> None:
    assert (
        decided(every("c", FOUR_EYES, otherwise="drop record"), [row(1, source__reviewer="E1")]).verdict == "undecided"
    )


def test_an_agreed_empty_delivery_meets_its_row_clauses() -> None:
    found = judge(contract(every("c", FOUR_EYES), volume_low=0), [])
    assert found.ledger.entries[0].verdict == "met"


def test_rows_that_cannot_be_judged_leave_a_clause_open() -> None:
    typed = every("Request.source.reviewer", well("source.reviewer"), origin="field")
    eyes = every("eyes", FOUR_EYES)
    entries = judge(contract(typed, eyes), [row(1), row(2, source__reviewer=7.5)]).ledger.entries
    assert [entry.verdict for entry in entries] == ["breached", "undecided"]
    assert entries[1].unjudged == 1
    assert entries[1].reason == (
        "1 row has a value that is not of its declared type and could not be judged; see Request.source.reviewer"
    )


def test_one_false_row_breaches_whatever_is_unknown() -> None:
    assert (
        decided(every("c", FOUR_EYES), [row(1, source__reviewer=7.5), row(2, source__reviewer="E1")]).verdict
        == "breached"
    )


def test_an_unknown_row_that_another_clause_drops_does_no_harm() -> None:
    typed = every("Request.source.reviewer", well("source.reviewer"), origin="field", otherwise="drop record")
    entries = judge(contract(typed, every("eyes", FOUR_EYES)), [row(1), row(2, source__reviewer=7.5)]).ledger.entries
    assert [entry.verdict for entry in entries] == ["met", "met"]


@pytest.mark.parametrize(("bad", "verdict"), [(10, "met"), (11, "undecided"), (0, "met")])
def test_unknown_rows_matter_only_where_they_could_tip_a_share(bad: int, verdict: str) -> None:
    """20 of 100 are refunds; with 10 unknown it may be 30 %, which is still allowed."""
    rows = tasks(80, 20)
    for one in rows[:bad]:
        one["input"]["task"] = 7
    found = decided(clause("c", op("<=", share(REFUND), pct("30"))), rows)
    assert (found.verdict, found.unjudged) == (verdict, bad)


def test_unknown_rows_inside_a_range_are_not_taken_for_a_breach() -> None:
    """Between 0 % and 100 %: both ends lie outside of 40..60, what is between does not."""
    from spec_lang.contract import Range

    range_ = Range(low=pct("40"), high=pct("60"), type=pct("40").type)
    rows = [row(number, input__task=7) for number in range(4)]
    assert decided(clause("c", op("in", share(PAYMENT), range_)), rows).verdict == "undecided"


def test_a_missing_table_leaves_its_clauses_open_and_its_references_dangling() -> None:
    join = every("join", op(">=", path("source.author.->Expert.valid_from"), path("source.written_at")))
    own = every("own", eq(path("valid_from", DATE), path("valid_from", DATE)), table="Expert")
    refs = every("refs", call("resolves", field=path("source.author")))
    entries = judge(contract(join, own, refs), [row(1)], experts=None).ledger.entries
    assert [entry.verdict for entry in entries] == ["undecided", "undecided", "breached"]
    assert entries[0].reason == entries[1].reason == "the delivery holds no table Expert"


def test_a_delivery_without_shards_breaches_the_volume() -> None:
    volume = clause("volume", op(">=", count(), const(3, RECORDS)), origin="volume")
    ledger = evaluate(contract(every("eyes", FOUR_EYES), volume), {}, folder=Path()).ledger
    assert [entry.verdict for entry in ledger.entries] == ["undecided", "breached"]


def test_a_table_too_long_to_join_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acceptance.engine.lookup.MOST_ROWS", 1)
    join = every("join", op(">=", path("source.author.->Expert.valid_from"), path("source.written_at")))
    refs = every("refs", call("resolves", field=path("source.author")))
    entries = judge(contract(join, refs), [row(1)]).ledger.entries
    assert entries[0].reason == "experts.jsonl has more than 1 rows, too many to be joined"
    assert entries[1].verdict == "met"


@pytest.mark.parametrize(
    ("stage", "reason"), [("review", "decided at the buyer's intake"), ("trial", "decided by the trial")]
)
def test_later_stages_are_listed_as_the_buyers(stage: Any, reason: str) -> None:
    found = decided(every("c", FOUR_EYES, stage=stage), [row(1)])
    assert (found.verdict, found.reason) == ("undecided", reason)


def test_missing_evidence_is_undecided() -> None:
    gain = agg("gain", suite=const("exam", Named(what="heldout")), over=const("base", Named(what="reference")))
    found = decided(clause("c", op(">=", gain, pct("3")), stage="trial"), [row(1)], stages=("delivery", "trial"))
    assert (found.verdict, found.reason) == ("undecided", "there are no scores to decide it on")


def test_a_measure_over_all_rows_inside_all_leaves_the_clause_open() -> None:
    same_tool = call("duplicate", fields=path("tool", TEXT, root="step"), normalise="none")
    found = decided(no("c", forall("step", path("steps"), same_tool)), [row(1, steps=[{"tool": "x"}])])
    assert found.verdict == "undecided" and "over all rows" in found.reason


# ------------------------------------------------------------------------------------------------ lots and roles


def test_before_the_last_lot_an_aggregate_is_a_forecast() -> None:
    mix = clause("mix", op("<=", share(REFUND), pct("30")))
    eyes = every("eyes", FOUR_EYES)
    ledger = judge(contract(mix, eyes, lots=2), tasks(1, 1)).ledger
    assert [(entry.verdict, entry.binding) for entry in ledger.entries] == [("breached", False), ("met", True)]
    assert ledger.entries[0].reason == "a forecast after 1 of 2 lots; binding at the last lot"
    assert ledger.verdict(("delivery",)) == "met"
    assert judge(contract(mix, lots=2), tasks(1, 1), lots_delivered=2).ledger.entries[0].binding


def test_each_lot_is_judged_alone() -> None:
    mix = clause("mix", op("<=", share(REFUND), pct("50")), each_lot=True)
    found = judge(contract(mix, lots=2), tasks(3, 1), lots=[1, 1, 2, 2]).ledger.entries[0]
    assert (found.verdict, found.binding) == ("met", True)
    found = judge(contract(mix, lots=2), tasks(2, 2), lots=[1, 1, 2, 2]).ledger.entries[0]
    assert (found.verdict, found.observed) == ("breached", "lot 2: 100 % (2 of 2)")


def test_a_report_has_a_value_and_no_verdict() -> None:
    found = decided(clause("c", share(REFUND), role="report", otherwise="none"), tasks(3, 1))
    assert (found.verdict, found.observed, found.bound) == ("reported", "25 % (1 of 4)", "")


def test_several_aggregates_in_one_clause() -> None:
    expr = op("or", op("<=", share(REFUND), pct("10")), op(">=", count(), const(4, RECORDS)))
    found = decided(clause("c", expr), tasks(3, 1))
    assert found.verdict == "met"
    assert found.observed == "share(input.task == refund) = 25 % (1 of 4); count(true) = 4 records"


@pytest.mark.parametrize(
    ("asked", "refunds", "told"),
    [
        (between(share(REFUND), pct("20"), pct("30")), 31, "1 too many among 100 rows"),
        (between(share(REFUND), pct("20"), pct("30")), 12, "8 too few among 100 rows"),
        (op(">=", share(REFUND), pct("33.3")), 33, "1 too few among 100 rows"),
        (op("<", share(REFUND), pct("30")), 30, "1 too many among 100 rows"),
        (op(">", share(REFUND), pct("30")), 30, "1 too few among 100 rows"),
        (op("<=", share(REFUND), pct("30")), 30, ""),
    ],
)
def test_a_breached_share_of_a_mixture_says_by_how_many_rows(asked: Expr, refunds: int, told: str) -> None:
    """Once as many rows are exchanged, and not one fewer, it is met."""
    wanted = clause("mixture.refund", asked, origin="mixture")
    found = decided(wanted, tasks(100 - refunds, refunds))
    assert (found.reason, found.verdict == "met") == (told, not told)
    if told:
        count, sign = int(told.split()[0]), -1 if "many" in told else 1
        verdicts = [
            decided(wanted, tasks(100 - n, n)).verdict for n in (refunds + sign * (count - 1), refunds + sign * count)
        ]
        assert verdicts == ["breached", "met"]


# ------------------------------------------------------------------------------------------------ findings


def test_findings_are_located_and_redacted() -> None:
    rows = [row(1), row(2, source__reviewer="E1")]
    (found,) = decided(every("eyes", FOUR_EYES, text="Nobody reviews their own work"), rows).findings
    assert (found.file, found.line, found.path) == ("part-1.jsonl", 2, "$.source.reviewer, $.source.author")
    assert found.message == "`source.reviewer != source.author` does not hold"
    assert found.found is None
    (found,) = decided(every("eyes", FOUR_EYES), rows, show_values=True).findings
    assert found.found == 'source.reviewer = "E1"; source.author = "E1"'


def test_findings_end_at_twenty_and_counts_do_not() -> None:
    found = decided(every("eyes", FOUR_EYES), [row(n, source__reviewer="E1") for n in range(500)])
    assert (found.marked, [one.line for one in found.findings]) == (500, list(range(1, 21)))


def test_of_several_conditions_the_one_that_fails_is_named() -> None:
    both = every("c", op("and", op("and", FOUR_EYES, PAYMENT), eq(path("weight"), const(1))))
    (found,) = decided(both, [row(1, input__task="refund")]).findings
    assert (found.path, found.message) == ("$.input.task", "`input.task == payment` does not hold")


def test_the_entry_that_fails_is_named() -> None:
    used = among(path("tool", TEXT, root="step"), "a", "b")
    steps = [{"tool": "a"}, {"tool": "c"}]
    (found,) = decided(every("tools", forall("step", path("steps"), used)), [row(1, steps=steps)]).findings
    assert found.path == "$.steps[1]"


def test_a_ceiling_names_its_rows_and_a_floor_the_others() -> None:
    ceiling = decided(clause("c", op("<=", share(REFUND), pct("10"))), tasks(3, 1))
    floor = decided(clause("c", op(">=", share(REFUND), pct("90"))), tasks(3, 1))
    assert [one.line for one in ceiling.findings] == [4]
    assert [one.line for one in floor.findings] == [1, 2, 3]


# ------------------------------------------------------------------------------------------------ tables and rows


def test_references_to_the_record_may_point_forward() -> None:
    refs = every("refs", call("resolves", field=path("parents")))
    rows = [row(1, parents=["R-3"]), row(2, parents=[]), row(3)]
    assert decided(refs, rows).verdict == "met"
    found = decided(refs, [*rows, row(4, parents=["R-1", "R-9"])], show_values=True)
    assert (found.findings[0].path, found.findings[0].found) == ("$.parents[1]", "R-9")


def test_small_tables_have_row_clauses_of_their_own() -> None:
    old = every("Expert.since", op("<=", path("valid_from", DATE), const("2020-01-01", DATE)), table="Expert")
    outcome = judge(contract(old.model_copy(update={"otherwise": "drop record"})), [row(1)])
    assert outcome.accepted["Expert"].tolist() == [True, False]


def test_accepted_rows_are_read_again() -> None:
    rows = [row(number, source__reviewer="E1" if number % 3 else "E2") for number in range(20)]
    outcome = judge(contract(every("eyes", FOUR_EYES, otherwise="drop record")), rows)
    kept = list(accepted_rows(batches("Request", rows), outcome.accepted["Request"]))
    assert kept == rows[::3]
    with pytest.raises(ValueError, match="changed"):
        list(accepted_rows(batches("Request", rows[:-1]), outcome.accepted["Request"]))


def test_a_mark_used_twice_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from acceptance.measures import resolves

    made: list[int] = []
    original = resolves.Resolves.__init__

    def counted(self: resolves.Resolves, use: Any) -> None:
        made.append(1)
        original(self, use)

    monkeypatch.setattr(resolves.Resolves, "__init__", counted)
    refs = call("resolves", field=path("source.author"))
    judge(
        contract(every("a", refs), clause("b", op(">=", share(refs), pct("50"))), every("c", op("and", refs, PAYMENT))),
        [row(1)],
    )
    assert len(made) == 1


def test_a_mark_combines_with_the_rest_of_a_predicate() -> None:
    refs = call("resolves", field=path("source.author"))
    mark = every("c", op("implies", REFUND, refs))
    rows = [
        row(1),
        row(2, source__author="E9"),
        row(3, source__author="E9", input__task="refund"),
        row(4, input__task=7),
    ]
    found = decided(mark, rows)
    assert (found.verdict, found.marked, found.unjudged) == ("breached", 1, 0), "row 4 resolves, so it holds anyway"
    assert found.findings[0].message == "names no Expert that was delivered"


def test_a_table_of_which_nothing_was_delivered_is_named_with_its_file() -> None:
    refs = every("c", call("resolves", field=path("source.author")))
    absent, empty = decided(refs, [row(1)], experts=None), decided(refs, [row(1)], experts=[])
    assert [(one.message, one.help) for one in (*absent.findings, *empty.findings)] == [
        ("no Expert was delivered at all", "deliver experts.jsonl"),
        ("names no Expert that was delivered", "deliver it, or correct the key"),
    ]


def test_progress_counts_rows_of_all_tables() -> None:
    seen: list[int] = []
    judge(contract(), [row(n) for n in range(10)], progress=seen.append)
    assert seen == [7, 10, 12]


# ------------------------------------------------------------------------------------------------ metamorphic

WORDS = st.sampled_from(["payment", "refund", "general", 7])
ROWS = st.lists(
    st.tuples(WORDS, st.sampled_from(["E1", "E2", "E9"]), st.sampled_from([0, 0.1, 1, "x", None])), max_size=30
)


def made(drawn: list[tuple[Any, str, Any]]) -> list[dict[str, Any]]:
    return [
        row(n, input__task=task, source__reviewer=who, weight=weight) for n, (task, who, weight) in enumerate(drawn)
    ]


LADDER = Enum(members=("payment", "refund", "general"))
AGREED = contract(
    every("eyes", FOUR_EYES, otherwise="drop record"),
    every("refs", call("resolves", field=path("source.reviewer"))),
    every("typed", well("input.task")),
    every("weight", op("<=", path("weight"), const("0.1", NUMBER))),
    clause("share", op("<=", share(REFUND), pct("30"))),
    clause("mean", op("<=", agg("mean", NUMBER, value=path("weight")), const("0.5", NUMBER))),
    clause("p90", op("<=", agg("p90", NUMBER, value=path("weight")), const("0.1", NUMBER))),
    clause("largest", op("<=", agg("largest_share", value=TASK), pct("50"))),
    clause("least", op(">=", agg("least_share", values=[TASK]), pct("10"))),
    clause("volume", op(">=", count(), const(3, RECORDS)), origin="volume"),
)


def outline(entry: Entry) -> tuple[Any, ...]:
    return entry.clause, entry.verdict, entry.observed, entry.marked, entry.dropped, entry.unjudged


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 31), st.randoms(use_true_random=False))
def test_order_and_cuts_change_no_verdict(drawn: list[tuple[Any, str, Any]], size: int, shuffle: random.Random) -> None:
    rows = made(drawn)
    expected = [outline(entry) for entry in judge(AGREED, rows).ledger.entries]
    assert [outline(entry) for entry in judge(AGREED, rows, size=size).ledger.entries] == expected
    shuffle.shuffle(rows)
    assert [outline(entry) for entry in judge(AGREED, rows).ledger.entries] == expected


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_row_clauses_equal_a_slow_reading_of_the_rows(drawn: list[tuple[Any, str, Any]]) -> None:
    rows = made(drawn)
    ledger = judge(AGREED, rows).ledger
    kept = [one for one in rows if one["source"]["reviewer"] != one["source"]["author"]]
    assert ledger.counts[0].accepted == len(kept)
    heavy = [one for one in kept if one.get("weight", 1) != "x" and Decimal(str(one.get("weight", 1))) > Decimal("0.1")]
    unknown = [one for one in kept if one.get("weight", 1) == "x"]
    found = next(entry for entry in ledger.entries if entry.clause == "weight")
    assert (found.marked, found.unjudged) == (len(heavy), len(unknown))
    assert found.verdict == ("breached" if heavy else "undecided" if unknown or not kept else "met")


def test_a_crash_in_a_measure_is_ours() -> None:
    class Broken(dict[str, Any]):
        def get(self, *args: Any) -> Any:
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        evaluate(contract(every("eyes", FOUR_EYES)), {"Request": batches("Request", [Broken()])}, folder=Path())


def test_accepted_masks_are_bool() -> None:
    assert judge(contract(), [row(1)]).accepted["Request"].dtype == np.bool_


def test_no_predicate_becomes_its_negation() -> None:
    found = decided(no("c", REFUND), tasks(1, 1))
    assert (found.verdict, found.bound) == ("breached", "no(input.task == refund)")


def test_an_infinity_inside_a_value_leaves_its_row_unjudged() -> None:
    kinds = clause("kinds", op("<=", agg("distinct", NUMBER, value=path("steps")), const(5)))
    found = decided(kinds, [row(1, steps=[{"tool": float("inf")}])])
    assert (found.verdict, found.unjudged) == ("undecided", 1)


def test_values_are_told_apart_by_meaning() -> None:
    """`{"a": 1, "b": 2}` in either order is one value, `1.0` is `1`, `true` is not."""
    one, two = {"tool": "x", "took": 1}, {"took": 1.0, "tool": "x"}
    rows = [row(1, steps=[one]), row(2, steps=[two]), row(3, steps=[{**one, "took": True}])]
    found = decided(clause("kinds", agg("distinct", NUMBER, value=path("steps")), role="report"), rows)
    assert found.observed == "2"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "input": JSON | st.fixed_dictionaries({}, optional={"text": JSON, "task": JSON}),
        "source": JSON | st.fixed_dictionaries({}, optional={"author": JSON, "reviewer": JSON, "written_at": JSON}),
        "weight": JSON,
        "steps": JSON | st.lists(st.fixed_dictionaries({"tool": JSON}), max_size=2),
        "parents": JSON,
    },
)
EVERYTHING = contract(
    *AGREED.clauses,
    *(every(name or "closed", well(name)) for name in ("", "id", "input", "steps", "parents")),
    every("forward", call("resolves", field=path("parents"))),
    every("tools", forall("step", path("steps"), among(path("tool", TEXT, root="step"), "a"))),
    every("then", op(">=", path("source.author.->Expert.valid_from"), path("source.written_at"))),
    clause("kinds", agg("distinct", NUMBER, value=path("steps")), role="report", otherwise="none"),
    clause("least", agg("minimum", NUMBER, value=path("source.written_at")), role="report", otherwise="none"),
    clause("ratio", agg("compression_ratio", NUMBER, value=path("input.text"), by="zlib_6"), role="report"),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(PARTS, max_size=5), st.booleans())
def test_an_arbitrary_delivery_gives_a_ledger(rows: list[dict[str, Any]], show: bool) -> None:
    ledger = judge(EVERYTHING, [*rows, row(1)], size=2, show_values=show).ledger
    assert len(ledger.entries) == len(EVERYTHING.clauses)


def test_a_row_knows_its_lot() -> None:
    first = no("first", op("and", eq(call("lot", INT), const(1)), REFUND))
    found = judge(contract(first, lots=2), tasks(1, 2), lots=[1, 1, 2]).ledger.entries[0]
    assert (found.verdict, found.marked) == ("breached", 1)
