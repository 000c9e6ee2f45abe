"""Prices: rows that two lines pay or none pays are found, rows that the record forbids are not."""

from __future__ import annotations

import pytest

from spec_lang.compiler import compile_source
from spec_lang.source import Source

HEAD = """sftspec 1
contract c { version: "1" buyer: "b" vendor: "v" }
record Run key id {
  id: Text
  input { ask: Text }
  target { reply: Text  outcome: booked | declined | failed untrained }
  source { author: Text?  score: Int 0..10  day: Date }
  training { weight: Number }
  governance { license: License }
  CLAUSES
}
recipe house for Run {
  base: "b" tokenizer: "b/t.json" template: "t.jinja" max_length: 9 tokens max_new_tokens: 9 tokens
  steps: 4 batch: 4 learning_rate: 0.001 seeds: 5
}
payment in EUR { PRICES }
"""


def found(*prices: str, clauses: str = "") -> list[str]:
    """Codes and messages about prices."""
    lines = " ".join(f"price: {price}" for price in prices)
    made = compile_source(Source("c.sftspec", HEAD.replace("PRICES", lines).replace("CLAUSES", clauses)))
    return [f"{one.code} {one.message}" for one in made.diagnostics if one.code != "SFT4108"]


BOOKED, DECLINED = "40 per record where target.outcome == booked", "30 per record where target.outcome == declined"
FAILED, GOOD = "4 per record where source.score < 5", "source.score >= 5"
TWICE, NONE = "SFT4121 two prices pay the same record: ", "SFT4122 no price pays a record like this: "


@pytest.mark.parametrize(
    ("prices", "clauses", "told"),
    [
        (["5 per record"], "", []),
        (["5 per record", "0.01 per token"], "", []),
        (["5 per record", BOOKED], "", [f"{TWICE}`target.outcome` booked"]),
        ([BOOKED, DECLINED], "", [f"{NONE}`target.outcome` failed"]),
        ([BOOKED, DECLINED], "require a: target.outcome != failed", []),
        ([BOOKED, DECLINED, FAILED], f"require a: (target.outcome == failed) != ({GOOD})", []),
        ([BOOKED, FAILED], f"require a: target.outcome != booked implies not ({GOOD})",
         [f"{TWICE}`target.outcome` booked, `source.score` 0"]),
        (["1 per record where present(source.author)"], "", [f"{NONE}`source.author` absent"]),
        (["1 per record where source.day >= 2027-01-01"], "", [f"{NONE}`source.day` 0001-01-01"]),
        (['1 per record where mentions(input.ask, "a")', '2 per record where not mentions(input.ask, "a")'], "", []),
        (['1 per record where mentions(input.ask, "a")', '2 per record where not mentions(input.ask, "b")'], "",
         [f"{TWICE}`mentions(...)` true, `mentions(...)` false",
          f"{NONE}`mentions(...)` false, `mentions(...)` true"]),
    ],
)  # fmt: skip
def test_each_record_has_one_price(prices: list[str], clauses: str, told: list[str]) -> None:
    assert found(*prices, clauses=clauses) == told


def test_too_many_kinds_of_records_are_not_passed_over() -> None:
    among = " and ".join(f'mentions(input.ask, "{one}")' for one in "abcdefghijklm")
    (told,) = found(f"1 per record where {among}")
    assert told == "SFT4010 the prices tell too many kinds of records apart to be compared"
