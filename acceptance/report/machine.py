"""A ledger to JSON for other programs: the ledger itself, with the verdict and the stages it speaks of."""

from __future__ import annotations

import json
from collections.abc import Iterator

from acceptance.ledger import Ledger, Sheet, Verdict
from acceptance.report.view import View
from spec_lang.contract import Stage


class Named(Sheet):
    """The contract that was decided."""

    name: str
    version: str


class Report(Sheet):
    """A ledger and what it comes to."""

    contract: Named
    stages: tuple[Stage, ...]
    """Those that were decided; clauses of other stages are listed as undecided."""
    verdict: Verdict
    """Of these stages."""
    forecast: Verdict | None
    """What all required clauses would come to if this were the last lot; null where none of them waits for it."""
    ledger: Ledger


def render(view: View) -> Iterator[str]:
    """In pieces, so that a long one is never held. ASCII only: no delivered character reaches a terminal as it is."""
    contract = Named(name=view.contract.name, version=view.contract.version)
    report = Report(
        contract=contract, stages=view.stages, verdict=view.verdict, forecast=view.forecast, ledger=view.ledger
    )
    yield from json.JSONEncoder(indent=2).iterencode(report.model_dump(mode="json"))
    yield "\n"
