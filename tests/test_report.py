"""Reports: one hostile delivery in four dresses. Nothing it says may act on the reader's machine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from typing import Any

import pytest

from acceptance.ledger import Entry, Finding, Ledger, Statistics
from acceptance.report import html, machine, sarif, terminal
from acceptance.report.view import View, safe
from spec_lang.types import Quantity
from tests.build import agg, clause, const, contract, eq, every, judge, op, path, pct, row, share, well

TASK = path("input.task")
POINTS = Quantity(unit="pp")
AGREED = contract(
    every("people.four_eyes", op("!=", path("source.reviewer"), path("source.author")), otherwise="drop record",
          text="Nobody reviews their own work"),
    every("Request.closed", well("")),
    clause("mixture.refund", op("<=", share(eq(TASK, path("input.task"))), pct("30")), basis="declared"),
    clause("acceptance.gain", op(">=", agg("gain", POINTS), const("3", POINTS)), stage="trial"),
    title="Requests & <answers>",
)  # fmt: skip
HOSTILE = "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202egnp.exe\n::error::x"
ROWS = [row(1), row(2, source__reviewer="E1"), {**row(3), HOSTILE: HOSTILE}]


@pytest.fixture(scope="module")
def view() -> View:
    return View(judge(AGREED, ROWS, show_values=True).ledger, AGREED, folder="delivery")


def test_terminal(view: View) -> None:
    text = terminal.render(view)
    assert text.splitlines()[:4] == [
        "test 1", "  Request: 3 delivered, 1 dropped, 2 accepted", "  Expert: 2 delivered", "",
    ]  # fmt: skip
    assert (
        "    delivery/part-1.jsonl:2 $.source.reviewer, $.source.author: `source.reviewer != source.author` does"
        in text
    )
    assert "  acceptance.gain: decided by the trial" in text
    assert text.splitlines()[-1] == "breached: of 3 required clauses (delivery) 1 met, 2 breached"


NAMES = ["input.text", "input.task", "source.author", "source.reviewer", "source"]


@pytest.mark.parametrize("changes", [{"input": None, "source": None}, {"input": 1, "source": 2}])
def test_clauses_that_wait_for_the_same_rows_are_told_together(changes: dict[str, Any]) -> None:
    """A row that lacks a group leaves every clause about that group open; what to mend first is said once."""
    fields = [every(f"Request.{name}", well(name), origin="field") for name in [*NAMES, "input"]]
    waiting = [every(f"rules.{at}", eq(path("source.author"), path("source.reviewer"))) for at in range(4)]
    agreed = contract(*fields, *waiting)
    lines = terminal.render(
        View(judge(agreed, [row(1, source__reviewer="E1"), row(2, **changes)]).ledger, agreed)
    ).splitlines()
    at = lines.index("Undecided:")
    assert lines[at + 1 : at + 5] == [
        "  8 clauses: Request.input.text, Request.input.task, Request.source.author and 5 more",
        "    1 row has a value that is not of its declared type and could not be judged",
        "    help: mend `Request.input` and `Request.source` first",
        "",
    ]


def test_few_clauses_that_wait_for_the_same_rows_are_told_one_by_one() -> None:
    agreed = contract(*(every(f"Request.{name}", well(name), origin="field") for name in ["input", "input.text"]))
    text = terminal.render(View(judge(agreed, [row(1), row(2, input=None)]).ledger, agreed))
    assert "  Request.input.text\n    found: 0 of 2 rows fail\n    1 row has a value that" in text


def test_nothing_delivered_reaches_a_terminal_unspelled(view: View) -> None:
    for text in (terminal.render(view), "".join(machine.render(view)), "".join(sarif.render(view))):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        assert not any(line.startswith("::error") for line in text.splitlines())


def test_colours_only_where_asked(view: View) -> None:
    assert "\x1b[31;1mbreached" in terminal.render(view, color=True)
    assert not terminal.wants_color(io.StringIO())


def test_html_is_self_contained_and_escaped(view: View) -> None:
    page = html.render(view)
    assert page.count("<script") == 1 and page.count("</script") == 1  # ours
    assert "&lt;script&gt;" in page
    assert "Requests &amp; &lt;answers&gt;" in page
    assert not re.search(r"src\s*=|href\s*=\s*\"[^#]|url\(|@import|javascript:", page)
    assert not re.search(r"\s(on\w+|style)\s*=", page)
    assert "\x1b" not in page and "\u202e" not in page


def test_the_page_may_use_its_own_style_and_script_and_nothing_else(view: View) -> None:
    page = html.render(view)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (code,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, code)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; base-uri 'none'; "
        "form-action 'none'"
    )


STATS = Statistics(
    of="gain(exam)", delta="0.051", se="0.01", df="20", lower="0.034", upper="0.068", p="0.001", confidence="0.95",
    items=800, clusters=160, seeds=10,
)  # fmt: skip


def tried() -> View:
    entry = Entry(
        clause="acceptance.gain", role="require", stage="trial", verdict="met", basis="executed", bound=">= 3pp",
        statistics=(STATS,),
    )  # fmt: skip
    ledger = Ledger(contract="", lock="l" * 64, delivery="", counts=(), entries=(entry,))
    return View(ledger, AGREED, stages=("delivery", "review", "trial"))


def test_html_shows_statistics() -> None:
    page = html.render(tried())
    assert "+5.1 pp" in page and "+3.4 pp to +6.8 pp" in page and "800, 160, 10" in page


def test_json_is_the_ledger(view: View) -> None:
    found = json.loads("".join(machine.render(view)))
    assert Ledger.model_validate(found["ledger"]) == view.ledger
    assert (found["verdict"], found["stages"]) == ("breached", ["delivery"])


def test_json_and_sarif_are_written_in_pieces() -> None:
    finding = Finding(clause="a.b", file="f", line=1, path="$", message="m" * 1_000)
    entry = Entry(clause="a.b", role="require", stage="delivery", verdict="breached", basis="recomputed",
                  findings=(finding,) * 20)  # fmt: skip
    view = View(Ledger(contract="c", lock="", delivery="", counts=(), entries=(entry,) * 20), AGREED)
    assert max(map(len, machine.render(view))) < 1_100
    assert max(map(len, sarif.render(view))) < 1_100


def test_sarif(view: View) -> None:
    (run,) = json.loads("".join(sarif.render(view)))["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert rules == {"people.four_eyes", "Request.closed", "mixture.refund"}
    assert all(result["ruleId"] in rules and result["message"]["text"] for result in run["results"])
    first: dict[str, Any] = run["results"][0]
    assert (first["ruleId"], first["level"]) == ("people.four_eyes", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("delivery/part-1.jsonl", 2)
    assert {result["level"] for result in run["results"] if result["ruleId"] == "Request.closed"} == {"error"}


@pytest.mark.parametrize(
    ("binding", "reason", "told"),
    [(True, "no sandbox", "no sandbox"), (True, "", "undecided"), (False, " ", "would be undecided")],
)
def test_every_sarif_result_says_something(binding: bool, reason: str, told: str) -> None:
    entry = Entry(clause="people.four_eyes", role="require", stage="delivery", verdict="undecided", basis="recomputed",
                  binding=binding, text="", observed="", bound="", reason=reason)  # fmt: skip
    ledger = Ledger(contract="c", lock="", delivery="", counts=(), entries=(entry,))
    (run,) = json.loads("".join(sarif.render(View(ledger, AGREED))))["runs"]
    assert [result["message"]["text"] for result in run["results"]] == [told]


@pytest.mark.parametrize("file", ["\udcff.jsonl", "\ud800", "a\nb", "C:\\x", "%41", "x" * 5_000, "'\"<>&`{{ x }}"])
def test_every_report_can_name_any_file(file: str) -> None:
    """A name that is not UTF-8 arrives as half a surrogate pair."""
    finding = Finding(clause="people.four_eyes", file=file, line=0, path=f"$.{file}", message="is there", found=file)
    entry = Entry(clause="people.four_eyes", role="require", stage="delivery", verdict="breached", basis="recomputed",
                  text=file, observed=file, bound=file, reason=file, marked=1, findings=(finding,))  # fmt: skip
    ledger = Ledger(contract="c", lock="", delivery="", counts=(), entries=(entry,))
    for render in (terminal.render, html.render, machine.render, sarif.render):
        assert "".join(render(View(ledger, AGREED, folder=file))).encode()
    (run,) = json.loads("".join(sarif.render(View(ledger, AGREED))))["runs"]
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch("[A-Za-z0-9_.~/%-]+", uri)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a\\x09b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("é 漢 😀", "é 漢 😀"),
        ("x" * 500, "x" * 400 + "..."),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_values_are_left_out_unless_asked_for() -> None:
    ledger = judge(AGREED, ROWS).ledger
    for text in (
        terminal.render(View(ledger, AGREED)),
        html.render(View(ledger, AGREED)),
        "".join(machine.render(View(ledger, AGREED))),
    ):
        assert '"E1"' not in text and "&#34;E1&#34;" not in text


# ------------------------------------------------------------------------------------------------ forecasts


MIX = clause("mixture.refund", op("<=", share(eq(TASK, const("refund", TASK.type))), pct("30")))


@pytest.fixture(scope="module")
def early() -> View:
    """Half of the rows of the first of two lots are refunds, where three in ten may be in the end."""
    agreed = contract(every("Request.closed", well("")), MIX, lots=2, due=("2027-01-31", "2027-02-28"))
    return View(judge(agreed, [row(1), row(2, input__task="refund")]).ledger, agreed)


def test_a_forecast_is_told_as_one_in_the_terminal(early: View) -> None:
    text = terminal.render(early)
    assert "Breached:" not in text
    assert "Forecast: would be breached at the last lot (no breach now):\n  mixture.refund" in text
    assert "  would be breached mixture.refund  recomputed  50 % (1 of 2)\n" in text
    assert text.splitlines()[-1] == (
        "met: of 1 required clauses (delivery) 1 met; 1 more binds at the last lot, "
        "and 1 would be breached if it were this one"
    )


def test_a_forecast_is_told_as_one_on_the_page_in_json_and_in_sarif(early: View) -> None:
    page = html.render(early)
    assert '<td class="verdict breached">would be breached<br><span class="small">forecast for the last lot' in page
    assert "a forecast after 1 of 2 lots; binding at the last lot, due 2027-02-28" in page
    report = json.loads("".join(machine.render(early)))
    assert (report["verdict"], report["forecast"]) == ("met", "breached")
    (result,) = json.loads("".join(sarif.render(early)))["runs"][0]["results"]
    assert result["level"] == "note"
    assert result["message"]["text"] == "would be breached; counts against `share(input.task == refund) <= 30%`"


def test_where_nothing_waits_for_the_last_lot_there_is_no_forecast(view: View) -> None:
    assert json.loads("".join(machine.render(view)))["forecast"] is None
    assert "Forecast" not in terminal.render(view)
