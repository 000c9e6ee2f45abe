"""Aggregates of the entries of one row's list, each against a slow and obvious reading of the delivered JSON."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.engine.evaluation import evaluate
from acceptance.engine.expressions import compile_
from acceptance.engine.functions import Workshop
from acceptance.ledger import Entry
from acceptance.tables import ABSENT, Malformed
from spec_lang.compiler import compile_source
from spec_lang.contract import Call, Contract, Op, Quantified
from spec_lang.explanation import explain
from spec_lang.source import Source
from tests.build import batches

HEAD = """sftspec 1

contract c {
  version: "1.0.0"
  buyer: "B"
  vendor: "V"
}

type Line {
  item: Text
  amount: Number?
  paid: Bool
}

record Order key id {
  id: Text
  sum: Number
  lines: [Line]?
"""


def agreed(clause: str) -> Contract:
    found = compile_source(Source("c.sftspec", f"{HEAD}  require c: {clause}\n}}\n"))
    assert found.contract is not None, [one.message for one in found.diagnostics]
    return found.contract


def reader(written: str) -> Callable[[dict[str, Any]], Any]:
    """The value of an expression in a row; `malformed` where it has none."""
    contract = agreed(f"{written} == {written}")
    (mark,) = [one.mark for one in contract.clauses if one.name == "Order.c"]
    assert isinstance(mark, Op)
    workshop = Workshop(contract, Path(), None, None, None, lambda table: {})  # type: ignore[arg-type]
    read = compile_(mark.args[0], workshop.setting("Order"))

    def value(row: dict[str, Any]) -> Any:
        try:
            return read({"row": row})
        except Malformed:
            return "malformed"

    return value


def nearest_rank(values: list[Any], p: int) -> Any:
    """The least value that p % of the values do not exceed."""
    return min(value for value in values if 100 * sum(one <= value for one in values) >= p * len(values))


Amounts = list[Fraction]
OF_AMOUNTS: dict[str, Callable[[Amounts], Any]] = {
    "total": lambda given: sum(given, Fraction(0)),
    "mean": lambda given: sum(given) / len(given) if given else ABSENT,
    "minimum": lambda given: min(given, default=ABSENT),
    "maximum": lambda given: max(given, default=ABSENT),
    "p50": lambda given: nearest_rank(given, 50) if given else ABSENT,
    "p90": lambda given: nearest_rank(given, 90) if given else ABSENT,
    "distinct": lambda given: len(set(given)),
    "largest_share": lambda given: Fraction(100 * given.count(statistics.mode(given)), len(given)) if given else ABSENT,
}
OF_TRUTHS: dict[str, Callable[[list[bool]], Any]] = {
    "count": sum,
    "share": lambda held: Fraction(100 * sum(held), len(held)) if held else ABSENT,
}
READ = {name: reader(f"{name}(line.amount for each line in lines)") for name in OF_AMOUNTS}
READ |= {name: reader(f"{name}(line.paid for each line in lines)") for name in OF_TRUTHS}
COPIES = reader("distinct(line for each line in lines)")

LINES = st.lists(
    st.fixed_dictionaries(
        {"item": st.sampled_from("ab"), "paid": st.booleans()},
        optional={"amount": st.sampled_from([0, 1, 2, 2.0, 0.1, 2.5, None])},
    ),
    max_size=12,
)


@given(LINES)
def test_entries_are_counted_and_summed_as_rows_are(lines: list[dict[str, Any]]) -> None:
    row = {"id": "1", "sum": 0, "lines": lines}
    given_ = [Fraction(str(line["amount"])) for line in lines if line.get("amount") is not None]
    for name, slow in OF_AMOUNTS.items():
        assert READ[name](row) == slow(given_), name
    for name, slow_truth in OF_TRUTHS.items():
        assert READ[name](row) == slow_truth([line["paid"] for line in lines]), name


@given(LINES)
def test_the_same_entry_twice_counts_once(lines: list[dict[str, Any]]) -> None:
    different: list[dict[str, Any]] = []
    for line in lines:
        if line not in different:
            different.append(line)
    assert COPIES({"id": "1", "sum": 0, "lines": lines}) == len(different)


@pytest.mark.parametrize("name", READ)
def test_of_a_list_that_is_left_out_nothing_is_known_and_a_wrong_value_leaves_the_row_unjudged(name: str) -> None:
    assert READ[name]({"id": "1", "sum": 0}) is ABSENT
    wrong = {"item": "a", "amount": "1", "paid": "yes"}
    assert READ[name]({"id": "1", "sum": 0, "lines": [wrong]}) == "malformed"
    assert READ[name]({"id": "1", "sum": 0, "lines": "none"}) == "malformed"


def decided(clause: str, *rows: dict[str, Any]) -> Entry:
    ledger = evaluate(agreed(clause), {"Order": batches("Order", list(rows))}, folder=Path(), show_values=True).ledger
    return next(entry for entry in ledger.entries if entry.clause == "Order.c")


def order(*amounts: Any, sum: Any = 0) -> dict[str, Any]:
    lines = [{"item": f"{at}", "amount": amount, "paid": True} for at, amount in enumerate(amounts)]
    return {"id": "1", "sum": sum, "lines": lines}


def test_an_invoice_has_to_add_up() -> None:
    """Each number is read as it is written, so that 0.1 + 0.2 is 0.3."""
    clause = "sum == total(line.amount for each line in lines)"
    assert decided(clause, order(0.1, 0.2, sum=0.3)).verdict == "met"
    found = decided(clause, order(1, 2, sum=3), order(1, 2, sum=4))
    assert (found.verdict, [one.line for one in found.findings]) == ("breached", [2])
    assert found.findings[0].message == f"`{clause}` does not hold"
    assert found.findings[0].path == "$.sum, $.lines" and "sum = 4" in (found.findings[0].found or "")


def test_lists_in_lists_and_statements_about_entries() -> None:
    nested = "total(total(other.amount for each other in lines) for each line in lines) == 9"
    assert decided(nested, order(1, 2), order(1, 1, 1)).marked == 1
    inside = "all line in lines satisfies line.amount <= mean(one.amount for each one in lines) * 2"
    assert decided(inside, order(1, 1, 1), order(1, 1, 10)).marked == 1


def test_one_form_in_the_contract() -> None:
    (mark,) = [
        one.mark for one in agreed("count(line.paid for each line in lines) >= 1").clauses if one.name == "Order.c"
    ]
    assert isinstance(mark, Op)
    call = mark.args[0]
    assert isinstance(call, Call) and (call.measure, call.kind, len(call.args)) == ("count", "row", 1)
    assert isinstance(call.args[0].value, Quantified) and call.args[0].value.which == "each"


@pytest.mark.parametrize("name", READ)
def test_explain_says_which_measures_go_through_a_list(name: str) -> None:
    assert f"{name}(... for each x in list)" in explain(name) and "for each" not in explain("chars")
