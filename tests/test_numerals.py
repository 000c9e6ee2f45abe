"""What is written as elsewhere is read as it was meant, and nothing that the language can say is taken for it."""

from __future__ import annotations

import pytest

from spec_lang.lexer import read_tokens
from spec_lang.numerals import misread
from spec_lang.parser import parse
from spec_lang.source import Source

MEANT = {
    "31.12.2026": "2026-12-31", "12/31/2026": "2026-12-31", "2026-1-9": "2026-01-09", "Nov 1st, 2026": "2026-11-01",
    "1 May 2026": "2026-05-01", "2026-11-01T10:00Z": "2026-11-01", "29.02.2027": "2027-01-01", "1.0.0": '"1.0.0"',
    "1,800": "1_800", "1,234,567.5": "1_234_567.5", "1.234,50": "1_234.50", "0,5": "0.5", "10 000": "10_000",
    "10\u00a0000": "10_000", "1'000": "1_000", ".5": "0.5", "2.000 chars": "2_000", "2k": "2_000",
    "1.5k tokens": "1_500 tokens",
    "2 weeks": "14 days", "1 MB": "1_000_000 bytes", "250 ms": "0.25 seconds", "5‰": "0.5%", "5 per cent": "5%",
    "5\u00a0%": "5 %", "$5": "5 USD", "5 €": "5 EUR", "CHF 5": "5 CHF", "5-10%": "5%..10%", "5%-10%": "5%..10%",
    "1 to 20 chars": "1..20 chars", "1–20": "1..20", "1...20": "1..20", "1,000-2,000": "1_000..2_000",
    "between 5 and 10 pp": "5pp..10 pp", "at most 5%": "..5%", "=<": "<=", "+/-": "+-",
}  # fmt: skip

LEFT_ALONE = (
    "1_800", "1.5", "1e-6", "5e3", "5 %", "20 chars", "1..20 chars", "5%..10%", "2026-11-01", "2026-11-01..2026-11-30",
    "10-5", "5 - 10", "1.50 USD", "at 95% confidence", "USD 30%", "EUR 30 records", "between", "may", "12.125 words",
    "0.500 words", "30 days", "<= 5", "<", "5 k: Text", "5 weeks : Text", "5 to: Int 1", "== 5", "2,30,4",
)  # fmt: skip


@pytest.mark.parametrize("written", MEANT)
def test_what_is_written_elsewhere_is_read(written: str) -> None:
    found = misread(written, 0, separates=False)
    assert found is not None and found[1].text == MEANT[written]
    assert misread(found[1].text, 0, separates=False) is None


@pytest.mark.parametrize("written", LEFT_ALONE)
def test_what_the_language_says_is_left_alone(written: str) -> None:
    assert misread(written, 0, separates=False) is None


@pytest.mark.parametrize("values", ["{ 1,200 }", "near(a, 1,200)", "f(x: 3,5)", "{ f(1,5), 2,300 }"])
def test_a_comma_between_values_stays_one(values: str) -> None:
    tokens, _, problems = read_tokens(Source("a.sftspec", f"x in {values}"))
    assert not problems and any(token.type == "COMMA" for token in tokens)


def test_a_repair_leaves_a_sound_line() -> None:
    """What an editor puts in the place of each mistake is what the parser went on with."""
    text = (
        'record R key id {\n  id: Text 1–2,000 chars\n  require a: share(x == "") ≤ 0,5%\n  count: Int 1 to 1,000\n}\n'
    )
    problems = parse(Source("a.sftspec", text))[1]
    assert len(problems) == 4
    for problem in reversed(problems):
        assert problem.fix is not None
        text = text[: problem.fix.span.start] + problem.fix.text + text[problem.fix.span.end :]
    assert parse(Source("a.sftspec", text))[1] == []
    assert "1..2_000 chars" in text and "<= 0.5%" in text and "1..1_000" in text
