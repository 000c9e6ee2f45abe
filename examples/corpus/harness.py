"""A clean delivery and a plant to what the product says of it: damaged, written to disk, validated."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Literal

from acceptance.deal import Deal
from acceptance.delivery import manifest
from acceptance.ledger import Entry, Ledger
from acceptance.signing.secrets import Secrets
from acceptance.validation import decide, open_delivery
from spec_lang.contract import Stage

MANIFEST = "manifest.json"
SILENT = ""
"""In place of a clause: something that looks like a defect and is none. Nothing may object."""

Record = dict[str, Any]
Records = list[Record]
When = Literal["records", "files", "sent", "deal"]


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link in place of a file."""

    target: str


Files = dict[str, bytes | Link]


@dataclass(frozen=True, slots=True)
class Plant:
    """One kind of defect.

    `plant` changes the records, the files made of them, what was sent (files and manifest), or the deal (the files
    beside the contract, for what a template does to good records). What it picks by chance is the same each time.
    `path` is the place in the row; empty where the defect is a file's, `-` where it is that of all records together.
    """

    name: str
    clause: str
    plant: Callable[[Any, Random], Any]
    path: str = "$"
    when: When = "records"
    also: tuple[str, ...] = ()
    """Clauses that may object as a consequence; one that ends in a dot stands for all whose names begin so."""
    file: str = ""
    """The file or member objected to, where it is not the first that differs."""
    line: int = 0
    """The line objected to in `file`."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A deal and a clean delivery that meets it. `files(records, clean)` is what records are delivered as."""

    deal: Deal
    clean: Records
    files: Callable[[Records, Records], Files]
    stages: tuple[Stage, ...] = ("delivery",)
    nonces: Secrets | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What was planted where, and what was said of it."""

    plant: Plant
    file: str
    line: int
    stages: tuple[Stage, ...]
    ledger: Ledger

    def objections(self) -> list[Entry]:
        """Entries that say anything against the delivery."""
        return [entry for entry in self.ledger.entries if entry.stage in self.stages and objects(entry)]

    def caught(self) -> bool:
        """Whether the clause that must find it is breached or drops a row; of what is no defect, that none is."""
        if self.plant.clause == SILENT:
            return not self.objections()
        named = self.ledger_entry()
        return named.verdict == "breached" or named.dropped > 0

    def located(self) -> bool:
        """Whether a finding names the place: file, line and path of a row, or the file; True where there is none."""
        if self.plant.clause == SILENT or self.plant.path == "-":
            return True
        places = {(one.file, one.line, one.path) for one in self.ledger_entry().findings}
        if self.plant.path == "":
            return self.file in {file for file, _, _ in places}
        return (self.file, self.line, self.plant.path) in places

    def false_alarms(self) -> list[str]:
        """Other clauses that object, but for the consequences that the plant states."""
        return [entry.clause for entry in self.objections() if not self._foreseen(entry.clause)]

    def ledger_entry(self) -> Entry:
        return next(entry for entry in self.ledger.entries if entry.clause == self.plant.clause)

    def _foreseen(self, clause: str) -> bool:
        families = tuple(one for one in self.plant.also if one.endswith("."))
        return clause == self.plant.clause or clause in self.plant.also or clause.startswith(families)


def objects(entry: Entry) -> bool:
    """Whether an entry counts anything against the delivery, or could not decide."""
    return entry.verdict in ("breached", "undecided") or bool(entry.marked or entry.dropped or entry.findings)


def tried(bench: Bench, plant: Plant, folder: Path) -> Tried:
    """Plant, write, validate as the buyer does at intake."""
    judged = redealt(bench, plant, folder / "deal") if plant.when == "deal" else bench
    sent = folder / "delivery"
    sent.mkdir()
    content = planted(judged, plant, sent)
    file, line = first_difference(bench.files(bench.clean, bench.clean), content)
    return Tried(plant, plant.file or file, plant.line or line, judged.stages, ledger(judged, sent))


def ledger(bench: Bench, folder: Path) -> Ledger:
    """What validation says of a folder, and intake where the bench has nonces."""
    delivery = open_delivery(folder, bench.deal)
    return decide(bench.deal, delivery, bench.stages, secrets=bench.nonces).ledger


def clean_ledger(bench: Bench, folder: Path) -> Ledger:
    """What is said of the delivery as it was before anything was planted."""
    write(folder, bench.files(bench.clean, bench.clean))
    manifest.write_manifest(folder, bench.deal.contract)
    return ledger(bench, folder)


def redealt(bench: Bench, plant: Plant, folder: Path) -> Bench:
    """The bench with another template: an unlocked copy of the deal, judged without the sealed sets."""
    ignore = shutil.ignore_patterns("contract.lock", "private", "sealed", "delivery", "make", "*.safetensors")
    shutil.copytree(bench.deal.folder, folder, ignore=ignore)
    before = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path, body in plant.plant(dict(before), Random(plant.name)).items():
        if before.get(path) != body:
            (folder / path).write_bytes(body)
    deal = replace(bench.deal, path=folder / bench.deal.path.name, lock=None)
    return replace(bench, deal=deal, stages=("delivery",), nonces=None)


def planted(bench: Bench, plant: Plant, folder: Path) -> Files:
    """Writes the damaged delivery, its manifest included, and returns what was written."""
    content = damaged([plant], bench.clean, bench.files)
    write(folder, content)
    manifest.write_manifest(folder, bench.deal.contract)
    if plant.when == "sent":
        sent = content | {MANIFEST: (folder / MANIFEST).read_bytes()}
        content = plant.plant(sent, Random(plant.name))
        for path in sent.keys() - content.keys():
            (folder / path).unlink()
        write(folder, content)
    return content


def damaged(plants: Iterable[Plant], clean: Records, files: Callable[[Records, Records], Files]) -> Files:
    """The files of a delivery with some plants in it, those in records before those in bytes."""
    plants = list(plants)
    records = deepcopy(clean)
    for plant in plants:
        if plant.when == "records":
            records = plant.plant(records, Random(plant.name))
    content = files(records, clean)
    for plant in plants:
        if plant.when == "files":
            content = plant.plant(content, Random(plant.name))
    return content


def write(folder: Path, content: Files) -> None:
    """Put files and links on disk."""
    for path, body in content.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if isinstance(body, Link):
            place.symlink_to(body.target)
        else:
            place.write_bytes(body)


def first_difference(clean: Files, planted: Files) -> tuple[str, int]:
    """The first file and its first line that are not as they were, shards before tables; 0 for the file as such."""
    from vessels import lines

    names = {*clean, *planted} - {MANIFEST}
    for path in sorted(names, key=lambda name: (not (name in clean and name.startswith("part-")), name)):
        if clean.get(path) != planted.get(path):
            before, after = lines(clean.get(path, b"")), lines(planted.get(path, b""))
            numbers = range(max(len(before), len(after)))
            return path, next((at + 1 for at in numbers if before[at : at + 1] != after[at : at + 1]), 0)
    return "", 0
