"""Contracts in words and rows as delivered: what clauses over money, durations, files, unions and JSON texts decide."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.delivery.attachments import attachments
from acceptance.delivery.manifest import write_manifest
from acceptance.engine.evaluation import evaluate
from acceptance.engine.wording import describe
from acceptance.ledger import Entry
from acceptance.tables import ABSENT, Malformed
from acceptance.values import jsontext, media, scalar
from spec_lang import formats
from spec_lang.compiler import compile_source
from spec_lang.contract import Contract
from spec_lang.currencies import decimals
from spec_lang.licenses import known, listed, names, taken
from spec_lang.source import Source
from tests.build import batches

HEAD = 'sftspec 1\n\ncontract c {\n  version: "1.0.0"\n  buyer: "B"\n  vendor: "V"\n}\n'
TYPES = """
type Order {
  amount: Money(USD)
  lines: [Int]?
}

type Step by kind {
  at: Time
  call { tool: Text took: Duration cost: Money(USD, EUR)? }
  note { text: Text }
}
"""
FIELDS = """
  total: Money(USD)
  gift: Money?
  order: Json(Order)
  steps: [Step]
  took: Duration
  started: Time
  ended: Time
  written: Date
  kept: Date
  days: [Date]
  language: Lang
  size: tokens
"""
ROW: dict[str, Any] = {
    "id": "1",
    "total": {"amount": "12.10", "currency": "USD"},
    "gift": {"amount": "500", "currency": "JPY"},
    "order": '{"amount": {"amount": "0.30", "currency": "USD"}, "lines": [1, 2]}',
    "steps": [
        {
            "kind": "call",
            "at": "2026-01-01T10:00:00Z",
            "tool": "search",
            "took": "PT1M30S",
            "cost": {"amount": "2.00", "currency": "EUR"},
        },
        {"kind": "note", "at": "2026-01-01T12:00:00+02:00", "text": "done"},
    ],
    "took": "PT30M",
    "started": "2026-01-01T10:00:00Z",
    "ended": "2026-01-01T11:30:00+01:00",
    "written": "2024-02-29",
    "kept": "2025-02-28",
    "days": ["2026-01-01", "2026-01-02"],
    "language": "pt-BR",
    "size": 128,
}


def compiled(body: str, types: str = TYPES) -> Contract:
    found = compile_source(Source("c.sftspec", f"{HEAD}{types}\nrecord Row key id {{\n  id: Text\n{body}\n}}\n"))
    assert found.contract is not None, [one.message for one in found.diagnostics]
    return found.contract


def decided(clause: str, *rows: dict[str, Any], terms: str = "") -> Entry:
    """The entry of the clause `Row.c` or `t.c` over rows of ROW's shape."""
    body = f"{FIELDS}\n" + (f"require c: {clause}" if clause else "")
    agreed = compiled(body + (f"\n}}\nterms t on Row {{\n  require c: {terms}" if terms else ""))
    ledger = evaluate(agreed, {"Row": batches("Row", list(rows) or [ROW])}, folder=Path()).ledger
    return next(entry for entry in ledger.entries if entry.clause in ("Row.c", "t.c"))


@pytest.mark.parametrize(
    ("clause", "verdict"),
    [
        ("total == 12.10 USD", "met"),
        ("total * 3 == 36.30 USD", "met"),
        ("total + order.amount == 12.40 USD", "met"),
        ("total in 12..12.10 USD", "met"),
        ("gift.JPY == 500 JPY", "met"),
        ("gift.USD >= 0 USD", "breached"),
        ('gift.currency == "JPY"', "met"),
        ("order.amount <= 0.29 USD", "breached"),
        ("2 in order.lines", "met"),
        ('any s in steps satisfies s.tool == "search"', "met"),
        ('all s in steps satisfies s.tool == "search"', "breached"),
        ("all s in steps satisfies s.kind == call implies s.took <= 90 seconds", "met"),
        ("any s in steps satisfies s.cost.EUR == 2 EUR", "met"),
        ("any s in steps satisfies s.cost.currency == USD", "breached"),
        ("all s in steps satisfies s.at == started", "met"),
        ("took <= 30 minutes", "met"),
        ("took < 30 minutes", "breached"),
        ("took in 1..2 hours", "breached"),
        ("took * 2 == 1 hour", "met"),
        ("took < 1 day", "met"),
        ("ended - started == 30 minutes", "met"),
        ("started + 30 minutes == ended", "met"),
        ("started - 2 days < ended", "met"),
        ('started == "2026-01-01T11:00:00+01:00"', "met"),
        ("kept == written + 1 year", "met"),
        ("kept == written + 12 months", "met"),
        ("kept - written == 365 days", "met"),
        ("all d in days satisfies d >= 2026-01-01", "met"),
        ("2026-01-02 in days", "met"),
        ('language in { "pt-BR", "en" }', "met"),
        ("size >= 128 tokens", "met"),
    ],
)
def test_a_clause_over_the_row_is(clause: str, verdict: str) -> None:
    assert decided(clause).verdict == verdict


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"total": {"amount": 12.1, "currency": "USD"}}, "total > 0 USD"),
        ({"total": {"amount": "12.10", "currency": "EUR"}}, "total > 0 USD"),
        ({"order": "{}"}, "order.amount > 0 USD"),
        ({"order": '{"amount": NaN}'}, "order.amount > 0 USD"),
        ({"took": "P1M"}, "took > 0 seconds"),
        ({"started": "2026-01-01T10:00:00"}, "started < ended"),
    ],
)
def test_a_value_that_is_not_of_its_type_leaves_the_clause_open(changes: dict[str, Any], clause: str) -> None:
    assert decided(clause, {**ROW, **changes}).verdict == "undecided"


@pytest.mark.parametrize(
    ("terms", "verdict", "observed"),
    [
        ("total(total) == 24.30 USD", "met", "24.30 USD"),
        ("mean(total) <= 12.15 USD", "met", "12.15 USD"),
        ("p95(took) <= 30 minutes", "met", "1,800 seconds"),
        ("total(took) <= 1 hour", "met", "3,600 seconds"),
        ("total(gift.JPY) <= 499 JPY", "breached", "1,000 JPY"),
    ],
)
def test_aggregates_have_the_unit_of_what_they_measure(terms: str, verdict: str, observed: str) -> None:
    found = decided("", ROW, {**ROW, "id": "2", "total": {"amount": "12.20", "currency": "USD"}}, terms=terms)
    assert (found.verdict, found.observed) == (verdict, observed)


def test_literals_are_told_in_the_words_of_the_contract() -> None:
    clause = "took in 90 seconds..30 minutes and started + 1 hour > ended and total >= 1 USD and took < 1 minute"
    agreed = compiled(f"{FIELDS}\nrequire c: {clause}")
    mark = agreed.clause("Row.c").mark
    assert mark is not None and describe(mark) == clause


@given(st.integers(0, 10**12), st.sampled_from(sorted(decimals())))
def test_amounts_are_exact(units: int, currency: str) -> None:
    """What can be paid is read back as it is; one decimal more cannot be paid."""
    digits = decimals()[currency]
    text = format(Decimal(units).scaleb(-digits), "f")
    assert scalar.paid({"amount": text, "currency": currency}, currency) * 10**digits == units
    finer = f"{text}1" if digits else f"{text}.1"
    with pytest.raises(Malformed):
        scalar.paid({"amount": finer, "currency": currency}, currency)


@given(st.integers(0, 99), st.integers(0, 9_999), st.integers(0, 99), st.integers(0, 99), st.integers(0, 10**6))
def test_durations_are_exact(weeks: int, days: int, hours: int, minutes: int, milliseconds: int) -> None:
    text = f"P{weeks}W{days}DT{hours}H{minutes}M{Decimal(milliseconds) / 1000:f}S"
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, milliseconds=milliseconds)
    assert formats.seconds(text) == Fraction(length // timedelta(milliseconds=1), 1000)


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.integers(-400, 400))
def test_a_date_moved_by_months_stays_in_its_month(start: date, months: int) -> None:
    moved = scalar.shift(start, months, "months")
    if isinstance(moved, date):
        assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
        assert moved.day == start.day or (moved.day < start.day and (moved + timedelta(days=1)).day == 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_json_in_a_text_is_read_as_it_is(value: Any) -> None:
    assert jsontext.parse(json.dumps(value)) == value


@given(st.text(max_size=30) | st.text(alphabet='{}[]",:0123456789.eE-NaIfity \\u', max_size=30))
def test_any_text_is_json_or_malformed(text: str) -> None:
    try:
        jsontext.parse(text)
    except Malformed:
        return
    json.loads(text)


@pytest.mark.parametrize(
    "text", ["1e9999999999999999999", '{"a": [-1e-9999999999999999999]}', "0e99999999999999999999"]
)
def test_a_number_that_no_decimal_holds_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        jsontext.parse(text)


def test_the_last_month_of_the_calendar_is_a_month() -> None:
    assert scalar.shift(date(9998, 12, 31), 1, "years") == date(9999, 12, 31)
    assert scalar.shift(date(9999, 12, 31), 1, "months") is ABSENT


# ------------------------------------------------------------------------------------------------ files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20)


@pytest.mark.parametrize(
    ("media_type", "path", "head", "reason"),
    [
        ("image/png", "a.png", PNG, ""),
        ("image/png", "a", PNG, ""),
        ("audio/x-wav", "a.WAV", WAV, ""),
        ("image/jpeg", "a.png", PNG, "its name is that of image/png"),
        ("image/png", "a.png", WAV, "its content is audio/wav"),
        ("image/png", "a.png", b"", "its content does not begin as image/png does"),
        ("text/plain", "a.txt", b"hello", ""),
        ("text/plain", "a.txt", PNG, "its content is image/png"),
        ("audio/mpeg", "a.mp3", b"\xff\xfb\x90\x00", ""),
        ("image/jpeg", "a.jpg", b"\xff\xd8\xff\xe0", ""),
        ("application/x-tar", "a.tar", bytes(257) + b"ustar\x0000", ""),
        ("application/gzip", "a.tar.gz", b"\x1f\x8b\x08", ""),
        ("application/epub+zip", "a.epub", b"PK\x03\x04", ""),
        ("text/plain", "a.txt", b"PK\x03\x04", "its content is application/zip"),
        ("application/pdf", "a.pdf", b"PK\x03\x04", "its content is application/zip"),
        ("image/avif", "a.avif", b"\x00\x00\x00\x1cftypavif", ""),
        ("audio/opus", "a.opus", b"OggS\x00", ""),
        ("text/plain", "a.txt", "in UTF-16".encode("utf-16"), ""),
    ],
)
def test_a_media_type_is_borne_out_by_name_and_content(media_type: str, path: str, head: bytes, reason: str) -> None:
    assert media.objection(media_type, path, head) == reason


def stated(path: str, content: bytes, media_type: str) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"path": path, "sha256": sha256, "size": len(content), "media_type": media_type}


GOOD = stated("media/a.png", PNG, "image/png")


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        (GOOD, "", ""),
        ({**GOOD, "path": "media/b.png"}, "$.shown[0].pictures[0].path", "names no attachment of the delivery"),
        ({**GOOD, "path": "part-01.jsonl"}, "$.shown[0].pictures[0].path", "names no attachment of the delivery"),
        ({**GOOD, "size": 1}, "$.shown[0].pictures[0].size", "is not the size of the delivered file: 28 bytes"),
        ({**GOOD, "sha256": "0" * 64}, "$.shown[0].pictures[0].sha256", "is not the hash of the delivered file"),
        (
            stated("media/c.png", WAV, "image/png"),
            "$.shown[0].pictures[0].media_type",
            "is not the type of the delivered file: its content is audio/wav",
        ),
    ],
)
def test_files_are_in_the_delivery_as_stated(value: dict[str, Any], path: str, message: str, tmp_path: Path) -> None:
    """Also in a list, in a type, in a list."""
    agreed = compiled("shown: [Page]", 'type Page {\n  pictures: [File("image/*")]\n}')
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.png").write_bytes(PNG)
    (tmp_path / "media/c.png").write_bytes(WAV)
    (tmp_path / "part-01.jsonl").write_text("{}\n")
    evidence = {"attachments": attachments(tmp_path, write_manifest(tmp_path, agreed))}
    rows = [{"id": "1", "shown": [{"pictures": [value, GOOD]}]}]
    ledger = evaluate(agreed, {"Row": batches("Row", rows)}, folder=Path(), evidence=evidence).ledger
    found = next(entry for entry in ledger.entries if entry.clause == "Row.attached")
    assert [(one.path, one.message) for one in found.findings] == ([(path, message)] if path else [])
    assert found.verdict == ("breached" if path else "met")


def test_without_the_delivery_files_stay_undecided() -> None:
    agreed = compiled("picture: File?", "")
    rows = [{"id": "1", "picture": GOOD}]
    for given_, verdict in ((rows, "undecided"), ([{"id": "1"}], "met")):
        ledger = evaluate(agreed, {"Row": batches("Row", given_)}, folder=Path()).ledger
        assert next(entry for entry in ledger.entries if entry.clause == "Row.attached").verdict == verdict


def test_a_contract_without_files_does_not_ask_for_them() -> None:
    assert not [clause for clause in compiled("n: Int").clauses if clause.name == "Row.attached"]


def test_the_first_bytes_of_compressed_data_are_no_format_of_ours() -> None:
    assert media.objection("application/octet-stream", "a.bin", zlib.compress(b"x")) == ""


def test_the_list_of_licences_is_that_of_the_library() -> None:
    """After a newer license-expression: `make tables`."""
    assert names() == known(), "run `make tables`"


def test_a_listed_licence_is_what_the_library_finds_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the list each of them is read, and nothing is wrong with it."""
    monkeypatch.setattr(formats, "listed", frozenset)
    assert [name for name in sorted(listed()) if formats.license_.__wrapped__(name) is not None] == []


OWN = ("LicenseRef-House", "LicenseRef-MIT-House", "DocumentRef-Annex:LicenseRef-GPL")


def test_a_licence_of_ones_own_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads a million bytes of licences, many times as much in memory."""
    monkeypatch.setattr(formats, "spdx", lambda: pytest.fail("the library was loaded"))
    assert [name for name in OWN if formats.license_.__wrapped__(name) is not None] == []


def test_its_answer_is_the_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    """`LicenseRef-Apache` is taken for Apache-2.0, and refused for its spelling, with the quick way as without."""
    known = [*OWN, *(name for name in names() if name.lower() in taken()), "LicenseRef-scancode-3dslicer-1.0"]
    found = [formats.license_.__wrapped__(name) for name in known]
    monkeypatch.setattr(formats, "_of_its_own", lambda text: False)
    assert found == [formats.license_.__wrapped__(name) for name in known]
    assert sum(fault is not None for fault in found) > 20


@pytest.mark.parametrize(
    ("statement", "basis"),
    [
        ("{0}.outcome == good", "declared"),
        ("{0}.reward == 1", "declared"),
        ("{0}.done == true", "declared"),
        ('{0}.author != {0}.reviewer or {0}.author == "EX-1"', "declared"),
        ("all one in {0}.runs satisfies one.reward == 1", "declared"),
        ("total(one.reward for each one in {0}.runs) == 1", "declared"),
        ("words({0}.author) <= 3 words", "recomputed"),
        ('"a" in {0}.notes', "recomputed"),
        ("present({0}.outcome)", "recomputed"),
        ("mentions(id, {0}.author)", "recomputed"),
    ],
)
@pytest.mark.parametrize("group", ["target", "source", "run"])
def test_what_a_clause_rests_on_is_the_same_in_every_group(group: str, statement: str, basis: str) -> None:
    types = "type Run { reward: Int }"
    fields = "outcome: good | bad  reward: Int  done: Bool  author: Text  reviewer: Text  notes: [Text]  runs: [Run]"
    made = compiled(f"  {group} {{ {fields} }}\n  require c: {statement.format(group)}", types)
    assert next(clause.basis for clause in made.clauses if clause.name == "Row.c") == basis


def test_what_a_trial_obeys_is_no_claim() -> None:
    made = compiled("  training { split: train | test  weight: Number }\n  require c: training.weight == 0", "")
    assert next(clause.basis for clause in made.clauses if clause.name == "Row.c") == "recomputed"


@pytest.mark.parametrize(
    ("clause", "breached"),
    [
        ("not expired(kept.until, on: 2032-01-01)", [2]),
        ("kept.until >= 2032-01-01", [1, 2]),
        ("present(kept.until) implies kept.until >= 2032-01-01", [2]),
    ],
)
def test_a_retention_without_a_last_day_never_expires_and_satisfies_no_comparison(
    clause: str, breached: list[int]
) -> None:
    agreed = compiled(f"  kept: governance.Retention\n  require c: {clause}", types="use std.governance\n")
    days = [None, "2031-12-31", "2032-01-01"]
    rows = [{"id": str(at), "kept": {"from": "2026-01-01", "until": day}} for at, day in enumerate(days)]
    entries = evaluate(agreed, {"Row": batches("Row", rows)}, folder=Path()).ledger.entries
    found = next(entry for entry in entries if entry.clause == "Row.c")
    assert [one.line for one in found.findings] == breached


@pytest.mark.parametrize(
    ("hold", "found"),
    [("20% until certified or 30 days", ("0.2", "certified", 30)), ("20% until certified", ("0.2", "certified", None))],
)
def test_a_hold_may_have_no_latest_day(hold: str, found: tuple[str, str, int | None]) -> None:
    text = f"{HEAD}record Row key id {{\n  id: Text\n}}\npayment in USD {{\n  price: 1 per record\n  hold: {hold}\n}}\n"
    compiled_ = compile_source(Source("c.sftspec", text))
    assert compiled_.contract is not None and compiled_.contract.payment is not None
    paid = compiled_.contract.payment
    assert (paid.hold, paid.hold_until, paid.hold_days) == found
    assert ("SFT4123" in {one.code for one in compiled_.diagnostics}) == (found[2] is None)
