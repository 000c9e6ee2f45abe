"""Clauses to warnings about those that say nothing new."""

from __future__ import annotations

from spec_lang.lowered import Lowered
from spec_lang.symbols import Report


def duplicates(clauses: list[Lowered], report: Report) -> None:
    """No clause says what another one says already."""
    seen: dict[str, Lowered] = {}
    for item in clauses:
        clause = item.clause
        key = clause.model_dump_json(exclude={"name", "text"})
        if key in seen and clause.origin == "written":
            why = ((seen[key].span, "said here"),)
            message = f"`{clause.name}` repeats `{seen[key].clause.name}`"
            report.error("SFT4003", message, item.span, why=why, help="remove one of them", warning=True)
        seen.setdefault(key, item)
