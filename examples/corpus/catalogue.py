"""`classes.yaml` and the plants of three deliveries to the kinds of defect, each with its plants or why it has none."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
FOLDERS = ("corpus", "back_office/make", "support_chat", "booking_runs")
sys.path[:0] = [str(HERE.parent / folder) for folder in FOLDERS]

from harness import Bench, Plant  # noqa: E402

DELIVERIES = {"office": "back_office", "chat": "support_chat", "runs": "booking_runs"}
BEYOND = "Beyond the catalogue"
"""The heading of what real data had and the catalogue does not name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of defect. `plants` has the names planted in each delivery; `why` says why there are none."""

    heading: str
    name: str
    plants: dict[str, tuple[str, ...]]
    executed: tuple[str, ...]
    why: str
    note: str


def written() -> dict[str, Any]:
    return _read("classes.yaml")


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / name).read_text("utf-8"))
    return found


def kinds() -> list[Kind]:
    """All kinds in the order of the catalogue."""
    return [
        Kind(heading, name, {key: _names(one.get(key)) for key in DELIVERIES}, _names(one.get("executed")),
             one.get("why", ""), one.get("note", ""))
        for heading, classes in written().items()
        if heading != "written later"
        for name, one in classes.items()
    ]  # fmt: skip


def missed_at_first(delivery: str) -> dict[str, str]:
    """Name of a plant that no clause objected to when it was first tried -> what became of it."""
    found: dict[str, str] = _read("first_misses.yaml")[delivery]
    return found


def left(delivery: str) -> set[str]:
    """Plants that are still not caught."""
    return {name for name, fate in missed_at_first(delivery).items() if fate.startswith("left")}


def plants(delivery: str) -> tuple[Plant, ...]:
    if delivery == "office":
        import plants as office

        return office.PLANTS
    if delivery == "chat":
        import chat_plants

        return chat_plants.PLANTS
    import run_plants

    return run_plants.PLANTS


def independent(delivery: str) -> list[str]:
    """Plants that were written before anybody looked whether a rule knows them."""
    later = _names(written()["written later"].get(delivery))
    if delivery == "runs":
        return [plant.name for plant in plants("runs") if plant.name not in later]
    if delivery == "office":
        from plants_again import AGAIN as again
    else:
        from chats_again import AGAIN as again
    return [plant.name for plant in again if plant.name not in later]


def bench(delivery: str, folder: Path) -> Bench:
    """The deal, in `folder` where it is locked there, and the clean delivery."""
    if delivery == "office":
        import trying

        return trying.bench(folder)
    if delivery == "chat":
        import chat_planting

        return chat_planting.bench()
    import run_planting

    return run_planting.bench(folder)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("; ")) if text else ()
