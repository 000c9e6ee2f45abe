"""Findings of joined statements: each row is explained by the part that decides it, wherever that stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.engine import vectors
from acceptance.engine.evaluation import evaluate
from acceptance.ledger import Entry
from acceptance.tables import MAX_DETAILS, Column, Detail
from spec_lang.compiler import compile_source
from spec_lang.contract import Op
from spec_lang.source import Source
from spec_lang.types import BOOL
from tests.build import batches, const

CONTRACT = """sftspec 1

contract c {{
  version: "1.0.0"
  buyer: "B"
  vendor: "V"
}}

type Line {{
  text: Text?
  trained: Bool
}}

record Row key id {{
  id: Text
  note: Text
  stars: Int
  least: Int?
  lines: [Line]?
}}

terms t on Row {{
  require c: {clause}
}}
"""
MAIL = "an address of e-mail"
NO_ROW: list[tuple[int, str]] = []


def decided(clause: str, *rows: dict[str, Any]) -> Entry:
    found = compile_source(Source("c.sftspec", CONTRACT.format(clause=clause)))
    assert found.contract is not None, [one.message for one in found.diagnostics]
    entries = evaluate(found.contract, {"Row": batches("Row", list(rows))}, folder=Path()).ledger.entries
    return next(entry for entry in entries if entry.clause == "t.c")


def row(number: int, note: str = "fine", stars: int = 5) -> dict[str, Any]:
    return {"id": str(number), "note": note, "stars": stars}


ROWS = [row(1), row(2, "write to ann.smith@acme.org"), row(3, stars=1), row(4, "ann.smith@acme.org", stars=1)]
MAIL_2, MAIL_4 = (2, "e-mail"), (4, "e-mail")


def said(entry: Entry) -> list[tuple[int, str]]:
    """Lines and messages; what `has_pii` says of an address is `e-mail` for short."""
    return [(one.line, "e-mail" if "e-mail" in one.message else one.message) for one in entry.findings]


@pytest.mark.parametrize(
    ("clause", "findings"),
    [
        ("no(has_pii(email))", [MAIL_2, MAIL_4]),
        ("no(has_pii(email) or stars < 3)", [MAIL_2, (3, "`stars < 3` holds"), MAIL_4]),
        ("no(stars < 3 or has_pii(email))", [MAIL_2, (3, "`stars < 3` holds"), (4, "`stars < 3` holds")]),
        ("every(stars >= 3 and not has_pii(email))", [MAIL_2, (3, "`stars >= 3` does not hold"),
                                                      (4, "`stars >= 3` does not hold")]),
        ("no(stars < 3 and has_pii(email))", [MAIL_4]),
        ("every(has_pii(email) implies stars >= 3)", [MAIL_4]),
        ("no((has_pii(email) and stars > 7) or duplicate(stars, normalise: none))",
         [(2, "repeats part-0.jsonl:1 in the fields compared"), (4, "repeats part-1.jsonl:3 in the fields compared")]),
        ("share(has_pii(email) or stars < 3) <= 10%", [MAIL_2, (3, "`stars < 3` holds"), MAIL_4]),
        ("share(not has_pii(email) and stars >= 3) >= 90%", [MAIL_2, (3, "`stars >= 3` does not hold"), MAIL_4]),
        ("no(has_pii(email)) and share(stars < 3) <= 10%",
         [MAIL_2, (3, "counts against `share(stars < 3) <= 10%`"), MAIL_4]),
        ("no(has_pii(email)) and share(stars < 3) <= 90%", [MAIL_2, MAIL_4]),
        ("no(has_pii(email)) or no(stars < 3)", [MAIL_2, (3, "counts against `no(stars < 3)`"), MAIL_4]),
        ("no(has_pii(email)) or no(stars < 1)", NO_ROW),
        ("no(stars < 3)", [(3, "`stars < 3` holds"), (4, "`stars < 3` holds")]),
    ],
)  # fmt: skip
def test_each_row_is_explained_by_what_decides_it(clause: str, findings: list[tuple[int, str]]) -> None:
    found = decided(clause, *ROWS)
    assert said(found) == findings and found.marked == len(findings)


def test_the_first_rows_that_count_are_explained_and_all_are_counted() -> None:
    """Explanations end at MAX_DETAILS a measure; a row that has none is shown with the statement that it fails."""
    rows = [row(at, "ann.smith@acme.org", stars=1) for at in range(MAX_DETAILS)] + [row(999, "ann.smith@acme.org")]
    found = decided("no(has_pii(email) and stars > 3)", *rows)
    assert found.marked == 1
    assert said(found) == [(MAX_DETAILS + 1, "`has_pii(email) and stars > 3` holds")]


ABSENT = "is absent, and an absent value satisfies no comparison"


@pytest.mark.parametrize(
    ("clause", "path", "message"),
    [
        ("stars >= least", "$.least", f"`stars >= least` does not hold: `least` {ABSENT}"),
        ("stars > 1 implies least in 1..3", "$.least",
         f"`stars > 1 implies least in 1..3` does not hold: `least` {ABSENT}"),
        ("all line in lines satisfies line.trained == true implies chars(line.text) <= 9 chars", "$.lines[1].text",
         "`all line in lines satisfies line.trained == true implies chars(line.text) <= 9 chars` does not hold: "
         f"`line.text` {ABSENT}"),
        ("stars > 5 and least > 1", "$.stars", "`stars > 5` does not hold"),
        ("not (stars == 5 or least > 1)", "$.stars", "`stars == 5` holds"),
        ("stars > 5 or present(least)", "$.stars, $.least", "`stars > 5 or present(least)` does not hold"),
    ],
)  # fmt: skip
def test_a_field_that_is_left_out_is_named_where_its_absence_decides(clause: str, path: str, message: str) -> None:
    lines = [{"text": "fine", "trained": True}, {"trained": True}]
    (found,) = decided(f"every({clause})", row(1) | {"lines": lines}).findings
    assert (found.path, found.message) == (path, message)
    assert bool(found.help) == ("absent" in message)


TRUTHS = st.sampled_from([True, False, None])


def column(name: str, truths: list[bool | None]) -> Column:
    details = {at: Detail("$", "", name) for at in range(len(truths))}
    known = np.array([one is not None for one in truths], dtype=np.bool_)
    return Column(np.array([bool(one) for one in truths], dtype=np.bool_), known, details)


def joined(name: str, one: bool | None, other: bool | None) -> bool | None:
    """Kleene's logic, case by case."""
    if name == "implies":
        return joined("or", None if one is None else not one, other)
    alone = name == "or"  # the truth by which one side decides
    if one is alone or other is alone:
        return alone
    return None if one is None or other is None else not alone


@given(st.sampled_from(["and", "or", "implies"]), st.lists(st.tuples(TRUTHS, TRUTHS), max_size=12))
def test_what_explains_a_joined_statement_is_the_first_part_that_says_the_same(
    name: Any, rows: list[tuple[bool | None, bool | None]]
) -> None:
    """What `a implies b` says of `a` is its contrary."""
    sides = [column("first", [one for one, _ in rows]), column("second", [other for _, other in rows])]
    result = vectors.apply(Op(name=name, args=(const(True), const(False)), type=BOOL), sides)
    for at, (one, other) in enumerate(rows):
        whole = joined(name, one, other)
        assert (bool(result.values[at]) if result.known[at] else None) == whole
        first = (None if one is None else not one) if name == "implies" else one
        assert result.details[at].found == ("first" if first == whole else "second")
