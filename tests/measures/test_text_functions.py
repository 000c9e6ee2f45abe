"""Functions of texts: each against its clean twin, and against a slow reference where it counts."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import use

from acceptance.measures import MEASURES
from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import words


def function(name: str, **arguments: Any) -> Any:
    measure = MEASURES[name]
    assert isinstance(measure, RowFunction)
    return measure.make(use(name, **arguments))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Please pay Yormar Foods 1,250.00 by 3 May.", "Please pay Gribal Textiles Ltd 9.5 by 12 June.", True),
        ('The invoice "A-17" is due  on 2027-01-02.', "the invoice \u201cB\u201d is due on 2027-11-30.", True),
        ("Pay the invoice now.", "Cancel the invoice now.", False),
        ("Thank you.", "Thanks, you.", False),
    ],
)
def test_skeletons(one: str, other: str, alike: bool) -> None:
    skeleton = function("skeleton")
    assert (skeleton(one) == skeleton(other)) is alike


def test_openings() -> None:
    opening = function("opening", length="3")
    assert opening("Certainly! Here is it.") == opening("  certainly, HERE is the other") == "certainly here is"
    assert opening("Yes.") == "yes" and opening("") == "" and opening(ABSENT) is ABSENT


@given(st.text(alphabet="abé ждя 漢字かな α1.", max_size=30))
def test_script_shares_equal_names_of_characters(text: str) -> None:
    letters = [letter for letter in text if letter.isalpha()]
    latin = [letter for letter in letters if unicodedata.name(letter).startswith("LATIN")]
    expected = Fraction(100 * len(latin), len(letters)) if letters else 100
    assert function("script_share", scripts="latin")(text) == expected
    han = [letter for letter in letters if unicodedata.name(letter).startswith("CJK UNIFIED")]
    both = Fraction(100 * (len(latin) + len(han)), len(letters)) if letters else 100
    assert function("script_share", scripts=["han", "latin"])(text) == both


@given(st.lists(st.sampled_from("abc"), max_size=14), st.lists(st.sampled_from("abc"), max_size=14), st.integers(1, 4))
def test_echo_equals_word_by_word(text: list[str], source: list[str], run: int) -> None:
    runs = [source[at : at + run] for at in range(len(source) - run + 1)]
    covered = {at + k for at in range(len(text) - run + 1) if text[at : at + run] in runs for k in range(run)}
    expected = Fraction(100 * len(covered), len(text)) if text else 0
    assert function("echoed", run=str(run))(" ".join(text), ", ".join(source)) == expected


JSON = ["{}", " [1, 2.5, null] ", '"a"', "42", '{"a": {"b": [true]}}', "1" * 60]
NO_JSON = [
    "",
    "Here: {}",
    "{'a': 1}",
    '{"a": 1, "a": 2}',
    "[NaN]",
    "{",
    "```json\n{}\n```",
    "[" * 100_000,
    "01",
    "1" * 6_000,
]


def test_json_or_not() -> None:
    is_json = function("is_json")
    assert [is_json(text) for text in JSON + NO_JSON] == [True] * len(JSON) + [False] * len(NO_JSON)


FENCE = "Look:\n```{}\n{}\n```\nDone."


def test_code_that_parses_and_code_that_does_not() -> None:
    fenced, whole = function("code_parses", part="fenced"), function("code_parses", part="whole")
    good, bad = "def f(x):\n    return x + 1", "def f(x)\n    return x +"
    assert whole(good) and not whole(bad) and not whole("print 1") and whole("")
    assert (
        fenced(FENCE.format("python", good))
        and not fenced(FENCE.format("python", bad))
        and not fenced(FENCE.format("py", bad))
    )
    assert fenced(FENCE.format("c", bad)) and fenced(FENCE.format("", bad)) and fenced("no code")
    assert fenced("1. Do\n   ```python\n   x = 1\n   ```\n") and not fenced("```python\nx = (")
    assert fenced("```python\nprint('\\d')\n```") and not fenced(FENCE.format("python", "x = 1\0"))


HOSTILE = [
    '"("*90_000',
    '"-"*150_000 + "1"',
    '"1+"*90_000 + "1"',
    '"a" + ".b"*90_000',
    '"lambda:"*30_000 + "0"',
    '"x" * 10_000_000',
    '"if a:\\n 1\\n" + "elif a:\\n 1\\n"*15_000',
    '"f\'{" * 30_000',
    '"a" + "[0]"*60_000',
    '"not "*45_000 + "1"',
    '"9" * 150_000',
]


def test_hostile_code_does_not_end_the_interpreter() -> None:
    program = "from acceptance.measures.code_parses import parses\n" + "\n".join(f"parses({code})" for code in HOSTILE)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


TEXT = "On 3 May the board \u201capproved the budget\u201d \u2014 all of it \u2014 in Nairobi."


@pytest.mark.parametrize(
    ("quote", "holds"),
    [
        ("approved the budget", True),
        ('THE BOARD  "approved"', True),
        ("the board ... in Nairobi", True),
        ("In Nairobi [...] board", False),
        ("approved a budget", False),
        ("board approve", False),
        ("", False),
        ("...", False),
        (["3 May", "all of it"], True),
        (["3 May", "4 May"], False),
        ([], False),
        (ABSENT, False),
    ],
)
def test_quotations_stand_in_the_text(quote: Any, holds: bool) -> None:
    quoted = function("quoted")
    assert quoted(quote, TEXT) is holds and quoted(quote, ["Something else.", TEXT]) is holds
    assert quoted(quote, []) is False


@given(
    st.lists(st.sampled_from(["one", "two", "three"]), max_size=8),
    st.lists(st.sampled_from(["one", "two"]), max_size=4),
)
def test_a_quotation_is_a_run_of_words(text: list[str], quote: list[str]) -> None:
    expected = bool(quote) and any(text[at : at + len(quote)] == quote for at in range(len(text)))
    assert function("quoted")(" ".join(quote), ", ".join(text)) is expected


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("It fell [1]. It rose [2, 3].", True),
        ("It fell [4].", False),
        ("See [1-4].", False),
        ("See [1\u20133].", True),
        ("x[7] = y[8]", True),
        ("in [0, 9]", True),
        ("[9](https://x.example)", True),
        ("[12] shows it", False),
        ("none", True),
        (ABSENT, True),
        ("opens at five \u30103\u2020source\u3011", True),
        ("opens at five \u30104:2\u2020timetable\u3011", False),
    ],
)
def test_citations_count_to_a_source(text: Any, holds: bool) -> None:
    assert function("citations_resolve")(text, ["a", "b", "c"]) is holds


ENGLISH = "Please pay the invoice of our supplier before the end of the month, and tell the accountant about it."
FRENCH = "Veuillez payer la facture de notre fournisseur avant la fin du mois, et informez-en le comptable."
CHINESE = "请在月底之前支付供应商的发票，并通知会计师。"


@pytest.mark.parametrize(
    ("text", "language", "holds"),
    [
        (ENGLISH, "en", True),
        (ENGLISH, "en-GB", True),
        (ENGLISH, "fr", False),
        (FRENCH, "fr", True),
        (FRENCH, "en", False),
        (CHINESE, "zh-Hant", True),
        (CHINESE, "en", False),
        ("Bonjour.", "en", True),
        (FRENCH, "tlh", True),
        (ABSENT, "en", True),
        (f"{ENGLISH}\n```python\nprint(x)\n```", "en", True),
    ],
)
def test_the_language_is_the_declared_one(text: Any, language: str, holds: bool) -> None:
    assert function("in_language", **{"from": "8"})(text, language) is holds


@pytest.mark.parametrize("name", ["skeleton", "is_json", "quoted", "citations_resolve", "matches", "adds_up"])
def test_what_is_no_text_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        function(name, pattern="a", part="steps")(*[7, 7][: 2 if name in ("quoted", "citations_resolve") else 1])


@given(st.text(max_size=60), st.integers(1, 5))
def test_an_opening_is_the_head_of_the_words(text: str, length: int) -> None:
    assert function("opening", length=str(length))(text).split() == words(text)[:length]


@given(st.text(alphabet="ab.\r\n 7", max_size=12), st.sampled_from([r"\r", r"[.!]\s*$", r"^a+b", r"(?i)A\d", r"a.b"]))
def test_a_match_equals_the_backtracking_one(text: str, pattern: str) -> None:
    """Python's `$` also stands before a last line feed; RE2's stands at the end alone."""
    reference = re.compile(pattern.replace("$", r"\Z"))
    assert function("matches", pattern=pattern)(text) is (reference.search(text) is not None)


def test_an_absent_text_matches_nothing() -> None:
    assert function("matches", pattern="")(ABSENT) is False


SUMS = st.recursive(
    st.integers(0, 40).map(str) | st.sampled_from(["1.5", ".25", "20%"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("".join)
        | inner.map(lambda text: f"({text})")
        | inner.map(lambda text: f"(-{text})")
    ),
    max_leaves=6,
)


@given(SUMS, st.integers(-2, 2))
def test_sums_equal_those_of_the_interpreter(written: str, off: int) -> None:
    exact = re.sub(r"([0-9.]+)(%?)", lambda found: f"(Fraction('{found[1]}')/{100 if found[2] else 1})", written)
    try:
        value = eval(exact) + off
    except ZeroDivisionError:
        assert function("adds_up", part="steps")(f"<<{written}=0>>") is False
        return
    stated = f"{float(value):.6f}"
    assert function("adds_up", part="steps")(f"So <<{written}={stated}>>{stated}.") is (off == 0)


@pytest.mark.parametrize(
    ("text", "steps", "result"),
    [
        ("4 + 1 = <<4+1=5>>5\n#### 5", True, True),
        ("4 + 1 = <<4+1=5>>5\n#### 150", True, False),
        ("<<4+1=6>>6\n#### 6", False, True),
        ("<<2*1,500=3,000>>3,000\n#### 3000", True, True),
        (r"<<10/4=2.5>> so \boxed{2.50}", True, True),
        ("<<10/3=3.33>> <<x*2=4>> <<=4>>", True, True),
        ("<<10/3=3.3334>>", False, True),
        ("<<1/0=0>>", False, True),
        ("<<" + "(" * 60 + "1" + ")" * 60 + "=2>>", True, True),
        ("no sum, #### 4", True, True),
        (ABSENT, True, True),
    ],
)
def test_sums_and_what_they_lead_to(text: Any, steps: bool, result: bool) -> None:
    assert function("adds_up", part="steps")(text) is steps
    assert function("adds_up", part="result")(text) is result
