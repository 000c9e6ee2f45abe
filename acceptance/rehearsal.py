"""Held-out sets and references to what a trial would stumble over: found before anybody signs for the files.

Keys, copies and clusters are looked at where a set is sealed (`sealed.flaws`). Each problem is one line: file, line,
path, and what is wrong, without a value of the item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from acceptance.answers import Item
from acceptance.delivery import strict
from acceptance.errors import BREACHED, Refused
from acceptance.examination import scorer
from acceptance.fields.defects import Checker
from acceptance.measures.protocol import Unavailable
from acceptance.tables import Malformed
from spec_lang.contract import Contract, HeldOut, Recipe, Reference

if TYPE_CHECKING:
    from acceptance.rendering import Renderer

Located = tuple[int, Item]
MOST = 20
"""Problems told of one file."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a trial is rehearsed with."""

    contract: Contract
    folder: Path
    progress: Progress

    def problems(self) -> Iterator[str]:
        """Of every file that is here, in the contract's order; absent files are for others to miss."""
        for heldout in self.contract.heldouts:
            if heldout.items is not None and (self.folder / heldout.items).is_file():
                yield from _told(heldout.items, self._heldout(heldout, heldout.items))
        for reference in self.contract.references:
            if (self.folder / reference.items).is_file():
                yield from _told(reference.items, self._reference(reference))

    def _heldout(self, heldout: HeldOut, file: str) -> Iterator[str]:
        items: list[Located] = []
        yield from self._read(file, heldout.record, items)
        yield from _unscored(items, heldout, self.contract, self.folder)
        for recipe in self._recipes(heldout.template):
            renderer = self._renderer(recipe, heldout.template, heldout.record)
            yield from _unrendered(items, renderer.prompt)

    def _reference(self, reference: Reference) -> Iterator[str]:
        records: list[Located] = []
        yield from self._read(reference.items, self.contract.record, records)
        for recipe in self._recipes(None):
            if recipe.table == self.contract.record:
                yield from _unrendered(records, _trains(self._renderer(recipe, None, recipe.table)))

    def _read(self, file: str, record: str, items: list[Located]) -> Iterator[str]:
        """Parses a file and holds each line against its record; what is sound goes to `items`, with its line."""
        shape = self.contract.shape(next((t.shape for t in self.contract.tables if t.name == record), record))
        checker = Checker(self.contract)
        for at, line in enumerate((self.folder / file).read_bytes().split(b"\n"), 1):
            if not line.strip():
                continue
            self.progress(at)
            row, problem, _ = strict.parse(line)
            if row is None:
                yield f"{at}: {problem.message if problem else 'unreadable'}"
                continue
            defect = next(checker.record(row, shape, "$"), None)
            if defect is not None:
                yield f"{at} {defect.path}: {defect.message}"
            else:
                items.append((at, row))

    def _recipes(self, template: str | None) -> list[Recipe]:
        """Those whose template and tokenizer are here."""
        return [
            one
            for one in self.contract.recipes
            if all((self.folder / file).is_file() for file in (template or one.template, one.tokenizer))
        ]

    def _renderer(self, recipe: Recipe, template: str | None, record: str) -> Renderer:
        from acceptance.rendering import Renderer

        return Renderer(recipe, self.contract, self.folder, template, record)


def problems(contract: Contract, folder: Path, progress: Progress) -> list[str]:
    """What `certify` would refuse, and items that are not of their record. Raises BadTemplate.

    Not rehearsed: whether prompts fit the model, and whether a reference can be cut to the delivery's size.
    """
    return list(Stage(contract, folder, progress).problems())


def rehearse(contract: Contract, folder: Path, progress: Progress) -> None:
    """Opens what is here as a trial will. Raises Refused with all that it would stumble over."""
    from acceptance.rendering import BadTemplate

    try:
        found = problems(contract, folder, progress)
    except BadTemplate as error:
        raise Refused(str(error), code=BREACHED) from error
    if found:
        found.append("nothing is written: correct the files, or what the contract says of them")
        raise Refused("\n".join(found), code=BREACHED)


def _told(file: str, found: Iterator[str]) -> Iterator[str]:
    yield from (f"{file}:{one}" if one[:1].isdigit() else f"{file}: {one}" for one in islice(found, MOST))
    if next(found, None) is not None:
        yield f"{file}: more of the kind"


def _unscored(items: list[Located], heldout: HeldOut, contract: Contract, folder: Path) -> Iterator[str]:
    """The score of an empty answer is a number."""
    try:
        score = scorer(contract, heldout.name, folder)
        for at, item in items:
            try:
                value = score.rehearse(item)
                if value != value or value in (float("inf"), float("-inf")):
                    yield f"{at}: its score is no finite number"
            except Malformed as error:
                told = str(error) or "a value that the score reads is missing or not of its type"
                yield f"{at}: cannot be scored: {told}"
    except (ValueError, Unavailable) as error:
        yield f"`{heldout.name}` cannot be scored: {error}"


def _unrendered(items: list[Located], render: Callable[[Item], object]) -> Iterator[str]:
    """The template makes a text of it."""
    from acceptance.rendering import RenderingError

    for at, item in items:
        try:
            render(item)
        except RenderingError as error:
            yield f"{at}: {error}"


def _trains(renderer: Renderer) -> Callable[[Item], object]:
    """Encodes a record that is trained on; others are left out of the trial too."""

    def encode(record: Item) -> object:
        group = renderer.filler.fill(record).get("training")
        return None if isinstance(group, dict) and group.get("split", "train") != "train" else renderer.encode(record)

    return encode
