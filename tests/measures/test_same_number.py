"""`same_number`: the number an answer gives, however it is written, against the item's."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import use

from acceptance.measures import MEASURES
from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed
from acceptance.text.numerals import stated


def same(within: str = "0") -> Callable[[Any, Any], bool]:
    measure = MEASURES["same_number"]
    assert isinstance(measure, RowFunction)
    return measure.make(use("same_number", within=within))


GIVEN: list[tuple[str, str]] = [
    # where it stands
    ("Half of 48 is 24, and 48 + 24 = 72.", "72"),
    ("Natalia sold 48/2 = <<48/2=24>>24.\n#### 24", "24"),
    ("#### 24\nFor a week that makes 168.", "24"),
    ("#### 3\nNo, wait.\n#### 24", "24"),
    ("#### $18 per day for 3 days", "18"),
    (r"So \boxed{x = 24}, as in 1999.", "24"),
    (r"#### 3, or rather \boxed{24}", "24"),
    ("####\n24", "24"),
    # how it is written
    ("1,234,567", "1234567"),
    ("1'234.50", "1234.5"),
    ("1\u202f234", "1234"),
    ("1{,}234", "1234"),
    ("72.", "72"),
    (".5", "1/2"),
    ("007", "7"),
    ("2.5e3", "2500"),
    ("2E-3", "1/500"),
    ("3/4", "3/4"),
    ("1 1/2 cups", "3/2"),
    (r"$\frac{3}{4}$", "3/4"),
    (r"$-\dfrac{3}{4}$", "-3/4"),
    (r"1\frac{1}{2}", "3/2"),
    # what stands around it
    ("$5.00", "5"),
    ("US$1,000.", "1000"),
    (r"\$5", "5"),
    ("5%", "5"),
    ("5 km", "5"),
    ("5th", "5"),
    ("5 m^2", "5"),
    ("5 m^{2}", "5"),
    ("5 m²", "5"),
    ("7 in H2O", "7"),
    ("答案是42", "42"),
    # signs
    ("-5", "-5"),
    ("\u22125 °C", "-5"),
    ("-$5", "-5"),
    ("$-5", "-5"),
    ("x=-5", "-5"),
    ("(-5)", "-5"),
    ("+5", "5"),
    ("10-5", "5"),
    ("3–4", "4"),
    ("50%-60%", "60"),
    # digits of other scripts
    ("٤٢", "42"),
    ("４２", "42"),
    ("𝟒𝟐", "42"),
    # a long text
    ("1 " * 500_000 + "7", "7"),
    ("#### 24" + " and more" * 120_000, "24"),
    ("9" * 400, "9" * 400),
]

NOTHING = [
    "", "forty-two", "####", "#### none\n24", "3,5", "12,34", "1,23,456", "1,234'567", "1.2.3", "10:30", "2026/12/01",
    "1/0", "1e999", "1e-999", "1e" + "9" * 1_000_000, "9" * 401, "9" * 1_000_000, "½", "\ud800", "²", "NaN",
    "Infinity", "H2O", "####" * 250_000, "[" * 1_000_000, "\x00" * 1_000_000,
]  # fmt: skip


@pytest.mark.parametrize(("answer", "number"), GIVEN, ids=lambda one: one[:40])
def test_a_number_is_read(answer: str, number: str) -> None:
    assert stated(answer) == Fraction(number)


@pytest.mark.parametrize("answer", NOTHING, ids=lambda one: one[:20] or "empty")
def test_what_gives_no_number_is_wrong(answer: str) -> None:
    began = time.process_time()
    assert stated(answer) is None and not same()(answer, 0)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("answer", "expected", "within", "equal"),
    [
        ("about 72.01", 72, "0.01", True),
        ("about 72.011", 72, "0.01", False),
        ("0.1", 0.1, "0", True),
        ("1/3", 0.3333, "0", False),
        ("It is 24.", "48/2 = 24\n#### 24", "0", True),
        ("24", "none of it\n#### 25", "0", False),
        ("24", 24, "0", True),
        (24, 24, "0", False),
        (ABSENT, 24, "0", False),
    ],
)
def test_equal_within_the_bound(answer: Any, expected: Any, within: str, equal: bool) -> None:
    assert same(within)(answer, expected) is equal


@pytest.mark.parametrize("expected", ["no number", ABSENT, True, None, [], float("nan"), "1e999"])
def test_an_item_without_a_number_is_malformed(expected: Any) -> None:
    with pytest.raises(Malformed):
        same()("24", expected)


WORDS = st.lists(st.sampled_from(["so", "it", "is", "about", "=", "(", "**"]), max_size=4).map(" ".join)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**4), WORDS, st.sampled_from(["", ".", " km", "%", "**"]))
def test_whatever_is_written_is_read(whole: int, part: int, before: str, after: str) -> None:
    """Python's own way to write a number, grouped or not, among words."""
    for text in (f"{whole}.{part:04}", f"{whole:,}.{part:04}"):
        value = Fraction(text.replace(",", ""))
        assert stated(f"{before} {text}{after}") == value
        assert same()(f"{before} {text}{after}", f"#### {text}")


@given(st.text("0123456789.,-/ e$%#^'x\n", max_size=30))
def test_no_text_is_a_traceback(text: str) -> None:
    found = stated(text)
    assert found is None or abs(found) < Fraction(10) ** 900
