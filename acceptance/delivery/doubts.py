"""A folder and its new manifest to what its vendor should look at: files left out, shards that look like no shard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from acceptance.delivery import folder as folders
from acceptance.delivery import inventory
from acceptance.delivery.findings import Reading
from acceptance.delivery.manifest import Entry, Manifest
from acceptance.delivery.reader import read_file
from spec_lang.contract import Contract


def doubts(folder: Path, manifest: Manifest, contract: Contract) -> Iterator[str]:
    """A line for each file, in order: its path, what was done with it and why, what to do. Raises Refused."""
    yield from left_out(folder, manifest)
    for entry in manifest.files():
        if entry.table == contract.record and (why := _unlike(folder, entry, contract)):
            yield f"{entry.path}: is listed as rows of {entry.table}, but {why}"


def left_out(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every file that is here and that the manifest does not list."""
    present = dict(folders.walk(folder))
    known = {finding.file: finding for finding in inventory.files_are_plain(present)}
    for extra in inventory.nothing_else_is_here(present, list(manifest.files())):
        if extra.file in known:
            why, advice = known[extra.file].message, known[extra.file].help
        else:
            why, advice = folders.why_unsafe(extra.file) or "it cannot be read", "rename it, or check its permissions"
        yield f"{extra.file}: is left out: {why}; {advice}"


def _unlike(folder: Path, entry: Entry, contract: Contract) -> str:
    """Why the file looks like no shard of the bought record, by its first row, and what to do; empty if it may be."""
    reading, shape = Reading(), contract.shape(contract.table(entry.table).shape)
    rows = read_file(folder, entry.path, entry.table, shape, reading)
    _, _, _, first = next(rows, ("", 0, 0, None))
    elsewhere = f"{_home(entry.path, contract)}, or take it out if it holds none"
    if first is None:
        found = next(iter(reading.findings), None)
        if found is None:
            return ""
        why = f"no row can be read: {found.message}; {found.help}"
        return f"{why}; {elsewhere}" if found.kind == "header" else why
    named = any(field.name in first for field in shape.fields)
    return "" if named else f"its first row has no field of {shape.name}; {elsewhere}"


def _home(path: str, contract: Contract) -> str:
    """Where the rows of a table belong whose name the file bears or could mean."""
    named = {table.file: table.name for table in contract.tables if table.file}
    name = folders.base(path).rpartition("/")[2]
    meant = next((file for file in named if folders.base(file).rpartition("/")[2] == name), None)
    if meant is not None:
        return f"rows of {named[meant]} belong in {meant}"
    return f"rows of other tables belong in {', '.join(named)}" if named else f"rows of {contract.record} belong in it"
