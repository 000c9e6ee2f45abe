"""A delivery and its manifest in; batches of rows out, with everything that could not be read collected beside them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from acceptance.delivery import csvtable, limits, parquet, strict
from acceptance.delivery import folder as folders
from acceptance.delivery.encoding import BOM, MARK, TOO_LONG, UTF16, separators
from acceptance.delivery.findings import Problem, Reading
from acceptance.delivery.manifest import Manifest
from acceptance.delivery.shards import Opened, Shard, misnamed
from acceptance.delivery.streams import Broken
from acceptance.tables import Batch, Delivered, Origin
from spec_lang.contract import Contract, Shape

BATCH = 1_000
BATCH_BYTES = 2 << 20
"""A batch of long lines has fewer rows, so that what is worked out of it stays small."""

Parsed = tuple[int, int, dict[str, Any] | None, Problem | None, tuple[Problem, ...]]
"""(line, bytes, row or None, what is wrong, warnings)"""
Found = tuple[str, int, int, dict[str, Any]]
"""(place, line, bytes, row)"""

HOPELESS = Problem(
    "hopeless", f"more than {limits.MAX_BAD:,} lines gave no row; the rest was not read", "repair the lines above"
)
GAP = Problem("blank", "nothing stands between two commas of the array", "remove the extra comma")


def read(folder: Path, manifest: Manifest, contract: Contract, table: str, reading: Reading) -> Iterator[Batch]:
    """The rows of `table` in the manifest's order, lot by lot, in batches of a thousand, or of some MiB.

    A line that cannot be read gives no row and a finding in `reading`; the pass goes on. Raises nothing for bad data.
    """
    shape = contract.shape(contract.table(table).shape)
    start, size, rows, origins = 0, 0, list[dict[str, Any]](), list[Origin]()
    for lot in manifest.lots:
        for entry in lot.files:
            if entry.table != table:
                continue
            for place, line, weight, row in read_file(folder, entry.path, table, shape, reading):
                rows.append(Delivered(row))
                origins.append(Origin(place, line, lot.lot))
                size += weight
                if len(rows) == BATCH or size > BATCH_BYTES:
                    yield Batch(table, start, rows, origins)
                    start, size, rows, origins = start + len(rows), 0, [], []
    if rows:
        yield Batch(table, start, rows, origins)


def why_unreadable(manifest: Manifest) -> str:
    """What must be installed before the delivery can be judged; empty where nothing must."""
    shards = (entry.path for entry in manifest.files() if entry.table)
    first = next((path for path in shards if folders.container(path) == folders.PARQUET), "")
    return f"{first} was not read: {parquet.MISSING}" if first and parquet.is_missing() else ""


def read_file(folder: Path, path: str, table: str, shape: Shape, reading: Reading) -> Iterator[Found]:
    """(place, line, bytes, row) of one file and the members in it; what cannot be read goes to `reading`."""
    try:
        file = folders.open_safely(folder, path)
    except (OSError, folders.Unsafe):
        return  # verify_files names it
    known: Broken | None = None
    with file:
        opened = Opened(file, path)
        try:
            for shard in opened.shards():
                known = yield from _read_shard(shard, table, shape, reading)
        except Broken as broken:
            if broken is not known:
                reading.add(table, path, 0, broken.problem)
    for finding in opened.findings:
        reading.add_file(finding)


def _read_shard(shard: Shard, table: str, shape: Shape, reading: Reading) -> Generator[Found, None, Broken | None]:
    """Its rows, each with its place; returns what broke it off, if anything did."""
    line, bad, place, known = 0, 0, shard.place, None
    try:
        shard.open()
        for line, size, row, problem, warnings in _parsed(shard, shape):
            for warning in warnings:
                reading.add(table, place, line, warning)
            if row is not None:
                reading.good[table, place] += 1
                yield place, line, size, row
            elif problem:
                reading.add(table, place, line, problem)
                bad += 1
                if bad > limits.MAX_BAD:
                    raise Broken(HOPELESS)
    except Broken as broken:
        reading.add(table, place, line + 1, broken.problem)
        known = broken
    _about_the_whole(shard, table, reading)
    return known


def _parsed(shard: Shard, shape: Shape) -> Iterator[Parsed]:
    """Every line, element or CSV record of a shard."""
    match shard.layout:
        case "utf16":
            return iter([(1, 0, None, UTF16, ())])
        case "csv":
            return _csv(shard.entries(), shape)
        case "array":
            return _array(shard.entries())
        case _:
            return _lines(shard.entries())


def _lines(lines: Iterator[bytes | None]) -> Iterator[Parsed]:
    for number, raw in enumerate(lines, 1):
        if raw is None:
            yield number, 0, None, TOO_LONG, ()
        else:
            yield number, len(raw), *strict.parse(raw)


def _array(elements: Iterator[bytes | None]) -> Iterator[Parsed]:
    for number, raw in enumerate(elements, 1):
        if raw is None:
            yield number, 0, None, TOO_LONG, ()
        elif not raw.strip():
            yield number, 0, None, GAP, ()
        else:
            yield number, len(raw), *strict.parse(raw.strip())


def _csv(lines: Iterator[bytes | None], shape: Shape) -> Iterator[Parsed]:
    """The first record is the header; where it is wrong no row can be read."""
    converter = None
    for number, raw, problem in csvtable.records(lines):
        if raw is not None and converter is None and raw.startswith(BOM):
            yield number, 0, None, MARK, ()
            raw = raw[len(BOM) :]
        values, wrong = csvtable.cells(raw) if raw is not None else (None, problem)
        if values is None:
            yield number, 0, None, wrong, ()
        elif converter is None:
            refused = csvtable.header(values, shape)
            if refused:
                yield number, 0, None, refused, ()
                return
            converter = csvtable.Converter(values, shape)
        else:
            row, wrong = converter.row(values)
            yield number, len(raw or b""), row, wrong, separators((raw or b"").decode("utf-8", "replace"))


def _about_the_whole(shard: Shard, table: str, reading: Reading) -> None:
    """What can be said only when the shard was read: a name that lies, mixed line endings."""
    lies = shard.misnamed()
    if lies:
        reading.add_file(misnamed(shard.place, lies))
    if len(shard.endings) == 2:
        changed = max(shard.endings.values())
        mixed = Problem(
            "line_endings", "from this line on CRLF and LF are mixed", "end every line with LF", warning=True
        )
        reading.add(table, shard.place, changed, mixed)
