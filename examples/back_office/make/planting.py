"""A clean delivery in memory, and the tools that plants are made with: pick a record or line by chance, change it."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

import data
from data import Record

from acceptance.signing.secrets import Secrets

SHARDS = ("part-01.jsonl", "part-02.jsonl.gz")
MANIFEST = "manifest.json"


def nonces() -> Secrets:
    """The example's secrets, which are public: a checkout lets everyone read them, which a real deal must not."""
    return Secrets.model_validate_json((data.HERE / "private" / "secrets.json").read_bytes())


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link in place of a file."""

    target: str


Records = list[Record]
Files = dict[str, bytes | Link]
Change = Callable[[Record], Record]
PlantRecords = Callable[[Records, Random], Records]
PlantFiles = Callable[[Files, Random], Files]
When = Literal["records", "files", "sent"]


@dataclass(frozen=True, slots=True)
class Plant:
    """One kind of defect.

    `plant` changes the records, the files made of them, or what was sent: files and manifest. What it picks by chance
    is the same each time. `path` is the place in the row; empty where the defect is a file's, `-` where it is that of
    all records together.
    """

    name: str
    clause: str
    plant: Callable[[Any, Random], Any]
    path: str = "$"
    when: When = "records"
    also: tuple[str, ...] = ()
    """Clauses that may object as a consequence; one that ends in a dot stands for all whose names begin so."""
    file: str = ""
    """The file or member objected to, where it is not the first that differs."""
    line: int = 0
    """The line objected to in `file`."""


# ------------------------------------------------------------------------------------------------ the delivery


def base(calls_per_cell: int = 5, general: int = 40, declines: int = 10) -> Records:
    """A small clean delivery: of each task and date form, and of each origin, about the share of the large one."""
    left = {"general": general, "decline": declines}
    chosen: Records = []
    for record in data.delivery():
        task, date_form = record["input"]["task"], record["input"]["date_form"]
        cell = task if task in left else f"{task} {date_form}"
        others = sum(one["source"]["origin"] != "human" for one in chosen)
        crowded = record["source"]["origin"] != "human" and others * 4 > len(chosen)
        if left.setdefault(cell, calls_per_cell) and not crowded:
            left[cell] -= 1
            chosen.append(record)
    return chosen


def files(records: Records, clean: Records) -> Files:
    """The folder's content before its manifest: two shards and both tables. The second readings are of clean labels."""
    middle, present = len(clean) // 2, {record.get("id") for record in records}
    rows = [row for row in data.ratings(clean) if row["request"] in present]
    return {
        "part-01.jsonl": data.to_jsonl(records[:middle]),
        "part-02.jsonl.gz": packed(data.to_jsonl(records[middle:])),
        "experts.jsonl": data.to_jsonl(data.experts()),
        "ratings.csv": to_csv(rows),
    }


def write(folder: Path, content: Files) -> None:
    """Put files and links on disk."""
    for path, body in content.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if isinstance(body, Link):
            place.symlink_to(body.target)
        else:
            place.write_bytes(body)


def first_difference(clean: Files, planted: Files) -> tuple[str, int]:
    """The first file and its first line that are not as they were, shards before tables; 0 for the file as such."""
    for path in [*SHARDS, *sorted({*clean, *planted} - {MANIFEST, *SHARDS})]:
        if clean.get(path) != planted.get(path):
            before, after = lines(clean.get(path, b"")), lines(planted.get(path, b""))
            numbers = range(max(len(before), len(after)))
            return path, next((at + 1 for at in numbers if before[at : at + 1] != after[at : at + 1]), 0)
    return "", 0


# ------------------------------------------------------------------------------------------------ records


def one(change: Change, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    """Changes one record among those that suit."""

    def plant(records: Records, rng: Random) -> Records:
        at = rng.choice([at for at, record in enumerate(records) if suits(record)])
        return [*records[:at], change(records[at]), *records[at + 1 :]]

    return plant


def some(share: float, change: Change, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    """Changes records among those that suit, as many as a share of all."""

    def plant(records: Records, rng: Random) -> Records:
        chosen = set(rng.sample([at for at, one in enumerate(records) if suits(one)], round(share * len(records))))
        return [change(record) if at in chosen else record for at, record in enumerate(records)]

    return plant


def added(share: float, make: Change, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    """Appends changed copies of records under new ids; at least one."""

    def plant(records: Records, rng: Random) -> Records:
        pool = [record for record in records if suits(record)]
        return records + renamed([make(record) for record in rng.sample(pool, max(1, round(share * len(records))))])

    return plant


def renamed(records: Records) -> Records:
    """Copies with ids that no other record has."""
    return [deepcopy(record) | {"id": f"BO-{number:05d}"} for number, record in enumerate(records, 90_001)]


def put(path: str, value: Any) -> Change:
    """Sets a field; a function as value sees the old one."""
    *groups, name = path.split(".")

    def change(record: Record) -> Record:
        record = deepcopy(record)
        owner = record
        for group in groups:
            owner = owner[group]
        owner[name] = value(owner.get(name)) if callable(value) else value
        return record

    return change


def without(path: str) -> Change:
    """Removes a field."""
    *groups, name = path.split(".")

    def change(record: Record) -> Record:
        record = deepcopy(record)
        owner = record
        for group in groups:
            owner = owner[group]
        del owner[name]
        return record

    return change


def both(first: Change, second: Change) -> Change:
    return lambda record: second(first(record))


def said(words: str) -> Change:
    """Puts words behind the request."""
    return put("input.request", lambda request: f"{request} {words}")


def is_call(record: Record) -> bool:
    return "call" in record["target"]


def is_reply(record: Record) -> bool:
    return "reply" in record["target"]


def from_(origin: str) -> Callable[[Record], bool]:
    return lambda record: record["source"]["origin"] == origin


# ------------------------------------------------------------------------------------------------ files


def line(change: Callable[[bytes], bytes], suits: Callable[[bytes], bool] = lambda body: True) -> PlantFiles:
    """Changes one line of a shard, of a record that has no second readings, so that nothing else misses it."""

    def plant(content: Files, rng: Random) -> Files:
        path, at = rng.choice([place for place in unrated(content) if suits(lines(content[place[0]])[place[1]])])
        body = lines(content[path])
        return content | {path: joined(path, [*body[:at], change(body[at]), *body[at + 1 :]])}

    return plant


def unrated(content: Files) -> list[tuple[str, int]]:
    """(shard, position) of each record without second readings."""
    rated = {row.split(b",")[0] for row in lines(content["ratings.csv"])}
    return [
        (path, at)
        for path in SHARDS
        for at, body in enumerate(lines(content[path]))
        if json.loads(body)["id"].encode() not in rated
    ]


def whole(path: str, change: Callable[[bytes], bytes]) -> PlantFiles:
    """Changes the bytes of a file as they lie on disk."""
    return lambda content, rng: content | {path: change(raw(content[path]))}


def listed(change: Callable[[dict[str, Any]], None]) -> PlantFiles:
    """Changes the manifest that was written."""

    def plant(content: Files, rng: Random) -> Files:
        manifest = json.loads(raw(content[MANIFEST]))
        change(manifest)
        return content | {MANIFEST: json.dumps(manifest).encode()}

    return plant


def lines(body: bytes | Link) -> list[bytes]:
    """The lines of a file, unpacked, without their line feeds."""
    content = raw(body)
    if content.startswith(b"\x1f\x8b"):
        content = zlib.decompressobj(31).decompress(content)
    return content.removesuffix(b"\n").split(b"\n") if content else []


def joined(path: str, body: list[bytes]) -> bytes:
    content = b"".join(one + b"\n" for one in body)
    return packed(content) if path.endswith(".gz") else content


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def raw(body: bytes | Link) -> bytes:
    return body if isinstance(body, bytes) else b""


def to_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ("request", "rater", "task"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def from_csv(body: bytes | Link) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(raw(body).decode()))
