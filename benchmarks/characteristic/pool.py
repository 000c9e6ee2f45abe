"""A folder to a pool of deliveries that went through the whole acceptance, each a line as soon as it is done.

Called again with the same folder it does what is missing. What a delivery is follows from kind and number alone, its
seeds too, so it makes no difference which process does it or when.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path

from acceptance.deal import open_deal
from acceptance.delivery.manifest import write_manifest
from acceptance.progress import duration
from acceptance.scores import BASE, VENDOR, Trial
from acceptance.validation import accepted_records, decide, open_delivery
from benchmarks.characteristic import EXAMPLE, data, deal, drawn, kinds
from benchmarks.characteristic.deal import Bench
from benchmarks.characteristic.drawn import Drawn
from spec_lang.contract import Contract, Recipe

Task = tuple[str, int]
"""Kind and number."""

FIRST = {"good": 20, "null": 60} | {kind.name: 20 if kind.seen else 5 for kind in kinds.DAMAGED}
"""Deliveries of each kind that are done first, mixed so that a stopped pool has its share of each."""
WHOLE = FIRST | {"null": 200}
SEEDS = 5
INTAKE = ("delivery", "review")


def tasks() -> list[Task]:
    """All deliveries in the order in which they are done; fixed before any result is known."""
    first = [(kind, number) for kind, count in FIRST.items() for number in range(count)]
    first.sort(key=lambda task: ((task[1] + 0.5) / FIRST[task[0]], task))
    return first + [(kind, number) for kind, count in WHOLE.items() for number in range(FIRST[kind], count)]


class OtherPool(Exception):
    """The folder holds what was made of other data, another base or another contract."""


def fill(folder: Path, base: Path, workers: int, minutes: float) -> Path:
    """The pool's file, filled until everything is done or the minutes are over; then no delivery is begun."""
    path, until = folder / drawn.POOL.name, time.monotonic() + 60 * minutes
    bench = prepared(folder, base, path)
    done = {(one.kind, one.number) for one in drawn.read(path)}
    left = [task for task in tasks() if task not in done]
    say(f"{len(left)} deliveries are left")
    begun = time.monotonic()
    for count, one in enumerate(outcomes(folder, bench, left, workers, until), start=1):
        drawn.add(path, one)
        more = duration((time.monotonic() - begun) / count * (len(left) - count))
        say(f"{one.kind} {one.number}: {'refused at' if one.refused else 'through'} the intake, "
            f"{len(one.runs.get('calls', ()))} runs; {count} of {len(left)}, about {more} left")  # fmt: skip
    return path


def outcomes(folder: Path, bench: Bench, left: list[Task], workers: int, until: float) -> Iterator[Drawn]:
    """As they come; no more is begun than the workers hold."""
    if workers <= 1:
        for task in left:
            if time.monotonic() > until:
                return
            yield accepted(folder, bench, *task)
        return
    waiting, running = iter(left), set()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (folder,)) as pool:
        while True:
            while len(running) < workers and time.monotonic() < until and (task := next(waiting, None)):
                running.add(pool.submit(_one, *task))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


_place: tuple[Path, Bench]


def _start(folder: Path) -> None:
    global _place
    _place = folder, deal.reopened(folder / "deal")


def _one(kind: str, number: int) -> Drawn:
    return accepted(*_place, kind, number)


def prepared(folder: Path, base: Path, path: Path) -> Bench:
    """The deal in `folder`, its pilot measured, and the base's scores: lines of the pool too. Raises OtherPool."""
    place = folder / "deal"
    deal.place(place, base)
    known = {(one.kind, one.number): one for one in drawn.read(path)}
    made_of = Drawn(kind=drawn.HEAD, digests=deal.digests(place))
    if known.setdefault((drawn.HEAD, 0), made_of) != made_of:
        raise OtherPool(f"{path}: was made of other data, base or contract than these; use another folder")
    if not path.exists():
        drawn.add(path, made_of)
    if (drawn.PILOT, 1) not in known:
        say("a pilot: one good delivery on the pilot sets")
        for one in pilot(place):
            drawn.add(path, one)
    bench = deal.lock_with(place, drawn.pilot_rows(drawn.read(path), deal.items("pilot")))
    if (BASE, 0) not in known:
        trial = tried(bench.contract, bench.recipe, place, kinds.records("good", 0)[:1], [], "sealed", folder / "store")
        drawn.add(path, Drawn(kind=BASE, runs=drawn.of_rows(trial.scores, BASE, [""])))
    return bench


def pilot(place: Path) -> Iterator[Drawn]:
    """The example's contract stands in: ours is not sound before its pilot is there. The recipe is ours."""
    names = [seed(drawn.PILOT, 0, j) for j in range(1, SEEDS + 1)]
    whole = open_deal(EXAMPLE / deal.NAME).contract
    trial = tried(whole, deal.recipe(), place, kinds.records(drawn.PILOT, 0), names, "pilot", None)
    yield Drawn(kind=drawn.PILOT, number=0, runs=drawn.of_rows(trial.scores, BASE, [""]))
    yield Drawn(kind=drawn.PILOT, number=1, runs=drawn.of_rows(trial.scores, VENDOR, names))


def accepted(folder: Path, bench: Bench, kind: str, number: int) -> Drawn:
    """One delivery through intake and trial. Of what the intake refuses, number 0 is trained on, as delivered."""
    records = kinds.records(kind, number)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        refused, dropped, kept = intake(bench, Path(place), records)
    if refused and number > 0:
        return Drawn(kind=kind, number=number, refused=refused, dropped=dropped)
    given = records if refused else kept
    names = [seed(kind, number, j) for j in range(1, SEEDS + 1)]
    trial = tried(bench.contract, bench.recipe, bench.deal.folder, given, names, "sealed", folder / "store")
    return Drawn(kind=kind, number=number, refused=refused, dropped=dropped, trained=len(given),
                 seconds=round(sum(run.seconds for run in trial.runs if run.arm == VENDOR), 1),
                 runs=drawn.of_rows(trial.scores, VENDOR, names))  # fmt: skip


def intake(bench: Bench, place: Path, records: list[data.Record]) -> tuple[tuple[str, ...], int, list[data.Record]]:
    """Clauses of delivery and review stage that are breached, how many records are dropped, and those that are left."""
    data.write_delivery(place, records)
    write_manifest(place, bench.contract)
    delivery = open_delivery(place, bench.deal)
    outcome = decide(bench.deal, delivery, INTAKE, secrets=bench.secrets)
    refused = [one.clause for one in outcome.ledger.entries
               if one.stage in INTAKE and one.role == "require" and one.verdict == "breached"]  # fmt: skip
    kept = list(accepted_records(bench.deal, delivery, outcome))
    return tuple(refused), len(records) - len(kept), kept


def tried(
    contract: Contract, recipe: Recipe, place: Path, given: list[data.Record], names: list[str], group: str,
    store: Path | None,
) -> Trial:  # fmt: skip
    """Runs of one delivery, and the base's, which the store knows after the first time."""
    from acceptance.trial.run import Plan, run_trial

    return run_trial(Plan(
        contract=contract, recipe=recipe, folder=place, vendor=given, references={}, suites=deal.items(group),
        seeds={VENDOR: names}, blind=lambda text: text, store=store))  # fmt: skip


def seed(kind: str, number: int, j: int) -> str:
    """Each run of the pool has its own."""
    return f"{kind}/{number}/{j}"


def say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
