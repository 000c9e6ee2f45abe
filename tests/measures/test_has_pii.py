"""`has_pii`: personal data by pattern and check digit; amounts, dates, ids and order numbers are silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import marked, run, use

from acceptance.measures._pii_rules import luhn, mod_97
from acceptance.measures.has_pii import MEASURE
from acceptance.measures.protocol import Use

KINDS = ("email", "phone", "us_ssn", "card", "iban", "home")


def on(*kinds: str) -> Use:
    return use("has_pii", kinds=kinds)


FOUND = [
    ("email", "write to jane.doe+work@mail.meridian.co.uk, please"), ("email", "<JANE@GMAIL.COM>"),
    ("email", "ｊａｎｅ＠ｇｍａｉｌ．ｃｏｍ"), ("email", "ja\u200bne@gm\u00adail.com"),
    ("phone", "call +44 20 7183 8750 now"), ("phone", "+1 (415) 555-2671"), ("phone", "(415) 555-2671"),
    ("phone", "415-555-2671."), ("phone", "+14155552671"), ("phone", "ring 020 7183 8750"), ("phone", "1-800-273-8255"),
    ("phone", "tel: 0171 8884412"), ("phone", "+49 (0)30 901820"), ("phone", "My phone number is 4155552671"),
    ("us_ssn", "SSN 536-90-4399"), ("us_ssn", "his number, 536-90-4399, is"), ("us_ssn", "social security: 536904399"),
    ("card", "4539 1488 0343 6467"), ("card", "card 5425233430109903,"), ("card", "3782-822463-10005"),
    ("iban", "GB82 WEST 1234 5698 7654 32"), ("iban", "pay DE89370400440532013000 AND go"),
    ("iban", "to gb29 nwbk 6016 1331 9268 19"), 
    ("email", "jane.moss (at) harbour (dot) co (dot) uk"),
    ("email", "jane [at] harbour.com"),
    ("iban", "(FR1420041010050500013M02606)"), ("email", "to=jane%40gmail.com&x"), ("email", "jane\\u0040gmail.com"),
    ("email", "&#106;ane@gmail.com"), ("card", "\u0664539 1488 0343 6467"), ("phone", "call +4\u0664 20 7183 8750 now"),
    ("home", "File \"/Users/jane.doe/work/x.py\""), ("home", "at C:\\Users\\Jane\\x"),
    ("home", "/home/jdoe/.ssh/config"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_personal_data_is_found(kind: str, text: str) -> None:
    rows = [{"a": "fine"}, {"b": {"c": [text]}}]
    column = run(MEASURE, on(*KINDS), rows)
    assert marked(column) == [1] == marked(run(MEASURE, on(kind), rows))
    assert column.details[1].path == "$.b.c[0]" and column.details[1].found
    assert column.details[1].found not in column.details[1].message


SILENT = [
    "Gribal Textiles should get £8556.31 on 12 Dec 2027.", "BO-00001 and BO-00002", "refund 114.53 EUR, 2028-04-13",
    "on 13/04/2028, 13.04.2028 or 04-13-2028", "order 123-4567890-1234567", "invoice 2027-000-1234",
    "total $1,234,567.89 of 12,345,678", "0.30000000000000004", "3.14159265358979323846", "1000000000000000",
    "ids 4539148803436468 and 4539-1488-0343-6468", "GB82 WEST 1234 5698 7654 33", "AB12 CDEF 3456 7890 1234",
    "000-12-3456, 666-12-3456, 900-12-3456, 536-00-4399, 536-90-0000", "SSN 078-05-1120", "the years 1999-2027",
    "version 1.2.3.4 at 192.168.100.200:8080", "5 + 123456789 = 123456794", "x = +1234567", "@app.route('/x')",
    "look (at) this", "jane (at) example (dot) org", "is 25 minutes long and it is late",
    "git@github.com:org/repo.git", "someone@example.com or a@b.test", "range 100-200-3000", "7 apples * 12 = 84",
    "call foo(1234567890123)", "2027-12-12T10:20:30+01:00", "UUID 123e4567-e89b-12d3-a456-426614174000", "+ 20 30 40",
    "/home/user/x", "/Users/Shared/y", "/home/runner/work", "/home/", "100%41 of them",
    "0 100 200 300", "USD 5572.43", "lat 51.507351 lon -0.127758", "rows 10 20 30 40 50 60", "sha 4539148803436467ab",
]  # fmt: skip


@pytest.mark.parametrize("text", SILENT)
def test_other_numbers_are_silent(text: str) -> None:
    assert marked(run(MEASURE, on(*KINDS), [{"a": text}])) == []


def test_only_the_kinds_asked_for_are_looked_for() -> None:
    rows = [{"a": text} for _, text in FOUND]
    for kind in KINDS:
        assert marked(run(MEASURE, on(kind), rows)) == [i for i, (other, _) in enumerate(FOUND) if other == kind]


@given(st.integers(10**14, 10**15 - 1), st.integers(0, 9))
def test_one_check_digit_in_ten_is_right(body: int, digit: int) -> None:
    assert sum(luhn(f"{body}{last}") for last in range(10)) == 1
    number = f"{body:018d}"
    assert sum(mod_97(f"DE{check:02d}{number}") for check in range(2, 99)) == 1


@given(st.lists(st.sampled_from([*(text for _, text in FOUND), *SILENT]), max_size=25), st.integers(1, 9))
def test_batches_and_neighbours_change_nothing(texts: list[str], size: int) -> None:
    found = {text for _, text in FOUND}
    column = run(MEASURE, on(*KINDS), [{"a": text} for text in texts], size)
    assert marked(column) == [i for i, text in enumerate(texts) if text in found]
