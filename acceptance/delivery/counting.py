"""One file of a delivery to its size, sha256 and number of rows, without parsing them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from acceptance.delivery import csvtable, limits, parquet
from acceptance.delivery import folder as folders
from acceptance.delivery.shards import Opened, Shard
from acceptance.delivery.streams import Broken, chunks
from acceptance.errors import Refused


@dataclass(frozen=True, slots=True)
class Weight:
    """What the manifest says of a file. sha256 in hex; rows are 0 where they were not asked for."""

    bytes: int
    sha256: str
    rows: int


def weigh(folder: Path, path: str, counted: bool = False) -> Weight:
    """The file's size, digest and, where asked, its rows. Raises OSError, Unsafe or Refused."""
    with folders.open_safely(folder, path) as file:
        digest, size = hashlib.sha256(), 0
        for chunk in chunks(file):
            digest.update(chunk)
            size += len(chunk)
        return Weight(size, digest.hexdigest(), _rows(file, path) if counted else 0)


def _rows(file: BinaryIO, path: str) -> int:
    """Rows the file offers, bad ones included, blank lines and a CSV header not. Raises Refused.

    Where the file breaks off, the rows before; of an archive, those of all its members.
    """
    if folders.container(path) == folders.PARQUET and parquet.is_missing():
        raise Refused(f"{path}: {parquet.MISSING}")
    count = 0
    file.seek(0)
    try:
        for shard in Opened(file, path).shards():
            count += shard.total() if shard.total else sum(_entries(shard))
    except Broken:
        pass
    return count


def _entries(shard: Shard) -> Iterator[bool]:
    """For each entry that is delivered whether it counts; ends where the shard breaks off."""
    try:
        shard.open()
        if shard.layout == "csv":
            yield from (number > 0 for number, _ in enumerate(csvtable.records(shard.entries())))  # but the header
        else:
            yield from _countable(shard.entries())
    except Broken:
        return


def _countable(entries: Iterator[bytes | None]) -> Iterator[bool]:
    """Ends where so many entries are no records, being empty or of one byte, that reading ends there too."""
    junk = 0
    for entry in entries:
        yield entry is None or (bool(entry) and not entry.isspace())
        junk += entry is not None and len(entry) < 2
        if junk > limits.MAX_BAD:
            return
