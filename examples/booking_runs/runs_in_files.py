"""Defects in bytes, archives, shards and the manifest."""

import gzip
import io
import json
import tarfile
from functools import partial
from random import Random

import vessels
from harness import Files, Link, Plant, Record
from run_planting import SHARDS, defect, final, one, put, quiet
from vessels import (
    alone_in,
    array,
    beside,
    inside,
    joined,
    last,
    lines,
    listed,
    lost,
    packed,
    raw,
    tar,
    tar_with,
    whole,
    zip_,
)

LIMITS = b'"Invented cities'
SHARD, SECOND = SHARDS
LOST = ("delivery.volume", "mixture.", "provenance.ancestry", "Run.source.parents.resolves", "people.",
        "quality.few_refusals")  # fmt: skip
"""What half of a delivery cannot meet."""
REGISTER = ("Run.source.work.resolves", "provenance.as_registered", "Work.")
"""What cannot be judged without the register."""


def unread(name: str, plant: vessels.PlantFiles, path: str = "$", also: tuple[str, ...] = (), **place: object) -> Plant:
    return defect(name, "delivery.readable", plant, path, also, "files", **place)  # type: ignore[arg-type]


def unlisted(
    name: str, plant: vessels.PlantFiles, when: str = "sent", also: tuple[str, ...] = (), file: str = ""
) -> Plant:
    return defect(name, "delivery.as_listed", plant, "", also, when, file)  # type: ignore[arg-type]


line = partial(vessels.line, places=quiet)
tail = partial(vessels.line, places=last)


def boundary(files: Files, rng: Random) -> Files:
    """The second shard was saved with a mark and glued on."""
    return files | {SECOND: packed(b"\xef\xbb\xbf" + gzip.decompress(raw(files[SECOND])))}


def renumbered(files: Files, rng: Random) -> Files:
    """The second shard again, under another name and other ids."""
    rows = [json.loads(body) for body in lines(files[SECOND])]
    again = [
        row | {"id": f"BR-{number}", "source": row["source"] | {"parents": []}} for number, row in enumerate(rows, 7001)
    ]
    return files | {"part-03.jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in again)}


def drifted(files: Files, rng: Random) -> Files:
    """Every row of the second shard has two keys more."""
    rows = [json.loads(body) | {"split": "train", "index": at} for at, body in enumerate(lines(files[SECOND]))]
    return files | {SECOND: joined(SECOND, [json.dumps(row, ensure_ascii=False).encode() for row in rows])}


def same_id(files: Files, rng: Random) -> Files:
    """The last record has the id of the first, in another shard."""
    body = lines(files[SECOND])
    changed = json.dumps(json.loads(body[-1]) | {"id": "BR-0001"}, ensure_ascii=False).encode()
    return files | {SECOND: joined(SECOND, [*body[:-1], changed])}


def renamed(old: str, new: str) -> vessels.PlantFiles:
    return lambda files, rng: {new if name == old else name: body for name, body in files.items()}


def swapped(files: Files, rng: Random) -> Files:
    """The manifest of this delivery, the second shard of another."""
    changed = [body.replace(b"2033-06-30", b"2034-06-30") for body in lines(files[SECOND])]
    return files | {SECOND: joined(SECOND, changed)}


def tar_twice(members: vessels.Members) -> bytes:
    """A member comes back later with other content."""
    made = io.BytesIO(tar(members))
    with tarfile.open(fileobj=made, mode="a") as archive:
        archive.addfile(tarfile.TarInfo(SHARD), io.BytesIO())
    return made.getvalue()


def fewer(written: Record) -> None:
    written["lots"][0]["files"][0]["records"] -= 3


FILES: tuple[Plant, ...] = (
    # Bytes, JSON
    unread("half a letter at the end of the last line", tail(lambda body: body[:-2] + b'\xe2\x82"}')),
    unread("a letter in too many bytes", line(inside(b"German", b"Germ\xc0\xafan"))),
    unread("byte order mark between shards", boundary),
    unread("UTF-32", whole(SHARD, lambda body: body.decode().encode("utf-32")), "", LOST),
    unread("UTF-16, big end first", whole(SHARD, lambda body: body.decode().encode("utf-16-be")), "$", LOST),
    unread("a tab in a text", line(inside(LIMITS, b'"Invented\tcities'))),
    unread("a Windows path", line(inside(LIMITS, b'"C:\\Users\\cities'))),
    unread("the same key, once escaped", line(inside(b'"content": ', b'"cont\\u0065nt": "x", "content": '))),
    unread("the same key deep inside", line(inside(b'"function": {', b'"function": {"name": "none", '))),
    unread("minus infinity", line(inside(b'"review_seconds": ', b'"review_seconds": -Infinity, "x": '))),
    unread(
        "five thousand digits", line(inside(b'"review_seconds": ', b'"review_seconds": 1' + b"0" * 5000 + b', "x": '))
    ),
    unread("second half of a pair", line(inside(LIMITS, b'"\\udc4dcities'))),
    unread("a hundred objects deep", line(inside(LIMITS, b'{"a":' * 100 + b"1" + b"}" * 100 + b', "x": "'))),
    unread("a line of spaces", line(lambda body: b"   \n" + body)),
    unread("a comment behind a hash", line(lambda body: b"# checked by QA\n" + body)),
    unread("a comma after each line", line(lambda body: body + b",")),
    unread(
        "LFS pointer named as plain lines",
        whole(
            SHARD,
            lambda body: b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 4711\n",
        ),
        "",
        LOST,
    ),
    unread("a line of nine megabytes at the end", tail(inside(LIMITS, b'"' + b"x" * (9 << 20)))),
    unread("a table in Latin-1", whole("works.csv", lambda body: body.replace(b"Rail", b"R\xe9il")), also=REGISTER),
    # Archives, lots, shards
    unlisted(
        "a member that climbs with backslashes",
        alone_in(SHARD, "part-01.zip", zip_, {"..\\..\\evil.jsonl": b"{}\n"}),
        "files",
        file="part-01.zip!..\\..\\evil.jsonl",
    ),
    unlisted(
        "a link to a folder in a tar",
        alone_in(SHARD, "part-01.tar", tar_with(tarfile.SYMTYPE, "/etc"), {"more.jsonl": b""}),
        "files",
        file="part-01.tar!more.jsonl",
    ),
    unlisted(
        "one member name twice", alone_in(SHARD, "part-01.tar", tar_twice, {}), "files", file=f"part-01.tar!{SHARD}"
    ),
    unlisted(
        "names that differ in composition",
        lambda files, rng: files | {"part-é.jsonl": b"{}\n", "part-e\u0301.jsonl": b"{}\n"},
        "sent",
        file="part-e\u0301.jsonl",
    ),
    unlisted("link to a folder", beside("more", Link("/etc"))),
    unlisted("a table that did not arrive", lost("works.csv"), also=REGISTER),
    unlisted("three records fewer in the manifest", listed(fewer), file=SHARD),
    unlisted("a shard of another delivery", swapped),
    unlisted("a pickle among the data", beside("cache.pkl", b"\x80\x04K\x01.")),
    unlisted(
        "a template among the data",
        beside("chat_template.jinja", b"{{ cycler.__init__.__globals__.os.popen('id').read() }}"),
    ),
    unread("a table called CSV that is lines", whole("works.csv", lambda body: b'{"id": "W-1"}\n'), also=REGISTER),
    unlisted("an array called lines", whole(SHARD, array), "files"),
    unread(
        "zip that unpacks without end",
        lambda files, rng: files | {"part-03.zip": zip_({"a.jsonl": b" " * (300 << 20)})},
        "",
        file="part-03.zip!a.jsonl",
    ),
    unread(
        "a member cut short",
        alone_in(SHARD, "part-01.tar", lambda members: tar(members)[:9_000], {}),
        "",
        LOST,
        file=f"part-01.tar!{SHARD}",
    ),
    defect(
        "shard twice under new ids",
        "quality.no_copies",
        renumbered,
        "-",
        ("delivery.volume", "quality.near_copies"),
        "files",
    ),
    defect("two keys more in one shard", "Run.closed", drifted, "$.split", when="files"),
    defect("same id in both shards", "Run.id.unique", same_id, "$.id", when="files"),
    defect(
        "another type in the last row",
        "Run.source.review_seconds",
        final(put("source", review_seconds="83")),
        "$.source.review_seconds",
    ),
    defect(
        "a list where a text was",
        "Run.governance.limitations",
        final(put("governance", limitations=["none"])),
        "$.governance.limitations",
    ),
    defect(
        "null in the last row",
        "Run.input.topic",
        final(put("input", topic=None)),
        "$.input.topic",
        ("people.qualified", "quality.few_refusals"),
    ),
    defect(
        "licence that the register does not give",
        "provenance.as_registered",
        one(put("governance", license="MIT"), lambda record: "work" in record["source"]),
        "$.source.work, $.governance.license",
    ),
)
