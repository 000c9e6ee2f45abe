"""A ledger to SARIF 2.1.0: one rule per clause, one result per finding, for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from acceptance.ledger import Entry, Finding
from acceptance.report.view import View, safe

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render(view: View) -> Iterator[str]:
    """In pieces, ASCII only. Clauses that are met and dropped nothing give no result."""
    driver = {"name": "sftspec", "version": _version(), "rules": [_rule(entry) for entry in view.decided_here]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [result for entry in view.decided_here for result in _results(view, entry)],
    }
    yield from json.JSONEncoder(indent=2).iterencode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    yield "\n"


def _version() -> str:
    try:
        return version("sftspec")
    except PackageNotFoundError:
        return "0"


def _rule(entry: Entry) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": entry.clause, "defaultConfiguration": {"level": _level(entry)}}
    if entry.text:
        rule["shortDescription"] = {"text": safe(entry.text)}
    return rule


def _level(entry: Entry) -> str:
    if not entry.binding:
        return "note"
    return "error" if entry.role == "require" and entry.verdict == "breached" else "warning"


def _results(view: View, entry: Entry) -> Iterator[dict[str, Any]]:
    if entry.verdict == "undecided":
        yield {"ruleId": entry.clause, "kind": "open", "level": "none", "message": _message(view, entry, entry.reason)}
    elif entry.verdict == "breached" and not entry.findings:
        words = _message(view, entry, f"found {entry.observed}", f"asked {entry.bound}")
        yield {"ruleId": entry.clause, "level": _level(entry), "message": words}
    for finding in entry.findings:
        yield _result(view, entry, finding)


def _result(view: View, entry: Entry, finding: Finding) -> dict[str, Any]:
    file = f"{view.folder.rstrip('/')}/{finding.file}" if view.folder else finding.file
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file, errors="backslashreplace")}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    found = "" if finding.found is None else f"found: {finding.found}"
    return {
        "ruleId": entry.clause,
        "level": _level(entry),
        "message": _message(view, entry, finding.message, finding.help, found),
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": safe(finding.path)}],
            }
        ],
    }


def _message(view: View, entry: Entry, *words: str) -> dict[str, str]:
    """The words that say something, behind the verdict where it does not bind; the verdict alone where none do."""
    said = [safe(word) for word in words if word.strip()]
    shown = said if entry.binding and said else [view.told(entry), *said]
    return {"text": "; ".join(shown)}
