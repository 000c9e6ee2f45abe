"""The clean delivery in memory, and the tools that plants are made with: pick a record by chance, change it."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2] / "corpus"))

import data
import vessels
from data import Record
from harness import Files, Link, Records
from vessels import lines, packed, raw

from acceptance.signing.secrets import Secrets

SHARDS = ("part-01.jsonl", "part-02.jsonl.gz")


def nonces() -> Secrets:
    """The example's secrets, which are public: a checkout lets everyone read them, which a real deal must not."""
    return Secrets.model_validate_json((data.HERE / "private" / "secrets.json").read_bytes())


Change = Callable[[Record], Record]
PlantRecords = Callable[[Records, Random], Records]


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


def unrated(content: Files) -> list[tuple[str, int]]:
    """(shard, position) of each record without second readings."""
    rated = {row.split(b",")[0] for row in lines(content["ratings.csv"])}
    return [
        (path, at)
        for path in SHARDS
        for at, body in enumerate(lines(content[path]))
        if json.loads(body)["id"].encode() not in rated
    ]


line = partial(vessels.line, places=unrated)
"""Changes one line of a shard, of a record that has no second readings, so that nothing else misses it."""


def to_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ("request", "rater", "task"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def from_csv(body: bytes | Link) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(raw(body).decode()))
