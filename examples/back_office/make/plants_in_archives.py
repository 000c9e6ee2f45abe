"""Defects of archives, arrays and Parquet: the first shard in another vessel, with something wrong about it.

Each function is pure: files in, files with the defect out.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from functools import partial

from plants_in_files import SHARD_LOST  # isort: skip

import vessels
from harness import Plant
from vessels import Members, Pack, PlantFiles, array, inside, tar, tar_with, zip_

SHARD = "part-01.jsonl"


def locked(members: Members) -> bytes:
    """The last member claims to be encrypted."""
    body = bytearray(zip_(members))
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


def parquet(body: bytes) -> bytes:
    """One weight is no number."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    rows = [json.loads(one) for one in body.splitlines()]
    rows[6]["training"]["weight"] = float("nan")
    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), made)
    return made.getvalue()


def beside(name: str, body: bytes = b"{}\n") -> Callable[[bytes], Members]:
    """The shard, and one more member."""
    return lambda shard: {SHARD: shard, name: body}


def alone(shard: bytes) -> Members:
    return {SHARD: shard}


def packed(archive: str, pack: Pack, members: Callable[[bytes], Members]) -> PlantFiles:
    """The first shard moves into an archive."""
    return poured(archive, lambda shard: pack(members(shard)))


poured = partial(vessels.poured, SHARD)
"""The first shard becomes another file."""


def seventh(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Changes line 7."""

    def make(shard: bytes) -> bytes:
        body = shard.splitlines(keepends=True)
        return b"".join([*body[:6], change(body[6]), *body[7:]])

    return make


def refused(name: str, archive: str, pack: Pack, member: str, body: bytes = b"{}\n") -> Plant:
    """A member that must not be there; the rest of the archive is good."""
    plant = packed(archive, pack, beside(member, body))
    return Plant(name, "delivery.as_listed", plant, "", "files", file=f"{archive}!{member}")


def unread(name: str, place: str, plant: PlantFiles, line: int = 0, also: tuple[str, ...] = ()) -> Plant:
    """A line, or where `line` is 0 a whole file, that gives no row."""
    return Plant(name, "delivery.readable", plant, "$" if line else "", "files", also, place, line)


def halved(body: bytes) -> bytes:
    return body[: len(body) // 2]


twice = inside(b'"language"', b'"language": "de", "language"')
latin = inside(b"English", b"\xc9nglish")

ARCHIVES: tuple[Plant, ...] = (
    refused("member that climbs", "part-01.tar", tar, "../evil.jsonl"),
    refused("member at the root", "part-01.zip", zip_, "/etc/evil.jsonl"),
    refused("member on a drive", "part-01.zip", zip_, "C:evil.jsonl"),
    refused("symbolic link in a tar", "part-01.tar", tar_with(tarfile.SYMTYPE), "more.jsonl"),
    refused("hard link in a tar", "part-01.tar", tar_with(tarfile.LNKTYPE), "more.jsonl"),
    refused("device in a tar", "part-01.tar", tar_with(tarfile.CHRTYPE), "more.jsonl"),
    refused("members that collide", "part-01.tar", tar, "Part-01.jsonl"),
    refused("archive in an archive", "part-01.tar", tar, "more.zip", zip_({"a.jsonl": b"{}\n"})),
    refused("archive called a shard", "part-01.zip", zip_, "more.jsonl", tar({"a.jsonl": b"{}\n"})),
    refused("script in an archive", "part-01.zip", zip_, "load.py"),
    refused("encrypted member", "part-01.zip", locked, "more.jsonl"),
    Plant("compressed tar called tar", "delivery.as_listed",
          packed("part-01.tar", lambda members: gzip.compress(tar(members)), alone), "", "files", file="part-01.tar"),
    Plant("JSON Lines called JSON", "delivery.as_listed", poured("part-01.json", bytes), "", "files",
          file="part-01.json"),
    unread("bad line in a tar", f"part-01.tar!{SHARD}",
           packed("part-01.tar", tar, lambda shard: {SHARD: seventh(latin)(shard)}), 7),
    unread("bad line in a zip", f"part-01.zip!{SHARD}",
           packed("part-01.zip", zip_, lambda shard: {SHARD: seventh(twice)(shard)}), 7),
    unread("bad element of an array", "part-01.json",
           poured("part-01.json", lambda shard: array(seventh(twice)(shard))), 7),
    unread("not a number in Parquet", "part-01.parquet", poured("part-01.parquet", parquet), 7),
    unread("truncated array", "part-01.json", poured("part-01.json", lambda shard: halved(array(shard))),
           also=SHARD_LOST),
    unread("truncated tar", f"part-01.tar!{SHARD}",
           packed("part-01.tar", lambda members: halved(tar(members)), alone), also=SHARD_LOST),
    unread("truncated tar.gz", f"part-01.tar.gz!{SHARD}",
           packed("part-01.tar.gz", lambda members: halved(gzip.compress(tar(members))), alone), also=SHARD_LOST),
    unread("truncated zip", "part-01.zip", packed("part-01.zip", lambda members: halved(zip_(members)), alone),
           also=SHARD_LOST),
    unread("truncated Parquet", "part-01.parquet", poured("part-01.parquet", lambda shard: halved(parquet(shard))),
           also=SHARD_LOST),
    unread("more behind a tar", "part-01.tar", packed("part-01.tar", lambda members: tar(members) + b"more", alone)),
    unread("program before a zip", "part-01.zip",
           packed("part-01.zip", lambda members: b"#!/bin/sh\n" + zip_(members), alone), also=SHARD_LOST),
    unread("gzip that unpacks without end", "part-03.jsonl.gz",
           lambda files, rng: files | {"part-03.jsonl.gz": gzip.compress(b" " * (80 << 20), 9)}),
)  # fmt: skip
