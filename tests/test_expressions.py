"""Row expressions: what is absent satisfies nothing, what is malformed is unknown unless another side decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from acceptance.engine.expressions import Setting, compile_
from acceptance.engine.functions import Workshop
from acceptance.engine.wording import describe
from acceptance.tables import ABSENT, Malformed
from spec_lang.contract import Expr
from spec_lang.types import DATE, INT, NUMBER, TEXT, ListOf, Quantity
from tests.build import (
    EXPERTS,
    among,
    between,
    call,
    const,
    contract,
    eq,
    forall,
    op,
    path,
    row,
)  # fmt: skip


def read(expr: Expr, one: dict[str, Any]) -> Any:
    """True, False, a value, ABSENT, or `malformed`."""
    experts = {expert["id"]: expert for expert in EXPERTS}
    workshop = Workshop(contract(), None, None, None, None, lambda table: experts)  # type: ignore[arg-type]
    try:
        return compile_(expr, workshop.setting("Request"))({"row": one})
    except Malformed:
        return "malformed"


TASK, LEVEL = path("input.task"), path("input.level")
AUTHOR, REVIEWER = path("source.author"), path("source.reviewer")
GENERATOR, WEIGHT, STEPS = path("source.generator"), path("weight"), path("steps")
WRITTEN = path("source.written_at")
RECORDS_2, RECORDS_3 = const("2", Quantity(unit="records")), const("3", Quantity(unit="records"))
TRUE, FALSE = const(True), const(False)
BAD = eq(WEIGHT, const(1))
"""Malformed in a row whose weight is a text."""


@pytest.mark.parametrize("name", ["==", "!=", "<", "<=", ">", ">="])
def test_an_absent_value_satisfies_no_comparison(name: str) -> None:
    assert read(op(name, GENERATOR, const("x")), row(1)) is False
    assert read(op(name, const("x"), GENERATOR), row(1)) is False


def test_an_absent_value_is_in_no_set_or_range() -> None:
    assert read(among(GENERATOR, "x"), row(1)) is False
    assert read(between(GENERATOR, const("a"), None), row(1)) is False


def test_null_is_absent_where_a_field_is_optional_and_malformed_where_it_is_not() -> None:
    one = row(1)
    one["source"]["generator"], one["input"]["task"] = None, None
    assert read(GENERATOR, one) is ABSENT
    assert read(TASK, one) == "malformed"


def test_a_default_stands_in_for_an_absent_field() -> None:
    assert read(WEIGHT, row(1)) == 1
    assert read(WEIGHT, row(1, weight=0.5)) == Decimal("0.5")


@pytest.mark.parametrize(
    ("left", "right", "and_", "or_", "implies"),
    [
        (TRUE, TRUE, True, True, True),
        (TRUE, FALSE, False, True, False),
        (FALSE, TRUE, False, True, True),
        (FALSE, FALSE, False, False, True),
        (BAD, TRUE, "malformed", True, True),
        (BAD, FALSE, False, "malformed", "malformed"),
        (TRUE, BAD, "malformed", True, "malformed"),
        (FALSE, BAD, False, "malformed", True),
        (BAD, BAD, "malformed", "malformed", "malformed"),
    ],
)
def test_three_valued_logic(left: Expr, right: Expr, and_: Any, or_: Any, implies: Any) -> None:
    one = row(1, weight="heavy")
    assert read(op("and", left, right), one) == and_
    assert read(op("or", left, right), one) == or_
    assert read(op("implies", left, right), one) == implies


@pytest.mark.parametrize(
    ("body", "steps", "all_", "any_"),
    [
        ([], None, True, False),
        ([{"tool": "a"}], None, True, True),
        ([{"tool": "a"}, {"tool": "b"}], None, False, True),
        ([{"tool": "b"}], None, False, False),
        ([{"tool": 1}, {"tool": "b"}], None, False, "malformed"),
        ([{"tool": 1}, {"tool": "a"}], None, "malformed", True),
        ([7], None, "malformed", "malformed"),
        ("no list", None, "malformed", "malformed"),
    ],
)
def test_quantifiers(body: Any, steps: None, all_: Any, any_: Any) -> None:
    tool = eq(path("tool", TEXT, root="step"), const("a"))
    assert read(forall("step", STEPS, tool), row(1, steps=body)) == all_
    assert read(forall("step", STEPS, tool, "any"), row(1, steps=body)) == any_


def test_quantifiers_over_an_absent_list_see_nothing() -> None:
    tool = eq(path("tool", TEXT, root="step"), const("a"))
    assert read(forall("step", STEPS, tool), row(1)) is True
    assert read(forall("step", STEPS, tool, "any"), row(1)) is False


def test_numbers_are_exact_at_the_edge() -> None:
    """0.1 + 0.2 is 0.3, whatever a processor says."""
    limit = const("0.3", NUMBER)
    tripled = op("*", WEIGHT, const(3), type_=NUMBER)
    assert read(op("<=", tripled, limit), row(1, weight=0.1)) is True
    assert read(op("<", tripled, limit), row(1, weight=0.1)) is False
    assert read(eq(WEIGHT, const("1.0", NUMBER)), row(1, weight=1)) is True
    assert read(op("<", WEIGHT, const("9007199254740993", INT)), row(1, weight=9007199254740992)) is True


@pytest.mark.parametrize("value", [True, "1", [1], float("inf"), float("nan"), Decimal("1e999999")])
def test_what_is_no_number_is_malformed(value: Any) -> None:
    assert read(op(">=", WEIGHT, const(0)), row(1, weight=value)) == "malformed"


def test_division_by_zero_has_no_value() -> None:
    assert read(eq(op("/", WEIGHT, const(0), type_=NUMBER), const(0)), row(1)) is False


@pytest.mark.parametrize(("value", "inside"), [(0, True), (4, True), (4.000001, False), (-0.1, False)])
def test_both_ends_of_a_range_are_inside(value: float, inside: bool) -> None:
    assert read(between(WEIGHT, const(0), const(4)), row(1, weight=value)) is inside


def test_a_join_reads_the_other_table() -> None:
    until = path("source.author.->Expert.valid_until")
    assert read(op(">=", until, WRITTEN), row(1)) is False
    assert read(op(">=", until, WRITTEN), row(1, source__written_at="2026-12-31")) is True
    assert read(op(">=", until, WRITTEN), row(1, source__author="E2")) is False, "no end, so no comparison"
    assert read(op(">=", until, WRITTEN), row(1, source__author="E9")) == "malformed"


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2024-02-29", "1", "years", "2025-02-28"),
        ("2024-01-31", "1", "months", "2024-02-29"),
        ("2024-12-31", "1", "days", "2025-01-01"),
    ],
)
def test_dates_move_by_the_calendar(start: str, amount: str, unit: str, end: str) -> None:
    moved = op("+", WRITTEN, const(amount, Quantity(unit=unit)), type_=DATE)
    assert read(eq(moved, const(end, DATE)), row(1, source__written_at=start)) is True


def test_the_calendar_ends() -> None:
    moved = op("+", WRITTEN, const("9000", Quantity(unit="years")), type_=DATE)
    assert read(moved, row(1)) is ABSENT


@pytest.mark.parametrize("value", ["20270101", "2027-1-1", "2027-02-30", "2027-W01-1", 20270101])
def test_dates_have_one_spelling(value: Any) -> None:
    assert read(eq(WRITTEN, WRITTEN), row(1, source__written_at=value)) == "malformed"


def test_membership_in_a_list_of_the_row() -> None:
    tags = path("tags", ListOf(item=TEXT))
    assert read(op("in", const("a"), tags), {"tags": ["a", "b"]}) is True
    assert read(op("in", const("a"), tags), {"tags": ["a", 1]}) == "malformed"


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (op("!=", REVIEWER, AUTHOR), "source.reviewer != source.author"),
        (op("implies", eq(TASK, const("refund", TASK.type)), op("not", TRUE)), "input.task == refund implies not true"),
        (op("and", op("or", TRUE, FALSE), TRUE), "(true or false) and true"),
        (op("-", const(1), op("-", const(2), const(3))), "1 - (2 - 3)"),
        (among(GENERATOR, 'say "hi"'), 'source.generator in { "say \\"hi\\"" }'),
        (between(WEIGHT, const("0.50", NUMBER), None), "weight in 0.5.."),
        (between(WEIGHT, RECORDS_2, RECORDS_3), "weight in 2..3 records"),
        (path("source.author.->Expert.valid_from"), "source.author.valid_from"),
        (call("expired", date=GENERATOR, on=WRITTEN), "expired(source.generator, on: source.written_at)"),
        (const("5", Quantity(unit="words")), "5 words"),
        (
            forall("s", STEPS, eq(path("tool", TEXT, root="s"), const("a"))),
            'all s in steps satisfies s.tool == "a"',
        ),
    ],
)
def test_expressions_read_as_they_are_written(expr: Expr, words: str) -> None:
    assert describe(expr) == words


def test_settings_do_not_invent_tables() -> None:
    with pytest.raises(LookupError):
        compile_(path("source.author.->Expert.valid_from"), Setting(contract(), {}, lambda *_: lambda scope: None))
