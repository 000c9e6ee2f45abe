"""Files in, one body out that holds them: every container that a delivery may come in."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import zstandard

Members = dict[str, bytes]
Pack = Callable[[Members], bytes]


def tarred(files: Members, format: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format) as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return made.getvalue()


def zipped(files: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return made.getvalue()


def streamed(files: Members) -> bytes:
    """As a program writes that cannot seek: sizes behind the members, and in 64 bits."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.made = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.made += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(body)
    return bytes(pipe.made)


zstd = zstandard.ZstdCompressor(write_checksum=True).compress

PACKS: dict[str, Pack] = {
    "part.tar": tarred,
    "part.tar.gz": lambda files: gzip.compress(tarred(files)),
    "part.tgz": lambda files: gzip.compress(tarred(files, tarfile.GNU_FORMAT)),
    "part.tar.zst": lambda files: zstd(tarred(files, tarfile.USTAR_FORMAT)),
    "part.zip": zipped,
    "stored/part.zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "streamed/part.zip": streamed,
}


def array(lines: bytes) -> bytes:
    """JSON Lines as one JSON array."""
    return b"[" + b",".join(line for line in lines.split(b"\n") if line) + b"]"


def parquet(rows: list[dict[str, Any]], group: int = 25) -> bytes:
    """Rows as Parquet, which needs pyarrow."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own pools reserve a GiB
    import pyarrow as pa
    from pyarrow import parquet as pq

    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), made, row_group_size=group)
    return made.getvalue()


def jsonl(rows: list[Any]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
