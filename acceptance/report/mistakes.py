"""Mistakes in a contract to SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from acceptance.report.sarif import SCHEMA
from spec_lang.diagnostics import Diagnostic, Fix, Label
from spec_lang.source import Span


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """One result per diagnostic; secondary spans are related locations."""
    driver = {"name": "sftspec", "rules": [{"id": code} for code in sorted({item.code for item in diagnostics})]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item) for item in diagnostics],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(item: Diagnostic) -> dict[str, Any]:
    message = f"{item.message}\n{item.help}" if item.help else item.message
    result: dict[str, Any] = {"ruleId": item.code, "level": item.severity, "message": {"text": message}}
    if item.count > 1:
        result["occurrenceCount"] = item.count
    if item.primary is not None:
        result["locations"] = [_location(item.primary)]
    if item.fix is not None:
        result["fixes"] = [_fix(item.fix)]
    if item.secondary:
        result["relatedLocations"] = [_location(label) for label in item.secondary]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": fix.span.source.name}, "replacements": [replacement]}
    return {"description": {"text": f"write `{fix.text}`"}, "artifactChanges": [change]}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.source.line_of(span.end),
        "endColumn": span.source.column_of(span.end),
    }


def _location(label: Label) -> dict[str, Any]:
    where = {"artifactLocation": {"uri": label.span.source.name}, "region": _region(label.span)}
    place: dict[str, Any] = {"physicalLocation": where}
    if label.text:
        place["message"] = {"text": label.text}
    return place
