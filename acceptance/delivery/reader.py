"""A delivery and its manifest in; batches of rows out, with everything that could not be read collected beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acceptance.delivery import csvtable, shards, strict
from acceptance.delivery import folder as folders
from acceptance.delivery.encoding import BOM, MARK, UTF16, is_utf16, separators
from acceptance.delivery.findings import FileFinding, Problem, Reading
from acceptance.delivery.manifest import Manifest
from acceptance.tables import Batch, Origin
from spec_lang.contract import Contract, Shape

BATCH = 1_000

Parsed = tuple[int, dict[str, Any] | None, Problem | None, tuple[Problem, ...]]
"""(line, row or None, what is wrong, warnings)"""

GAP = Problem("blank", "nothing stands between two commas of the array", "remove the extra comma")


def read(folder: Path, manifest: Manifest, contract: Contract, table: str, reading: Reading) -> Iterator[Batch]:
    """The rows of `table` in the manifest's order, lot by lot, in batches of about a thousand.

    A line that cannot be read gives no row and a finding in `reading`; the pass goes on. Raises nothing for bad data.
    """
    shape = contract.shape(contract.table(table).shape)
    start, rows, origins = 0, list[dict[str, Any]](), list[Origin]()
    for lot in manifest.lots:
        for entry in lot.files:
            if entry.table != table:
                continue
            for line, row in read_file(folder, entry.path, table, shape, reading):
                rows.append(row)
                origins.append(Origin(entry.path, line, lot.lot))
                if len(rows) == BATCH:
                    yield Batch(table, start, rows, origins)
                    start, rows, origins = start + len(rows), [], []
    if rows:
        yield Batch(table, start, rows, origins)


def read_file(
    folder: Path, path: str, table: str, shape: Shape, reading: Reading
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, row) of one file; what cannot be read goes to `reading`."""
    try:
        file = folders.open_safely(folder, path)
    except (OSError, folders.Unsafe):
        return  # verify_files names it
    line = 0
    with file:
        shard = shards.Shard(file)
        try:
            for line, row, problem, warnings in _entries(shard, path, shape):
                for warning in warnings:
                    reading.add(table, path, line, warning)
                if row is not None:
                    reading.good[table, path] += 1
                    yield line, row
                elif problem:
                    reading.add(table, path, line, problem)
        except shards.Broken as broken:
            reading.add(table, path, line + 1, broken.problem)
    _about_the_file(shard, path, table, reading)


def _entries(shard: shards.Shard, path: str, shape: Shape) -> Iterator[Parsed]:
    """Every line, element or CSV record of a file, parsed."""
    start, chunks = shards.peek(shard.sniff(path))
    if is_utf16(start):
        yield 1, None, UTF16, ()
        return
    name = folders.stem(path).lower()
    if name.endswith(".csv"):
        yield from _csv(shard.lines(chunks), shape)
    elif shards.is_array(start):
        shard.layout = "array"
        yield from _array(shards.elements(chunks))
    else:
        shard.layout = "lines"
        yield from _lines(shard.lines(chunks))


def _lines(lines: Iterator[bytes | None]) -> Iterator[Parsed]:
    for number, raw in enumerate(lines, 1):
        if raw is None:
            yield number, None, shards.TOO_LONG, ()
        else:
            yield number, *strict.parse(raw)


def _array(elements: Iterator[bytes | None]) -> Iterator[Parsed]:
    for number, raw in enumerate(elements, 1):
        if raw is None:
            yield number, None, shards.TOO_LONG, ()
        elif not raw.strip():
            yield number, None, GAP, ()
        else:
            yield number, *strict.parse(raw.strip())


def _csv(lines: Iterator[bytes | None], shape: Shape) -> Iterator[Parsed]:
    """The first record is the header; where it is wrong no row can be read."""
    converter = None
    for number, raw, problem in csvtable.records(lines):
        if raw is not None and converter is None and raw.startswith(BOM):
            yield number, None, MARK, ()
            raw = raw[len(BOM) :]
        values, wrong = csvtable.cells(raw) if raw is not None else (None, problem)
        if values is None:
            yield number, None, wrong, ()
        elif converter is None:
            refused = csvtable.header(values, shape)
            if refused:
                yield number, None, refused, ()
                return
            converter = csvtable.Converter(values, shape)
        else:
            row, wrong = converter.row(values)
            yield number, row, wrong, separators(raw or b"")


def _about_the_file(shard: shards.Shard, path: str, table: str, reading: Reading) -> None:
    """What can be said only when the file was read: a name that lies, mixed line endings."""
    name = folders.stem(path).lower()
    lies = shard.lies
    if shard.layout == "array" and name.endswith(".jsonl"):
        lies = "the content is one JSON array, the name says JSON Lines"
    elif shard.layout == "lines" and name.endswith(".json"):
        lies = "the content is JSON Lines, the name says JSON"
    if lies:
        reading.add_file(
            FileFinding(path, "extension", lies, "rename the file after its content, write the manifest anew")
        )
    if len(shard.endings) == 2:
        changed = max(shard.endings.values())
        mixed = Problem(
            "line_endings", "from this line on CRLF and LF are mixed", "end every line with LF", warning=True
        )
        reading.add(table, path, changed, mixed)
