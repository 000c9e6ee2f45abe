"""The example's committed scores, decided again: the good delivery is certified, no other is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "back_office"


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    sys.path.insert(0, str(EXAMPLE / "make"))
    import table

    yield table
    sys.path.remove(str(EXAMPLE / "make"))


@pytest.fixture(scope="module")
def deal(table: Any) -> Any:
    from acceptance.deal import open_deal
    from spec_lang.lock import ROLES

    return open_deal(EXAMPLE / "back_office.sftspec", ROLES)


def test_the_scores_belong_to_the_data_base_and_recipe_that_ship(table: Any, deal: Any) -> None:
    assert table.stale(deal) == []


def test_only_the_good_delivery_is_certified(table: Any, deal: Any) -> None:
    certified = [name for name in table.damage.DAMAGES if table.certified(deal, name)]
    assert certified == ["good"]


def test_every_other_row_names_what_stops_it(table: Any, deal: Any) -> None:
    base, house = table.read("base"), table.read("house_mix")
    for name in table.damage.DAMAGES:
        first, *named = table.stops(deal, table.read(name), base, house)
        assert first in ("CERTIFIED", "not certified", "not certifiable")
        assert named or name == "good", name


def test_certifiable_rows_have_the_contracts_seeds(table: Any, deal: Any) -> None:
    for name in table.CERTIFIABLE:
        assert len(table.read(name).seeds) == deal.contract.recipe("house").seeds


def test_the_readme_shows_the_table_as_it_is_printed(table: Any, deal: Any) -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for line in table.table(deal):
        assert line.rstrip() in readme
