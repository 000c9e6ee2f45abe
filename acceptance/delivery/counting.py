"""One file of a delivery to its size, sha256 and number of rows, without parsing them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from acceptance.delivery import csvtable, shards
from acceptance.delivery import folder as folders


def fingerprint(folder: Path, path: str) -> tuple[int, str]:
    """(bytes, sha256 in hex). Raises OSError or Unsafe."""
    with folders.open_safely(folder, path) as file:
        digest = hashlib.sha256()
        while chunk := file.read(shards.CHUNK):
            digest.update(chunk)
        return file.tell(), digest.hexdigest()


def rows(folder: Path, path: str) -> int:
    """Rows the file offers, bad ones included, blank lines and a CSV header not. Raises OSError or Unsafe.

    Where the file breaks off, the rows before.
    """
    with folders.open_safely(folder, path) as file:
        return _rows(file, folders.stem(path).lower())


def _rows(file: BinaryIO, name: str) -> int:
    count = 0
    shard = shards.Shard(file)
    try:
        start, chunks = shards.peek(shard.sniff(name))
        if name.endswith(".csv"):
            count = -1  # the header
            for _ in csvtable.records(shard.lines(chunks)):
                count += 1
            return max(count, 0)
        entries = shards.elements(chunks) if shards.is_array(start) else shard.lines(chunks)
        for entry in entries:
            count += entry is None or (bool(entry) and not entry.isspace())
    except shards.Broken:
        pass
    return max(count, 0)
