"""Defects in bytes, tables and files, and between the files and their manifest.

Each function is pure: files in, files with the defect out.
"""

import gzip
import json
from copy import deepcopy
from random import Random
from typing import Any

import data
import planting
from planting import line, put
from plants_in_records import KEY

from harness import Files, Link, Plant  # isort: skip
from vessels import array, beside, inside, joined, lines, listed, lost, raw, whole  # isort: skip

BOM = b"\xef\xbb\xbf"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 607346\n"
SHARD_LOST = ("delivery.volume", "Rating.request.resolves", "provenance.mostly_human", "mixture.")
"""What half of a delivery cannot meet."""


def deep(levels: int) -> bytes:
    return b'{"x": ' + b"[" * levels + b"]" * levels + b', "id":'


def two_lines_as_one(body: bytes) -> bytes:
    return body + body.replace(b'"BO-', b'"BO-9', 1)


def escaped_key(body: bytes) -> bytes:
    return body.replace(b"English only", b"English only, \\u0041KIA" + KEY[4:].encode(), 1)


def pretty_printed(body: bytes) -> bytes:
    return b"".join(json.dumps(json.loads(one), indent=2).encode() + b"\n" for one in body.splitlines())


def python_literals(body: bytes) -> bytes:
    return repr(json.loads(body)).encode()


def id_of_another(files: Files, rng: Random) -> Files:
    """Two requests under one id."""
    (path, at), (other, earlier) = sorted(rng.sample(planting.unrated(files), 2), reverse=True)
    taken = json.loads(lines(files[other])[earlier])["id"]
    body = lines(files[path])
    changed = json.dumps(json.loads(body[at]) | {"id": taken}, ensure_ascii=False).encode()
    return files | {path: joined(path, [*body[:at], changed, *body[at + 1 :]])}


def rating_of_nothing(files: Files, rng: Random) -> Files:
    """A second reading of a request that was not delivered."""
    rows = [*planting.from_csv(files["ratings.csv"])]
    rows += [{"request": "BO-99999", "rater": "EX-001", "task": "refund"}]
    return files | {"ratings.csv": planting.to_csv(rows)}


def careless_readers(files: Files, rng: Random) -> Files:
    """A third of the second readings is guesswork."""
    rows = list(planting.from_csv(files["ratings.csv"]))
    guessed = [row | {"task": rng.choice(data.TASKS)} if rng.random() < 1 / 3 else row for row in rows]
    return files | {"ratings.csv": planting.to_csv(guessed)}


def expired_author(files: Files, rng: Random) -> Files:
    """A bookkeeper whose credential ran out in June writes in December."""
    row = {
        "id": "EX-091",
        "credential": "bookkeeper",
        "valid_from": "2019-03-01",
        "valid_until": "2026-06-30",
        "languages": ["en"],
    }
    return written_by(files, rng, row)


def author_without_credential(files: Files, rng: Random) -> Files:
    """An assistant, who may not write, writes."""
    return written_by(
        files, rng, {"id": "EX-092", "credential": "assistant", "valid_from": "2019-03-01", "languages": ["en"]}
    )


def written_by(files: Files, rng: Random, expert: dict[str, Any]) -> Files:
    """One more expert on the roster, who is the author of one record."""
    path, at = rng.choice(planting.unrated(files))
    body = lines(files[path])
    record = put("source.author", expert["id"])(json.loads(body[at]))
    body[at] = json.dumps(record, ensure_ascii=False).encode()
    roster = [*lines(files["experts.jsonl"]), json.dumps(expert).encode()]
    return files | {path: joined(path, body), "experts.jsonl": joined("experts.jsonl", roster)}


def shard_twice(files: Files, rng: Random) -> Files:
    """The first shard once more, under another name."""
    return files | {"part-03.jsonl": files["part-01.jsonl"]}


def changed_later(files: Files, rng: Random) -> Files:
    """A word of the first shard was corrected after the manifest was written."""
    return files | {"part-01.jsonl": raw(files["part-01.jsonl"]).replace(b"English only", b"English  only", 1)}


def fifty_more(manifest: dict[str, Any]) -> None:
    manifest["lots"][0]["files"][1]["records"] += 50


def climb(manifest: dict[str, Any]) -> None:
    entry = deepcopy(manifest["lots"][0]["files"][0])
    manifest["lots"][0]["files"].append(entry | {"path": "../experts.jsonl", "table": "", "records": 0})


FILES: tuple[Plant, ...] = (
    # Records and the tables beside them
    Plant("id out of form", "Request.id", line(inside(b'"BO-', b'"B0-')), "$.id", "files"),
    Plant("id used twice", "Request.id.unique", id_of_another, "$.id", "files"),
    Plant("secret behind an escape", "quality.no_secrets", line(escaped_key), "$.governance.limitations", "files"),
    Plant("rating of nothing", "Rating.request.resolves", rating_of_nothing, "$.request", "files"),
    Plant("readers disagree", "people.agreement", careless_readers, "-", "files"),
    Plant("credential expired", "people.qualified", expired_author, "$.source.author, $.source.written_at", "files"),
    Plant("credential not accepted", "people.qualified", author_without_credential, "$.source.author", "files"),
    # Bytes
    Plant("byte order mark", "delivery.readable", whole("part-01.jsonl", lambda body: BOM + body), "$", "files"),
    Plant("byte order mark inside", "delivery.readable", line(lambda body: BOM + body), "$", "files"),
    Plant("Latin-1", "delivery.readable", line(inside(b"English", b"\xc9nglish")), "$", "files"),
    Plant("UTF-16", "delivery.readable", whole("part-01.jsonl", lambda body: body.decode().encode("utf-16")), "$",
          "files",
          also=SHARD_LOST),
    Plant("NUL", "delivery.readable", line(inside(b"English", b"Eng\x00lish")), "$", "files"),
    Plant("raw control character", "delivery.readable", line(inside(b"English", b"Eng\tlish")), "$", "files"),
    Plant("illegal escape", "delivery.readable", line(inside(b"English", b"\\d{2}")), "$", "files"),
    Plant("NaN", "delivery.readable", line(inside(b'"train_on"', b'"weight": NaN, "train_on"')), "$", "files"),
    Plant("number without bound", "delivery.readable", line(inside(b'"train_on"', b'"weight": 1e999, "train_on"')),
          "$", "files"),
    Plant("big integer", "delivery.readable", line(inside(b'"release": "2027.01"',
          b'"release": 123456789012345678901234567890')),
          "$", "files"),
    Plant("duplicate key", "delivery.readable", line(inside(b'"language"', b'"language": "de", "language"')),
          "$", "files"),
    Plant("lone surrogate", "delivery.readable", line(inside(b"English", b"\\ud83d")), "$", "files"),
    Plant("CESU-8", "delivery.readable", line(inside(b"English", b"\xed\xa0\xbd\xed\xb8\x80")), "$", "files"),
    Plant("deep nesting", "delivery.readable", line(inside(b'{"id":', deep(100_000))), "$", "files"),
    Plant("oversized line", "delivery.readable", line(inside(b"English", b"E" * (9 << 20))), "$", "files"),
    Plant("blank line", "delivery.readable", line(lambda body: body + b"\n"), "$", "files"),
    Plant("comment", "delivery.readable", line(lambda body: b"// reviewed\n" + body), "$", "files"),
    Plant("two records in a line", "delivery.readable", line(two_lines_as_one), "$", "files"),
    Plant("cut record", "delivery.readable", line(lambda body: body[: len(body) // 2]), "$", "files"),
    Plant("merge conflict", "delivery.readable", line(lambda body: b"<<<<<<< HEAD\n" + body), "$", "files"),
    Plant("Python in place of JSON", "delivery.readable", line(python_literals), "$", "files"),
    Plant("comma before the brace", "delivery.readable", line(lambda body: body[:-1] + b",}"), "$", "files"),
    Plant("zeros behind the end", "delivery.readable", whole("part-01.jsonl", lambda body: body + bytes(4096)), "$",
          "files"),
    Plant("pretty-printed", "delivery.readable", whole("part-01.jsonl", pretty_printed), "", "files", also=SHARD_LOST),
    Plant("carriage returns alone", "delivery.readable",
          whole("part-01.jsonl", lambda body: body.replace(b"\n", b"\r")), "$", "files", also=SHARD_LOST),
    Plant("UTF-16 without its mark", "delivery.readable",
          whole("part-01.jsonl", lambda body: body.decode().encode("utf-16-le")), "$", "files", also=SHARD_LOST),
    Plant("error page in place of the shard", "delivery.readable",
          whole("part-02.jsonl.gz", lambda body: b"<html>\n<title>403 Forbidden</title>\n</html>\n"), "", "files",
          also=(*SHARD_LOST, "delivery.as_listed")),
    Plant("header of a table misspelt", "delivery.readable",
          whole("ratings.csv", lambda body: body.replace(b"rater", b"ratter", 1)), "$", "files",
          also=("people.agreement", "Rating.")),
    Plant("quote of a table never closed", "delivery.readable",
          whole("ratings.csv", lambda body: body + b'"BO-00001,EX-002,refund\n'), "$", "files"),
    Plant("row of a table too short", "delivery.readable",
          whole("ratings.csv", lambda body: body + b"BO-00001,EX-002\n"), "$", "files"),
    # Files
    Plant("shard delivered twice", "delivery.as_listed", shard_twice, "", "files", also=("quality.no_copies",)),
    Plant("extension that lies", "delivery.as_listed", whole("part-01.jsonl", gzip.compress), "", "files"),
    Plant("array called JSON Lines", "delivery.as_listed", whole("part-01.jsonl", array), "", "files"),
    Plant("Git LFS pointer", "delivery.readable", whole("part-02.jsonl.gz", lambda body: LFS), "", "files",
          also=SHARD_LOST),
    Plant("truncated gzip", "delivery.readable", whole("part-02.jsonl.gz", lambda body: body[:-200]), "", "files",
          also=SHARD_LOST),
    Plant("script among the data", "delivery.as_listed", beside("load.py", b"print()\n"), "", "sent"),
    Plant("file not listed", "delivery.as_listed", beside("part-03.jsonl", b"{}\n"), "", "sent"),
    Plant("missing shard", "delivery.as_listed", lost("part-02.jsonl.gz"), "", "sent", also=SHARD_LOST),
    Plant("count mismatch", "delivery.as_listed", listed(fifty_more), "", "sent", file="part-01.jsonl"),
    Plant("changed after the manifest", "delivery.as_listed", changed_later, "", "sent"),
    Plant("path that climbs", "delivery.as_listed", listed(climb), "", "sent", file="../experts.jsonl"),
    Plant("symbolic link", "delivery.as_listed", beside("notes.txt", Link("/etc/hostname")), "", "sent"),
    Plant("names that collide", "delivery.as_listed", beside("Part-01.jsonl", b"{}\n"), "", "sent"),
)  # fmt: skip
