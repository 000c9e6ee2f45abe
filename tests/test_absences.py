"""A statement about every row that a row fails by leaving out what it may leave out is pointed out, once."""

from __future__ import annotations

import pytest

from spec_lang.compiler import compile_source
from spec_lang.source import Source

CONTRACT = """sftspec 1

contract c {{
  version: "1.0.0"
  buyer: "B"
  vendor: "V"
}}

type Step by kind {{
  call {{ tool: Text }}
  note {{ text: Text }}
}}

record Row key id {{
  id: Text
  stars: Int
  least: Int?
  most: Int?
  usual: Int = 3
  note: Text?
  fee: Money(USD, EUR)
  steps: [Step]
}}

terms t on Row {{
  {clause}
}}
"""


@pytest.mark.parametrize(
    ("clause", "lacking"),
    [
        ("require c: every(stars >= least)", "least"),
        ("advise c: every(stars != least)", "least"),
        ("require c: every(least in { 1, 2 })", "least"),
        ("require c: every(stars > 1 and most - 1 >= stars)", "most"),
        ("require c: every(least > 1 or least < 0)", "least"),
        ("require c: every(chars(note) >= 5 chars)", "note"),
        ("require c: every(fee.USD <= 12 USD)", "fee.USD"),
        ('require c: every(all step in steps satisfies step.tool == "search")', "step.tool"),
        ("let enough: stars >= least\n  require c: every(enough)", "least"),
        # Said in so many words, not of every row, or not decided by absence alone:
        ("require c: every(present(least) implies stars >= least)", None),
        ("require c: every(present(least) and stars >= least)", None),
        ("require c: every(stars > 4 implies stars >= least)", None),
        ("require c: every(least > 1 or most > 1)", None),
        ("require c: every(fee.USD <= 12 USD or fee.EUR <= 12 EUR)", None),
        ("require c: no(stars < least)", None),
        ("require c: share(stars >= least) >= 90%", None),
        ('require c: every(any step in steps satisfies step.tool == "search")', None),
        ("require c: every(stars >= usual)", None),
        ("require c: every(count(step.kind == call for each step in steps) >= 1)", None),
    ],
)
def test_a_clause_that_absence_alone_fails_names_the_field(clause: str, lacking: str | None) -> None:
    found = compile_source(Source("c.sftspec", CONTRACT.format(clause=clause)))
    assert found.contract is not None, [one.message for one in found.diagnostics]
    said = [one.message for one in found.diagnostics if one.code == "SFT4013"]
    assert said == ([f"`{lacking}` may be left out, and a row without it fails `t.c`"] if lacking else [])


def test_a_long_choice_takes_no_longer_than_it_is() -> None:
    """Each side is looked at once: looked at twice on every level, 50 sides would take for ever."""
    choice = " or ".join(f"least == {number}" for number in range(50))
    found = compile_source(Source("c.sftspec", CONTRACT.format(clause=f"require c: every({choice})")))
    assert [one.code for one in found.diagnostics].count("SFT4013") == 1
