"""Other forms of defects in bytes, archives and the manifest."""

import gzip
import json
from random import Random

from chat_planting import (
    ANSWER,
    SHARD,
    answer,
    defect,
    in_answer,
    in_bytes,
    one,
    plain,
    put,
    replaced,
)
from harness import Files, Link, Plant, Record
from vessels import beside, joined, lines, listed, lost, poured, tar, whole, zip_

LOST = ("delivery.volume", "Chat.", "dialogue.", "quality.", "people.", "provenance.", "training.")


def sent(name: str, plant: object, also: tuple[str, ...] = (), file: str = "") -> Plant:
    return Plant(name, "delivery.as_listed", plant, "", "sent", also, file)  # type: ignore[arg-type]


def file(name: str, clause: str, plant: object, path: str = "", also: tuple[str, ...] = (), place: str = "") -> Plant:
    return Plant(name, clause, plant, path, "files", also, place)  # type: ignore[arg-type]


def twice_listed(written: Record) -> None:
    files = written["lots"][0]["files"]
    files.append(next(dict(one) for one in files if one["path"] == SHARD))


def more_records(written: Record) -> None:
    for entry in written["lots"][0]["files"]:
        if entry["path"] == SHARD:
            entry["records"] += 1_000


def same_id(files: Files, rng: Random) -> Files:
    body = lines(files[SHARD])
    changed = json.dumps(json.loads(body[50]) | {"id": "SC-00031"}, ensure_ascii=False).encode()
    return files | {SHARD: joined(SHARD, [*body[:50], changed, *body[51:]])}


def drifted(files: Files, rng: Random) -> Files:
    """From the middle of the file on, every row has a key more."""
    rows = [json.loads(body) for body in lines(files[SHARD])]
    changed = [row | {"index": at} if at > 60 else row for at, row in enumerate(rows)]
    return files | {SHARD: joined(SHARD, [json.dumps(row, ensure_ascii=False).encode() for row in changed])}


FILES: tuple[Plant, ...] = (
    # Bytes, JSON, files
    file(
        "UTF-16 with its mark", "delivery.readable", whole(SHARD, lambda body: body.decode().encode("utf-16")), "", LOST
    ),
    file(
        "LFS pointer",
        "delivery.readable",
        whole(
            SHARD, lambda body: b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0f" * 32 + b"\nsize 99\n"
        ),
        "",
        LOST,
    ),
    file(
        "a line of nine megabytes",
        "delivery.readable",
        replaced(b'"English only"', b'"' + b"y" * (9 << 20) + b'"'),
        "$",
    ),
    file("CESU-8 in an answer", "delivery.readable", replaced(b'"English only"', b'"\xed\xa0\xbd\xed\xb8\x80"'), "$"),
    file("two lines in one", "delivery.readable", in_bytes(lambda line: line + line), "$"),
    file("gzip called lines", "delivery.as_listed", whole(SHARD, lambda body: gzip.compress(body)), ""),
    file("zip called lines", "delivery.as_listed", whole(SHARD, lambda body: zip_({SHARD: body})), "", LOST),
    defect(
        "carriage returns in an answer",
        "quality.line_ends",
        one(answer(lambda t: t.replace(". ", ".\r\n")), plain),
        "$.target.messages",
    ),
    defect(
        "quotation marks decoded wrongly",
        "quality.no_artefacts",
        in_answer("Press \u00e2\u20ac\u0153Start\u00e2\u20ac\u009d."),
        ANSWER,
        ("quality.nothing_hidden",),
    ),
    defect("degree sign decoded wrongly", "quality.no_artefacts", in_answer("It gets 60 \u00c2\u00b0C hot."), ANSWER),
    # Archives, shards, manifest
    file(
        "a member that climbs",
        "delivery.as_listed",
        poured(SHARD, "part-01.tar", lambda body: tar({SHARD: body, "../../evil.jsonl": b"{}\n"})),
        "",
        place="part-01.tar!../../evil.jsonl",
    ),
    file(
        "gzip without end",
        "delivery.readable",
        lambda files, rng: files | {"part-02.jsonl.gz": gzip.compress(b" " * (90 << 20), 9)},
        "",
        place="part-02.jsonl.gz",
    ),
    file(
        "members of one name but for case",
        "delivery.as_listed",
        poured(SHARD, "part-01.zip", lambda body: zip_({SHARD: body, "PART-01.jsonl": b"{}\n"})),
        "",
        place="part-01.zip!PART-01.jsonl",
    ),
    sent(
        "shard gone",
        lost(SHARD),
        ("delivery.volume", "Chat.", "dialogue.", "quality.", "people.", "provenance.", "training."),
        SHARD,
    ),
    sent("a thousand records promised", listed(more_records), file=SHARD),
    sent("a shard listed twice", listed(twice_listed), also=LOST, file=SHARD),
    sent("a loader among the data", beside("dataset.py", b"import os\n")),
    sent("a link upwards", beside("more.jsonl", Link("../delivery/part-01.jsonl"))),
    file(
        "shard once more, other name",
        "delivery.as_listed",
        lambda files, rng: files | {"part-02.jsonl": files[SHARD]},
        "",
        ("delivery.volume", "quality.", "Chat.id.unique"),
        "part-02.jsonl",
    ),
    file("id used twice", "Chat.id.unique", same_id, "$.id"),
    file("a key more from the middle on", "Chat.closed", drifted, "$.index"),
    defect(
        "yes as text in the last row",
        "Chat.source.confirmed",
        lambda rs, rng: [*rs[:-1], rs[-1] | {"source": rs[-1]["source"] | {"confirmed": "yes"}}],
        "$.source.confirmed",
        ("dialogue.honest",),
    ),
    defect(
        "licence that the handbook does not give",
        "provenance.as_registered",
        one(put("source", "work", "W-2"), lambda r: "work" in r["source"]),
        "$.source.work, $.governance.license",
    ),
)
