"""The made delivery in a folder to its ledger, as a buyer decides it at intake, with the seconds of one core per job.

Run as a process of its own (`python -m benchmarks.ours FOLDER`): prints one line of JSON. The seconds of a job are
those that its readers and marks spend; where two jobs share work, the one that comes first pays.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from acceptance import cli, validation
from acceptance.deal import PRIVATE, open_deal
from acceptance.delivery import reader
from acceptance.engine.columns import Columns
from acceptance.measures.protocol import Marker
from acceptance.report import terminal
from acceptance.report.view import View
from acceptance.signing import secrets
from acceptance.tables import Batch
from acceptance.values.parts import walk
from spec_lang.contract import Call, Expr, Stage

JOBS = {
    "tokens": "tokens", "duplicate": "exact copies", "near_duplicate": "near copies", "overlaps": "contamination",
    "has_secret": "secrets", "has_pii": "personal data", "well_formed": "schema", "resolves": "schema",
    "repeated": "schema",
}  # fmt: skip
STAGES: tuple[Stage, ...] = ("delivery", "review")


class Timed(Columns):
    """Columns that note which job their time goes to."""

    spent: ClassVar[Counter[str]] = Counter()

    def add(self, batch: Batch) -> None:
        for expr, part in [*self.readers.items(), *self.texts.items(), *self.markers.items()]:
            start = time.process_time()
            part.add(batch)
            Timed.spent[job(expr)] += time.process_time() - start  # type: ignore[assignment]
        self.rows += len(batch)

    def close(self, expr: Expr, marker: Marker) -> None:
        start = time.process_time()
        super().close(expr, marker)
        Timed.spent[job(expr)] += time.process_time() - start  # type: ignore[assignment]


def job(expr: Expr) -> str:
    """The job that an expression belongs to, by the first measure of a job in it."""
    measures = (node.measure for node in walk(expr) if isinstance(node, Call))
    return next((JOBS[name] for name in measures if name in JOBS), "rules")


def timed_read(*arguments: Any) -> Iterator[Batch]:
    batches = reader.read(*arguments)
    while True:
        start = time.process_time()
        batch = next(batches, None)
        Timed.spent["parse"] += time.process_time() - start  # type: ignore[assignment]
        if batch is None:
            return
        yield batch


def main(folder: Path) -> None:
    """What `validate` does, with the sealed items at hand."""
    gc.set_threshold(cli.OBJECTS)
    validation.engine.Columns, validation.read = Timed, timed_read  # type: ignore[attr-defined]
    deal = open_deal(folder / "chats.sftspec")
    delivery = validation.open_delivery(folder / "delivery", deal)
    outcome = validation.decide(deal, delivery, STAGES, secrets=secrets.read(folder / PRIVATE))
    page = terminal.render(View(outcome.ledger, deal.contract, STAGES, "delivery", outcome.figures), False)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = usage.ru_utime + usage.ru_stime  # of the whole process, from its first instruction
    found = {entry.clause: f"{entry.verdict}, {entry.observed}" for entry in outcome.ledger.entries}
    print(json.dumps({"seconds": seconds, "jobs": Timed.spent, "kilobytes": usage.ru_maxrss, "found": found,
                      "page": len(page)}))  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
