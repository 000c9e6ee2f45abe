"""What reading met, as the evidence tables `lines` and `files`: a row per line or file, empty where all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from acceptance.delivery.findings import FileFinding, LineFinding, Reading
from acceptance.delivery.manifest import Manifest
from acceptance.tables import Batch, Origin

SIZE = 1_000
FINE: dict[str, Any] = {}
"""The row of a line or file to which nothing is objected."""

Rows = Iterator[tuple[dict[str, Any], Origin]]


def lines(reading: Reading) -> Iterator[Batch]:
    """Table `lines`: a row per line read; a bad one has `kind`, `message`, `help` and `found`.

    Findings beyond those kept come without a line number. Bad lines come first in each file.
    """
    yield from _batches("lines", _line_rows(reading))


def files(findings: Iterable[FileFinding], manifest: Manifest) -> Iterator[Batch]:
    """Table `files`: a row per listed file, and one more per further finding about the delivery's files."""
    yield from _batches("files", _file_rows(list(findings), manifest))


def warnings(reading: Reading) -> list[LineFinding]:
    """Findings that refuse no row: worth saying, deciding nothing."""
    return [finding for finding in reading.findings if finding.warning]


def _line_rows(reading: Reading) -> Rows:
    kept: Counter[tuple[str, str]] = Counter()
    for finding in reading.findings:
        if not finding.warning:
            kept[finding.table, finding.file] += 1
            yield _row(finding), Origin(finding.file, finding.line)
    for key in {**reading.good, **reading.bad}:
        unkept = {"kind": "more", "message": "a line like those before it", "help": "see the first of them"}
        for _ in range(reading.bad[key] - kept[key]):
            yield unkept, Origin(key[1], 0)
        for _ in range(reading.good[key]):
            yield FINE, Origin(key[1], 0)


def _file_rows(findings: list[FileFinding], manifest: Manifest) -> Rows:
    objected = {finding.file.partition("!")[0] for finding in findings}  # of a member, its archive
    for finding in findings:
        yield _row(finding), Origin(finding.file, 0)
    for entry in manifest.files():
        if entry.path not in objected:
            yield FINE, Origin(entry.path, 0)


def _row(finding: LineFinding | FileFinding) -> dict[str, Any]:
    return {"kind": finding.kind, "message": finding.message, "help": finding.help, "found": finding.found}


def _batches(table: str, rows: Rows) -> Iterator[Batch]:
    batch = Batch(table, 0, [], [])
    for row, origin in rows:
        if len(batch) == SIZE:
            yield batch
            batch = Batch(table, batch.start + len(batch), [], [])
        batch.rows.append(row)
        batch.origins.append(origin)
    if len(batch):
        yield batch
