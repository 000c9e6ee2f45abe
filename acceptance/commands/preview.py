"""`sftspec preview`: one record of a delivery to what the model will be trained on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acceptance.deal import Deal, open_deal, renderers
from acceptance.errors import BREACHED, MET, USAGE, Refused
from acceptance.measures.protocol import Unavailable
from acceptance.rendering import Renderer, RenderingError
from acceptance.rendering.lesson import Lesson, lesson
from acceptance.report import preview
from acceptance.report.preview import Shown
from acceptance.report.terminal import wants_color
from acceptance.tables import Origin
from acceptance.validation import Delivery, located_rows, open_delivery

Place = tuple[Origin, dict[str, Any]]
Wanted = Callable[[int, Place], bool]


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 for a record that cannot be trained on, 2 for one that is not there."""
    deal = open_deal(arguments.contract)
    renderer = chosen(deal, arguments.recipe)
    delivery = open_delivery(arguments.delivery, deal)
    origin, row = found(deal, delivery, renderer.recipe.table, arguments)
    place = f"{str(arguments.delivery).rstrip('/')}/{origin.file}:{origin.line}"
    shown = Shown(learnt(renderer, row, place), named(deal, renderer.recipe.table, row), place)
    if arguments.format == "json":
        print(preview.as_json(shown))
    elif arguments.format == "html":
        print(preview.as_html(shown))
    else:
        print(preview.as_text(shown, wants_color(sys.stdout)))
    return MET


def chosen(deal: Deal, name: str | None) -> Renderer:
    """The renderer of the recipe. Raises Refused where none or several are meant, or the pack is not here."""
    known = [recipe.name for recipe in deal.contract.recipes]
    if not known:
        raise Refused(f"{deal.path}: has no recipe, so nothing says how a record becomes training text", USAGE)
    if name not in known and (name is not None or len(known) > 1):
        told = f"there is no recipe `{name}`" if name else "the contract has several recipes"
        raise Refused(f"{deal.path}: {told}; choose with --recipe: {', '.join(known)}", USAGE)
    try:
        return renderers(deal)(name or known[0])
    except Unavailable as missing:
        raise Refused(str(missing)) from missing


def found(deal: Deal, delivery: Delivery, table: str, arguments: argparse.Namespace) -> Place:
    """The record that is asked for. Raises Refused where it is not in the delivery."""
    wanted, what = asked(deal, table, arguments)
    for number, place in enumerate(located_rows(deal, delivery, table), start=1):
        if wanted(number, place):
            return place
    help = "`sftspec validate` names lines that cannot be read"
    raise Refused(f"{delivery.folder}: holds no {table} {what} ({help})", USAGE)


def asked(deal: Deal, table: str, arguments: argparse.Namespace) -> tuple[Wanted, str]:
    """Which record is meant: a test of its number and place, and words for it."""
    if arguments.record is not None:
        key = deal.contract.table(table).key
        if key is None:
            raise Refused(f"{table} has no key; choose with --line or --index", USAGE)
        return lambda _, place: str(place[1].get(key)) == arguments.record, f"whose {key} is `{arguments.record}`"
    if arguments.line is not None:
        file, _, line = arguments.line.rpartition(":")
        if not (file and line.isascii() and line.isdecimal() and len(line) < 10):
            raise Refused(f"--line {arguments.line}: write the file, a colon and the line: part-01.jsonl:7", USAGE)
        files = {file, inside(Path(file), arguments.delivery)}
        return lambda _, place: place[0].line == int(line) and place[0].file in files, f"at {arguments.line}"
    index = arguments.index or 1
    return lambda number, _: number == index, f"number {index:,}"


def inside(file: Path, folder: Path) -> str:
    """A path that begins with the delivery's folder, as findings do, without it."""
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.as_posix()


def named(deal: Deal, table: str, row: dict[str, Any]) -> str:
    """`Request BO-00001`."""
    key = deal.contract.table(table).key
    return f"{table} {row.get(key, '')}".strip() if key else table


def learnt(renderer: Renderer, row: dict[str, Any], place: str) -> Lesson:
    """Raises Refused where the record cannot be trained on."""
    try:
        return lesson(renderer, row)
    except RenderingError as error:
        path = "" if error.path == "$" else f" {error.path}"
        raise Refused(f"{place}{path}: cannot be trained on: {error}", BREACHED) from error
