"""Other forms of defects in bytes, archives and shards."""

import gzip
import json
from collections.abc import Callable
from random import Random

import data
import planting
from data import Record
from harness import Files, Link, Plant
from planting import is_reply, line, one, put
from plants_in_files import SHARD_LOST
from vessels import beside, inside, last, lines, packed, poured, tar, whole, zip_
from vessels import line as any_line

REQUEST, REPLY, NOTE = "$.input.request", "$.target.reply", "$.governance.limitations"


def final(change: Callable[[Record], Record]) -> planting.PlantRecords:
    """Changes the last record of the last shard."""
    return lambda records, rng: [*records[:-1], change(records[-1])]


def ids_anew(files: Files, rng: Random) -> Files:
    """The first shard once more, every record under a new id."""
    rows = [json.loads(one) | {"id": f"BO-{at:05d}"} for at, one in enumerate(lines(files["part-01.jsonl"]), 80_001)]
    return files | {"part-03.jsonl": data.to_jsonl(rows)}


def drifted(files: Files, rng: Random) -> Files:
    """Every row of the second shard has a key more."""
    path = "part-02.jsonl.gz"
    rows = [json.loads(one) | {"split": "train"} for one in lines(files[path])]
    return files | {path: packed(data.to_jsonl(rows))}


BYTES: tuple[Plant, ...] = (
    # Bytes
    Plant(
        "byte cut from a letter in the last line",
        "delivery.readable",
        any_line(lambda body: body[:-3] + b'\xc3"}}', places=last),
        "$",
        "files",
        also=("Rating.request.resolves",),
    ),
    Plant(
        "UTF-32",
        "delivery.readable",
        whole("part-01.jsonl", lambda body: body.decode().encode("utf-32")),
        "",
        "files",
        also=SHARD_LOST,
    ),
    Plant("a line feed in a text", "delivery.readable", line(inside(b"English", b"Eng\nlish")), "$", "files"),
    Plant("single quotes", "delivery.readable", line(lambda body: body.replace(b'"', b"'")), "$", "files"),
    Plant(
        "key of an inner object twice",
        "delivery.readable",
        line(inside(b'"origin"', b'"origin": "human", "origin"')),
        "$",
        "files",
    ),
    Plant(
        "infinity", "delivery.readable", line(inside(b'"train_on"', b'"weight": Infinity, "train_on"')), "$", "files"
    ),
    Plant(
        "number of a thousand digits",
        "delivery.readable",
        line(inside(b'"train_on"', b'"weight": ' + b"7" * 1_000 + b', "train_on"')),
        "$",
        "files",
    ),
    Plant(
        "surrogates the wrong way round", "delivery.readable", line(inside(b"English", b"\\udc4d\\ud83d")), "$", "files"
    ),
    Plant(
        "a thousand lists",
        "delivery.readable",
        line(inside(b'{"id":', b'{"x": ' + b"[" * 1_000 + b"]" * 1_000 + b', "id":')),
        "$",
        "files",
    ),
    Plant(
        "a long line at the end",
        "delivery.readable",
        any_line(inside(b"English", b"E" * (10 << 20)), places=last),
        "$",
        "files",
        also=("Rating.request.resolves",),
    ),
    Plant("line of a no-break space", "delivery.readable", line(lambda body: b"\xc2\xa0\n" + body), "$", "files"),
    Plant(
        "carriage return in a reply", "quality.nothing_hidden", one(put("target.reply", "Yes.\rNo."), is_reply), REPLY
    ),
    Plant(
        "pointer in a compressed shard",
        "delivery.readable",
        whole(
            "part-02.jsonl.gz",
            lambda body: gzip.compress(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
        ),
        "",
        "files",
        also=SHARD_LOST,
    ),
    # Archives, shards
    Plant(
        "absolute member of a tar",
        "delivery.as_listed",
        poured("part-01.jsonl", "part-01.tar", lambda body: tar({"part-01.jsonl": body, "/tmp/evil.jsonl": b"{}\n"})),
        "",
        "files",
        file="part-01.tar!/tmp/evil.jsonl",
    ),
    Plant(
        "zip without end",
        "delivery.readable",
        lambda files, rng: files | {"part-03.zip": zip_({"a.jsonl": b"\n" * (120 << 20)})},
        "",
        "files",
        file="part-03.zip!a.jsonl",
    ),
    Plant(
        "first shard twice, ids anew",
        "quality.no_copies",
        ids_anew,
        "-",
        "files",
        also=("quality.near_copies", "delivery.volume"),
    ),
    Plant("a key more in the second shard", "Request.closed", drifted, "$.split", "files"),
    Plant(
        "number as text in the last row",
        "Request.training.weight",
        final(put("training.weight", "2")),
        "$.training.weight",
    ),
    Plant(
        "object for a word in the last row",
        "Request.governance.privacy",
        final(put("governance.privacy", {"kind": "none"})),
        "$.governance.privacy",
    ),
    Plant("compiled program", "delivery.as_listed", beside("load.so", b"\x7fELF\x02\x01\x01"), "", "sent"),
    Plant(
        "link to a shard outside", "delivery.as_listed", beside("part-09.jsonl", Link("/tmp/part-09.jsonl")), "", "sent"
    ),
)
