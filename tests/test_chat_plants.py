"""The second clean delivery, conversations: every planted defect is found, by its clause and at its place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples" / "support_chat"))

import chat_plants  # noqa: E402
from chat_plants import PLANTS, Plant, Records  # noqa: E402

from acceptance.deal import Deal  # noqa: E402


@pytest.fixture(scope="module")
def bench() -> tuple[Deal, Records]:
    return chat_plants.bench()


def test_the_clean_delivery_is_met_in_silence(bench: tuple[Deal, Records], tmp_path: Path) -> None:
    deal, clean = bench
    assert chat_plants.objecting(chat_plants.judged(chat_plants.written(clean), deal, tmp_path)) == []


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_plant_is_found_where_it_is_and_nothing_else(
    plant: Plant, bench: tuple[Deal, Records], tmp_path: Path
) -> None:
    deal, clean = bench
    tried = chat_plants.tried(plant, clean, deal, tmp_path)
    entry = tried.entry()
    assert tried.caught(), f"{plant.clause}: {entry.verdict}, {entry.observed}"
    assert tried.located(), (tried.line, plant.path, entry.findings)
    assert tried.false_alarms() == []


def test_the_table_in_the_documents_lists_every_plant() -> None:
    """`python examples/plant_table.py` writes it; what it says is tested above and in test_plants.py."""
    sys.path.insert(0, str(ROOT / "examples" / "back_office" / "make"))
    import plants

    text = (ROOT / "docs" / "plants.md").read_text("utf-8")
    for plant in [*PLANTS, *plants.PLANTS]:
        assert f"| {plant.name} |" in text
        assert f"`{plant.clause}`" in text
    assert f"{len(PLANTS)} of {len(PLANTS)}" in text and f"{len(plants.PLANTS)} of {len(plants.PLANTS)}" in text
