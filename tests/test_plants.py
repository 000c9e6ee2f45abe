"""Planted defects: of every kind, in every delivery that has it, one is found where it is, and nothing else objects.

All plants are tried with `SFTSPEC_PLANTS=all`, and by `python examples/corpus/table.py`, which writes docs/plants.md.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples" / "corpus"))

import catalogue  # noqa: E402
import harness  # noqa: E402
from catalogue import BEYOND, DELIVERIES  # noqa: E402
from harness import SILENT, Bench, Plant, Tried  # noqa: E402

from acceptance.ledger import Finding  # noqa: E402
from acceptance.report import html, terminal  # noqa: E402
from acceptance.report.view import View  # noqa: E402
from acceptance.validation import decide, open_delivery  # noqa: E402

KINDS = catalogue.kinds()
EVERY = os.environ.get("SFTSPEC_PLANTS") == "all"
FIRST = {(one, names[0]) for kind in KINDS for one, names in kind.plants.items() if names}
CHOSEN = [
    pytest.param(one, plant, id=f"{one}: {plant.name}", marks=pytest.mark.xdist_group(one))
    for one in DELIVERIES
    for plant in catalogue.plants(one)
    if EVERY or (one, plant.name) in FIRST or plant.name in catalogue.left(one)
]


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    return {one: catalogue.bench(one, tmp_path_factory.mktemp(one)) for one in DELIVERIES}


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_clean_delivery_is_met_in_silence(delivery: str, benches: dict[str, Bench], tmp_path: Path) -> None:
    bench = benches[delivery]
    ledger = harness.clean_ledger(bench, tmp_path)
    assert [one.clause for one in ledger.entries if one.stage in bench.stages and harness.objects(one)] == []
    assert ledger.verdict(bench.stages) == "met"


@pytest.mark.parametrize(("delivery", "plant"), CHOSEN)
def test_a_plant_is_found_where_it_is_and_nothing_else(
    delivery: str, plant: Plant, benches: dict[str, Bench], tmp_path: Path
) -> None:
    tried = harness.tried(benches[delivery], plant, tmp_path)
    if plant.name in catalogue.left(delivery):
        assert not tried.caught(), "it is found now: say so in classes.yaml"
    elif plant.clause == SILENT:
        assert tried.objections() == []
    else:
        caught(tried)
    assert tried.false_alarms() == []


def caught(tried: Tried) -> None:
    entry = tried.ledger_entry()
    assert tried.caught(), f"{entry.clause}: {entry.verdict}, {entry.observed}"
    assert tried.located(), (tried.file, tried.line, tried.plant.path, entry.findings)
    for finding in entry.findings:
        assert helps(finding), finding


def helps(finding: Finding) -> bool:
    """It says what is wrong, and what to do or what was asked for."""
    return bool(finding.message) and bool(finding.help or finding.expected) and "Traceback" not in finding.message


INJECTED = next(kind for kind in KINDS if kind.name == "report injection").plants


@pytest.mark.parametrize(("delivery", "name"), [(one, name) for one, names in INJECTED.items() for name in names])
def test_no_report_lets_out_what_a_record_holds(
    delivery: str, name: str, benches: dict[str, Bench], tmp_path: Path
) -> None:
    plant = next(one for one in catalogue.plants(delivery) if one.name == name)
    bench = benches[delivery]
    harness.tried(bench, plant, tmp_path)
    sent = open_delivery(tmp_path / "delivery", bench.deal)
    ledger = decide(bench.deal, sent, bench.stages, secrets=bench.nonces, show_values=True).ledger
    view = View(ledger, bench.deal.contract, bench.stages, "delivery")
    page, screen = html.render(view), terminal.render(view)
    assert "HYPERLINK" in page or "onerror" in page  # it is shown
    assert "<script>alert" not in page and "<img" not in page
    assert "\x1b[2J" not in page + screen


# ------------------------------------------------------------------------------------------------ the catalogue


def test_every_plant_is_of_one_kind_and_every_name_is_a_plant() -> None:
    for one in DELIVERIES:
        names = [plant.name for plant in catalogue.plants(one)]
        listed = [name for kind in KINDS for name in kind.plants[one]]
        assert sorted(listed) == sorted(names) and len(set(names)) == len(names)


def test_every_kind_of_the_catalogue_is_planted_in_two_deliveries_or_says_why_not() -> None:
    thin = [
        kind.name
        for kind in KINDS
        if kind.heading != BEYOND and not kind.why and sum(map(bool, [*kind.plants.values(), kind.executed])) < 2
    ]
    assert thin == []
    assert sum(kind.heading != BEYOND for kind in KINDS) == 122


def test_what_was_missed_at_first_is_a_variant() -> None:
    for one in DELIVERIES:
        assert set(catalogue.missed_at_first(one)) <= set(catalogue.independent(one))


def test_executed_plants_are_those_of_the_agents_example() -> None:
    text = (ROOT / "examples" / "repo_repair" / "README.md").read_text("utf-8")
    assert all(f"| {name} |" in text for kind in KINDS for name in kind.executed)


def test_the_table_in_the_documents_is_of_these_plants() -> None:
    text = (ROOT / "docs" / "plants.md").read_text("utf-8")
    for one, name in DELIVERIES.items():
        number, missed = len(catalogue.plants(one)), len(catalogue.left(one))
        assert f"| {name} | {number} | {number - missed} (" in text
    for kind in KINDS:
        counts = [
            f"{len(names) - len(catalogue.left(one) & set(names))} of {len(names)}" if names else "-"
            for one, names in kind.plants.items()
        ]
        assert not any(kind.plants.values()) or f"| {kind.name} | {' | '.join(counts)} |" in text
        assert not kind.why or f"| {kind.name} | {kind.why} |" in text
    caught = re.search(r"^\| all \| \d+ \| \d+ \(([\d.]+) %\) \| \d+ of \d+ \| 0 \| 0 \|$", text, re.MULTILINE)
    assert caught and float(caught[1]) >= 98


# ------------------------------------------------------------------------------------------------ the demo's delivery


def test_a_careless_delivery_shows_every_defect_it_holds() -> None:
    """At full size, so that the demo cannot lose one."""
    import data
    import planting
    import plants

    content = plants.careless()
    clean = harness.damaged([], data.delivery(), planting.files)
    named = [plant for plant in plants.PLANTS if plant.name in plants.CARELESS]
    assert len(named) == len(plants.CARELESS) and len({plant.clause for plant in named}) >= 10
    assert {path for path in planting.SHARDS if content[path] != clean[path]} == set(planting.SHARDS)
