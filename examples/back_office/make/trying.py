"""A plant to what the product says of it: the small delivery is damaged, written to disk and validated."""

import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from random import Random

import data
import planting
from planting import Files, Plant
from plants import damaged

from acceptance.commands import lock
from acceptance.deal import Deal, open_deal
from acceptance.delivery import manifest
from acceptance.ledger import Entry, Ledger
from acceptance.signing import secrets
from acceptance.validation import decide, open_delivery
from spec_lang.contract import Stage

STAGES: tuple[Stage, ...] = ("delivery", "review")
NEEDED = ("base", "pilot", "reference", "sealed", "keys.json", "request.jinja", "seals.json")


@dataclass(frozen=True, slots=True)
class Bench:
    """A contract like the example's but for a smaller volume, and a clean delivery that meets it."""

    deal: Deal
    nonces: secrets.Secrets
    clean: planting.Records


@dataclass(frozen=True, slots=True)
class Tried:
    """What was planted where, and what was said of it."""

    plant: Plant
    file: str
    line: int
    ledger: Ledger

    def objections(self) -> list[Entry]:
        """Entries that say anything against the delivery."""
        return [entry for entry in self.ledger.entries if entry.stage in STAGES and objects(entry)]

    def caught(self) -> bool:
        """Whether the clause that must find it is breached or drops a row."""
        named = self.ledger_entry()
        return named.verdict == "breached" or named.dropped > 0

    def located(self) -> bool:
        """Whether a finding names the place: file, line and path of a row, or the file; True where there is none."""
        places = {(one.file, one.line, one.path) for one in self.ledger_entry().findings}
        if self.plant.path == "-":
            return True
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


def bench(folder: Path) -> Bench:
    """Copies the contract with a volume of 130 to 180 records, and locks it."""
    for name in NEEDED:
        source = data.HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    text = (data.HERE / "back_office.sftspec").read_text("utf-8")
    path = folder / "back_office.sftspec"
    path.write_text(text.replace("volume: 1_800..2_000 records", "volume: 130..180 records"), "utf-8")
    with redirect_stdout(StringIO()):
        lock.run(Namespace(contract=path, check=False, pilot=folder / "pilot" / "scores.jsonl", seals=None))
    return Bench(open_deal(path), planting.nonces(), planting.base())


def planted(plant: Plant, clean: planting.Records, deal: Deal, folder: Path) -> Files:
    """Writes the damaged delivery, its manifest included, and returns what was written."""
    content = damaged([plant], clean)
    planting.write(folder, content)
    manifest.write_manifest(folder, deal.contract)
    if plant.when == "sent":
        sent = content | {planting.MANIFEST: (folder / planting.MANIFEST).read_bytes()}
        content = plant.plant(sent, Random(plant.name))
        for path in sent.keys() - content.keys():
            (folder / path).unlink()
        planting.write(folder, content)
    return content


def tried(bench: Bench, plant: Plant, folder: Path) -> Tried:
    """Plant, write, validate as the buyer does at intake."""
    content = planted(plant, bench.clean, bench.deal, folder)
    file, line = planting.first_difference(planting.files(bench.clean, bench.clean), content)
    return Tried(plant, plant.file or file, plant.line or line, ledger(bench, folder))


def ledger(bench: Bench, folder: Path) -> Ledger:
    """What validation and intake say of a folder."""
    delivery = open_delivery(folder, bench.deal)
    return decide(bench.deal, delivery, STAGES, secrets=bench.nonces).ledger


# ------------------------------------------------------------------------------------------------ the table


def print_table(plants: Sequence[Plant]) -> None:
    """A line per plant, then recall and false alarms."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        (here / "deal").mkdir()
        made = bench(here / "deal")
        found = list(rows(made, plants, here))
    print(f"\n{len(found)} plants in a delivery of {len(made.clean)} records")
    print(f"caught by the clause that must: {sum(one.caught() for one in found)} of {len(found)}")
    placed = [one for one in found if one.plant.path != "-"]
    print(f"with the right place:           {sum(one.located() for one in placed)} of {len(placed)}")
    print(f"false alarms:                   {sum(len(one.false_alarms()) for one in found)}")


def rows(made: Bench, plants: Sequence[Plant], here: Path) -> Iterator[Tried]:
    """Each plant tried and printed."""
    print(f"{'plant':<32}{'clause':<34}{'caught':<8}{'place':<7}false alarms")
    for number, plant in enumerate(plants):
        folder = here / f"{number:03d}"
        folder.mkdir()
        one = tried(made, plant, folder)
        place = "" if plant.path == "-" else yes(one.located())
        alarms = ", ".join(one.false_alarms())
        print(f"{plant.name:<32}{plant.clause:<34}{yes(one.caught()):<8}{place:<7}{alarms}".rstrip())
        shutil.rmtree(folder)
        yield one


def yes(answer: bool) -> str:
    return "yes" if answer else "NO"
