"""A ledger to JSON for other programs: the ledger itself, with the verdict and the stages it speaks of."""

from __future__ import annotations

import json

from acceptance.report.view import View


def render(view: View) -> str:
    """ASCII only, so that no delivered character reaches a terminal as it is."""
    sheet = {
        "contract": {"name": view.contract.name, "version": view.contract.version},
        "stages": list(view.stages),
        "verdict": view.verdict,
        "ledger": view.ledger.model_dump(mode="json"),
    }
    return json.dumps(sheet, indent=2) + "\n"
