"""Charts: every position is worked out by hand here, from the rows that it stands for."""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from acceptance.certification.procedure import Request
from acceptance.commands import certify
from acceptance.deal import Deal, open_deal, renderers
from acceptance.engine.evaluation import Outcome
from acceptance.engine.figures import BINS, binned
from acceptance.figures import Census, Figures, Histogram, Limit, Share, Slice
from acceptance.ledger import Entry, Ledger, Statistics
from acceptance.rendering import Renderer
from acceptance.report import charts, curves, trialcharts
from acceptance.report.curves import Curve
from acceptance.report.drawings import Mark, Plot, Strips
from acceptance.report.view import View
from acceptance.signing.secrets import Secrets
from acceptance.validation import decide, open_delivery
from spec_lang.contract import STAGES
from tests import synthetic
from tests.build import judge, row
from tests.procurement import build, done, sftspec
from tests.test_report import AGREED, ROWS, STATS, tried

CLAUSES = """
mixture on Request by records {
  input.task: payment 20%..30%, refund >= 5%, invoice <= 90%, general rest
}

mixture on Request by tokens of house {
  input.date_form: "none" <= 60%
}

terms lengths on Request using house {
  require short: p99(rendered_tokens(by: house)) <= 128 tokens
  report trained: mean(trained_tokens(by: house))
  advise few_copies: share(near_duplicate(input.request, shingle: 3 words, similarity: 0.8)) <= 2%
}
"""


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Deal:
    """The small procurement with clauses that count; five requests repeat another, three of them the same."""
    made = build(tmp_path_factory.mktemp("deal"))
    made.write_text(made.read_text().replace('  keys: "keys.json"\n', "") + CLAUSES)
    path = made.parent / "delivery/part-01.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for at, copied in ((3, 0), (5, 0), (9, 0), (12, 1), (14, 2)):
        rows[at]["input"]["request"] = rows[copied]["input"]["request"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done(sftspec("manifest", made, made.parent / "delivery"))
    return open_deal(made)


@pytest.fixture(scope="module")
def outcome(deal: Deal) -> Outcome:
    return decide(deal, open_delivery(deal.folder / "delivery", deal), ("delivery",))


@pytest.fixture(scope="module")
def accepted(deal: Deal, outcome: Outcome) -> list[dict[str, object]]:
    lines = [line for part in ("part-01", "part-02")
             for line in (deal.folder / f"delivery/{part}.jsonl").read_text().splitlines()]  # fmt: skip
    return [json.loads(line) for line, kept in zip(lines, outcome.accepted["Request"], strict=True) if kept]


def test_shares_are_those_of_the_accepted_rows(outcome: Outcome, accepted: list) -> None:
    tasks = Counter(row["input"]["task"] for row in accepted)
    shares = {share.clause: share for share in outcome.figures.shares}
    for task, ends in (("payment", (0.2, 0.3)), ("refund", (0.05, None)), ("invoice", (None, 0.9)),
                       ("general", (None, None))):  # fmt: skip
        share = shares[f"mixture.input.task.{task}"]
        assert share.low == share.high == pytest.approx(tasks[task] / len(accepted))
        assert (share.least, share.most) == ends


def trained(renderer: Renderer, row: dict[str, Any]) -> int:
    """Tokens of the row that bear loss in the trial."""
    return sum(renderer.encode(row).trained) if row["training"]["split"] == "train" else 0


def test_a_mixture_by_tokens_weighs_rows_by_their_trained_tokens(deal: Deal, outcome: Outcome, accepted: list) -> None:
    renderer = renderers(deal)("house")
    tokens = [(row["input"]["date_form"], trained(renderer, row)) for row in accepted]
    expected = sum(count for form, count in tokens if form == "none") / sum(count for _, count in tokens)
    share = next(one for one in outcome.figures.shares if one.clause == "mixture.input.date_form.none")
    assert share.low == pytest.approx(expected)
    entry = next(one for one in outcome.ledger.entries if one.clause == share.clause)
    assert entry.verdict == "met" and entry.observed == f"{100 * expected:.2f} %"


def test_tokens_are_counted_by_length_by_entry_and_under_the_mask(deal: Deal, outcome: Outcome, accepted: list) -> None:
    renderer = renderers(deal)("house")
    examples = [renderer.encode(row) for row in accepted]
    (census,) = outcome.figures.census
    assert (census.rows, census.tokens) == (len(accepted), sum(example.length for example in examples))
    assert census.trained == sum(trained(renderer, row) for row in accepted)
    for part in census.slices:
        kept = [trained(renderer, row) for row in accepted
                if part.clause.rpartition(".")[2] in (row["input"]["task"], row["input"]["date_form"])]  # fmt: skip
        assert (part.rows, part.trained) == (len(kept), sum(kept))
    rendered = next(one for one in outcome.figures.histograms if one.what == "rendered_tokens(house)")
    assert rendered.limits == (Limit("lengths.short", 128.0),) and rendered.unit == "tokens"
    expected = Counter((example.length - rendered.start) // rendered.step for example in examples)
    assert {place: count for place, count in enumerate(rendered.counts) if count} == expected


def test_clusters_are_counted_by_size(outcome: Outcome) -> None:
    """One request four times, two requests twice; dropped copies are among them: they were delivered."""
    assert [one.sizes for one in outcome.figures.clusters] == [{2: 2, 4: 1}, {2: 2, 4: 1}]


def test_what_nobody_asks_for_is_not_counted() -> None:
    figures = judge(AGREED, [row(1), row(2)]).figures
    assert (figures.histograms, figures.clusters, figures.census) == ((), (), ())


def test_bins_are_few_round_and_lose_nothing() -> None:
    dice = random.Random(2)
    for top in (1, 5, 29, 30, 31, 299, 1_000, 123_456):
        lengths = Counter(dice.randint(0, top) for _ in range(500))
        start, step, counts = binned(lengths)
        assert len(counts) <= BINS + 1 and step in {1, 2, 5, 10, 20, 50, 100, 5_000}
        for place, count in enumerate(counts):
            low = start + place * step
            assert count == sum(times for length, times in lengths.items() if low <= length < low + step)
        assert sum(counts) == 500


# ------------------------------------------------------------------------------------------------ drawings


NOTHING = Ledger(contract="", lock="", delivery="", counts=(), entries=())


def drawn(**more: Any) -> list[Strips | Plot]:
    return list(charts.of(View(NOTHING, AGREED, **more)))


def test_a_mixture_is_drawn_to_scale() -> None:
    shares = (Share("mixture.a", 0.21, 0.21, 0.18, 0.24), Share("mixture.b", 0.1, 0.3, None, 0.4),
              Share("mixture.c", 0.05, 0.05, 0.02, None))  # fmt: skip
    (chart,) = drawn(figures=Figures(shares=shares))
    assert isinstance(chart, Strips) and chart.ends == ("0 %", "20 %", "40 %")
    assert [strip.value for strip in chart.rows] == [
        "21 % (18 % to 24 %)", "10 % to 30 % (at most 40 %)", "5 % (at least 2 %)",
    ]  # fmt: skip
    marks = [(mark.kind, round(mark.at, 6), round(mark.to, 6)) for mark in chart.rows[0].marks]
    assert marks == [("band", 45, 60), ("bar", 0, 52.5), ("limit", 45, 0), ("limit", 60, 0)]


def test_a_gain_is_drawn_with_its_bounds_and_what_is_asked() -> None:
    (chart,) = trialcharts.gains(tried())
    assert isinstance(chart, Strips)
    (strip,) = chart.rows
    assert strip.value == "+5.1 pp (+3.4 pp to +6.8 pp); asked >= 3pp; executed"
    low, high = -0.05 * 0.068, 0.068 * 1.05
    places = {mark.kind: (mark.at, mark.to) for mark in strip.marks}

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    assert places["dot"][0] == pytest.approx(at(float(STATS.delta)))
    assert places["reach"] == pytest.approx((at(0.034), at(0.068)))
    assert places["limit"][0] == pytest.approx(at(0.03)) and places["zero"][0] == pytest.approx(at(0))


def test_a_histogram_is_drawn_to_scale() -> None:
    one = Histogram("rendered_tokens(house)", "tokens", 10, 5, (1, 4), (Limit("short", 30.0), Limit("far", 9_000.0)))
    (chart,) = drawn(figures=Figures(histograms=(one,)))
    assert isinstance(chart, Plot) and chart.ends == ("10", "30 tokens") and chart.top == "0 to 4 rows"
    assert chart.bars == (
        (0, 25, 25, "10 to 14 tokens: 1 row"), (25, 25, 100, "15 to 19 tokens: 4 rows"),
    )  # fmt: skip
    assert chart.limits == ((100, "short: 30 tokens"),)


def test_the_mask_is_drawn_whole_and_by_entry() -> None:
    one = Census("house", 4, 200, 50, (Slice("mixture.a", 1, 40), Slice("mixture.b", 0, 0)))
    whole, entries = drawn(figures=Figures(census=(one,)))
    assert isinstance(whole, Strips) and isinstance(entries, Strips)
    assert whole.rows[0].marks == (Mark("bar", 0, 100), Mark("part", 0, 25))
    assert [strip.value for strip in entries.rows] == ["40 (40.0 a row)", "0 (no row)"]


def test_findings_are_drawn_by_clause() -> None:
    (chart,) = charts.of(View(judge(AGREED, ROWS).ledger, AGREED))
    assert isinstance(chart, Strips)
    assert [(strip.label, strip.value, strip.marks[0].to) for strip in chart.rows] == [
        ("mixture.refund", "2", 100), ("people.four_eyes", "1 dropped", 50), ("Request.closed", "1", 50),
    ]  # fmt: skip


def test_losses_come_from_the_logs_of_the_runs(tmp_path: Path) -> None:
    (tmp_path / "vendor-12.log").write_text("50 2.0 1.0 0.1 99\n100 nan 1 1 1\n150 1.0 0 0 0\nnonsense\n")
    (tmp_path / "house_mix-7.log").write_text("50 4.0 1.0 0.1 99\n")
    (tmp_path / "notes.log").write_text("hello\n")
    (tmp_path / "base-1.txt").write_text("50 4.0\n")
    found = curves.read(tmp_path)
    assert found == (Curve("house_mix", "7", ((50, 4.0),)), Curve("vendor", "12", ((50, 2.0), (150, 1.0))))
    assert curves.read(tmp_path / "nowhere") == ()
    (chart,) = trialcharts.losses(found)
    assert chart.ends == ("step 50", "step 150") and chart.top == "0 to 4"
    assert [(line.hue, line.points) for line in chart.lines] == [("first", ((0, 0),)), ("second", ((0, 50), (100, 75)))]


def test_the_page_of_a_certification_draws_its_logs(deal: Deal, outcome: Outcome, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/vendor-12.log").write_text("50 2.0 1.0 0.1 99\n100 1.0 1 1 1\n")
    delivery = open_delivery(deal.folder / "delivery", deal)
    ledger = tmp_path / "exposures.jsonl"
    request = Request(deal, delivery, Secrets(key="a" * 64), ledger, (), tmp_path, 1, None, 1, "", 1)
    with contextlib.redirect_stdout(io.StringIO()):
        certify._report(request, outcome.ledger, STAGES, outcome.figures)
    page = (tmp_path / "report.html").read_text()
    assert "Training loss of every run" in page and "<title>vendor, seed 12</title>" in page
    assert "Mixture: found and agreed" in page


def worth(*figures: tuple[float, float, float], records: int = 0) -> tuple[Statistics, ...]:
    return tuple(STATS.model_copy(update={"lower": str(low), "delta": str(mid), "upper": str(high), "records": records})
                 for low, mid, high in figures)  # fmt: skip


def told(name: str, statistics: tuple[Statistics, ...]) -> list[Strips | Plot]:
    """The charts of one clause about parts of the delivery."""
    return list(trialcharts.gains(about(name, statistics)))


def about(name: str, statistics: tuple[Statistics, ...]) -> View:
    entry = Entry(
        clause=name, role="report", stage="trial", verdict="reported", basis="executed", statistics=statistics
    )
    ledger = Ledger(contract="", lock="", delivery="", counts=(), entries=(entry,))
    return View(ledger, synthetic.contract(parts=True), STAGES)


def test_shares_are_drawn_from_the_base_on() -> None:
    """The scale of -10 to 80 points has 4.5 points of room on both sides."""
    (chart,) = told("acceptance.half", worth((0.1, 0.3, 0.5), (-0.1, 0.4, 0.8), records=40))
    assert isinstance(chart, Plot) and chart.top == "-14.5 pp to +84.5 pp"

    def down(value: float) -> float:
        return pytest.approx(100 - 100 * (value + 0.145) / 0.99)

    assert chart.level == down(0)
    (line,) = chart.lines
    assert line.points == ((0, down(0)), (50, down(0.3)), (100, down(0.4)))
    assert [reach[:4] for reach in chart.reaches] == [
        (50, down(0.5), down(0.3), down(0.1)), (100, down(0.8), down(0.4), down(-0.1))]  # fmt: skip
    assert chart.reaches[0][4].endswith("40 records: +30.0 pp (+10.0 pp to +50.0 pp)")


def test_slices_are_drawn_twice_on_one_scale() -> None:
    pairs = worth((0.1, 0.2, 0.3), (0.2, 0.4, 0.6), (-0.1, 0.0, 0.1), (0.0, 0.1, 0.2), records=200)
    random, nothing = told("acceptance.worth", pairs)
    assert isinstance(random, Strips) and isinstance(nothing, Strips)
    assert random.title.endswith("over as many records at random") and nothing.title.endswith("nothing in its place")
    assert [row.label for row in (*random.rows, *nothing.rows)] == ["refund", "invoice"] * 2
    assert random.rows[0].value == (
        "+20.0 pp (+10.0 pp to +30.0 pp); 200 records; +100.0 pp (+50.0 pp to +150.0 pp) per thousand"
    )
    dots = [next(mark.at for mark in row.marks if mark.kind == "dot") for row in (*random.rows, *nothing.rows)]
    assert dots == [pytest.approx(100 * (value + 0.135) / 0.77) for value in (0.2, 0.0, 0.4, 0.1)]
    assert random.ends == nothing.ends


def test_a_slice_of_few_records_has_no_rate() -> None:
    random, _ = told("acceptance.worth", worth(*[(0.1, 0.2, 0.3)] * 4, records=99))
    assert isinstance(random, Strips) and random.rows[0].value.endswith("; 99 records")
