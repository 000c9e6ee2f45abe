"""The ledger: for every clause what was found, on what basis, and with which evidence."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from spec_lang.contract import Basis, Stage

Verdict = Literal["met", "breached", "undecided", "reported"]


class Sheet(BaseModel):
    """Frozen and closed, like all that leaves the program."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(Sheet):
    """One place in the delivery that a clause objects to."""

    clause: str
    file: str
    line: int
    """From 1; 0 where the finding is about the whole file or table."""
    path: str
    """JSON path in the row; `$` for all of it."""
    message: str
    """What is wrong, free of delivered text."""
    expected: str = ""
    found: str | None = None
    """The delivered value; None where it is redacted."""
    help: str = ""


SEE = "; see "
"""In the reason of an open entry, before the clauses on whose rows it waits."""
RATED = 100
"""Records from which on a rate per thousand is given."""


class Statistics(Sheet):
    """What a statistical clause measured. Decimal strings; gains as fractions (`0.051` is 5.1 pp)."""

    of: str
    """The gain, as the contract writes it; of a part of the delivery, which part and over what."""
    delta: str
    se: str
    df: str
    lower: str
    upper: str
    p: str
    confidence: str
    items: int
    clusters: int
    effective: str = ""
    """How many clusters of one size they are worth: `acceptance.statistics.variance.effective`."""
    seeds: int
    records: int = 0
    """Of a part of the delivery, the records it holds; of a slice, those that were left out."""
    sign_flip_clusters: str = ""
    """Printed beside it, never deciding."""
    sign_flip_seeds: str = ""

    def per_thousand(self) -> Statistics | None:
        """Gain and bounds for a thousand of the slice's records; None where it has too few to say."""
        if self.records < RATED:
            return None
        each = {name: str(1000 * Decimal(getattr(self, name)) / self.records) for name in ("delta", "lower", "upper")}
        return self.model_copy(update=each)


class Entry(Sheet):
    """One clause of the ledger."""

    clause: str
    role: Literal["require", "advise", "report"]
    stage: Stage
    verdict: Verdict
    basis: Basis
    plugins: tuple[str, ...] = ()
    """Name and version of each plug-in that has a say."""
    binding: bool = True
    """False before the last lot for a cumulative clause: then the verdict is a forecast."""
    text: str = ""
    observed: str = ""
    bound: str = ""
    reason: str = ""
    """Why it is undecided, or what else a reader should know."""
    marked: int = 0
    """Rows that count against it."""
    dropped: int = 0
    unjudged: int = 0
    """Rows that could not be judged since a field is malformed."""
    statistics: tuple[Statistics, ...] = ()
    """One for each gain it compares: more than one under `any of`, and for parts of the delivery."""
    findings: tuple[Finding, ...] = ()
    """The first of them, in delivered order."""


def worst(entries: Iterable[Entry]) -> Verdict:
    """Breached if one of them is, else undecided if one is, else met."""
    verdicts = {entry.verdict for entry in entries}
    return "breached" if "breached" in verdicts else "undecided" if "undecided" in verdicts else "met"


class Count(Sheet):
    """Rows of one table."""

    table: str
    delivered: int
    accepted: int


class Ledger(Sheet):
    """All entries in the contract's order."""

    contract: str
    """Digest of the contract."""
    lock: str
    """sha256 of contract.lock; empty where there is none."""
    delivery: str
    """sha256 of the delivery's manifest; empty where there is none."""
    lots: int = 1
    """Lots delivered so far. Before the last one, sums are forecasts."""
    counts: tuple[Count, ...]
    entries: tuple[Entry, ...]

    def verdict(self, stages: tuple[Stage, ...]) -> Verdict:
        """Breached if a binding required clause of these stages is breached, else undecided if one is, else met."""
        required = (entry for entry in self.entries if entry.role == "require" and entry.stage in stages)
        return worst(entry for entry in required if entry.binding)

    def by_basis(self) -> dict[str, int]:
        """How many decided clauses rest on each basis."""
        totals: dict[str, int] = {}
        for entry in self.entries:
            if entry.verdict in ("met", "breached"):
                totals[entry.basis] = totals.get(entry.basis, 0) + 1
        return totals


def redacted(ledger: Ledger) -> Ledger:
    """The ledger without delivered values."""
    entries = [
        entry.model_copy(update={"findings": tuple(one.model_copy(update={"found": None}) for one in entry.findings)})
        for entry in ledger.entries
    ]
    return ledger.model_copy(update={"entries": tuple(entries)})
