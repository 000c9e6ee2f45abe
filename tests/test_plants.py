"""Every planted defect is found by its clause, at its place, and nothing else is objected to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

MAKE = Path(__file__).resolve().parent.parent / "examples" / "back_office" / "make"
sys.path.insert(0, str(MAKE))

import planting  # noqa: E402
import plants  # noqa: E402
import trying  # noqa: E402
from planting import Plant  # noqa: E402
from plants import PLANTS  # noqa: E402
from trying import Bench  # noqa: E402

from acceptance.delivery.manifest import write_manifest  # noqa: E402
from acceptance.ledger import Finding  # noqa: E402
from acceptance.report import terminal  # noqa: E402
from acceptance.report.view import View  # noqa: E402


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return trying.bench(tmp_path_factory.mktemp("deal"))


def test_the_clean_delivery_is_met_in_silence(bench: Bench, tmp_path: Path) -> None:
    planting.write(tmp_path, planting.files(bench.clean, bench.clean))
    write_manifest(tmp_path, bench.deal.contract)
    ledger = trying.ledger(bench, tmp_path)
    assert [entry.clause for entry in ledger.entries if entry.stage in trying.STAGES and trying.objects(entry)] == []
    assert ledger.verdict(trying.STAGES) == "met"


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_plant_is_found_where_it_is_and_nothing_else(plant: Plant, bench: Bench, tmp_path: Path) -> None:
    tried = trying.tried(bench, plant, tmp_path)
    entry = tried.ledger_entry()
    assert tried.caught(), f"{plant.clause}: {entry.verdict}, {entry.observed}"
    assert tried.located(), (tried.file, tried.line, plant.path, entry.findings)
    assert tried.false_alarms() == []
    for finding in entry.findings:
        assert helps(finding), finding
    text = terminal.render(View(tried.ledger, bench.deal.contract, trying.STAGES, "delivery"))
    assert "Traceback" not in text and plant.clause in text


def helps(finding: Finding) -> bool:
    """It says what is wrong, and what to do or what was asked for."""
    return bool(finding.message) and bool(finding.help or finding.expected) and "Traceback" not in finding.message


def test_plants_are_different_kinds_by_name() -> None:
    assert len({plant.name for plant in PLANTS}) == len(PLANTS) >= 40


def test_a_careless_delivery_shows_every_defect_it_holds(tmp_path: Path) -> None:
    """At full size, so that the demo cannot lose one."""
    content = plants.careless()
    by_clause = {plant.clause for plant in PLANTS if plant.name in plants.CARELESS}
    assert set(plants.CARELESS) <= {plant.name for plant in PLANTS}
    assert len(by_clause) >= 10
    assert touched(content) == set(planting.SHARDS)


def touched(content: planting.Files) -> set[str]:
    """The shards that differ from the clean ones."""
    clean = plants.damaged([], plants.data.delivery())
    return {path for path in planting.SHARDS if content[path] != clean[path]}
