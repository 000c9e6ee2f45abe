"""The clean runs as a locked deal and two shards, and the tools that plants are made with."""

import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "corpus"))

import runs
from harness import Bench, Files, Plant, Record, Records, When, write
from vessels import Place, lines, packed

from acceptance.commands import lock, seal
from acceptance.deal import open_deal
from acceptance.signing import secrets

HERE = Path(__file__).parent
CONTRACT = "booking_runs.sftspec"
SHARDS = ("part-01.jsonl", "part-02.jsonl.gz")

Change = Callable[[Record], None]
PlantRecords = Callable[[Records, Random], Records]


def bench(folder: Path) -> Bench:
    """Locks the deal, with the sealed exam; its base model is never opened."""
    for name in (CONTRACT, "runs.jinja", "tokenizer.json"):
        shutil.copy(HERE / name, folder / name)
    write(folder, {"sealed/exam.jsonl": written(runs.exam()), "base/config.json": b"{}"})
    with redirect_stdout(StringIO()):
        kept = folder / "private" / "secrets.json"
        seal.run(Namespace(contract=folder / CONTRACT, answered=None, secrets=kept, out=None))
        lock.run(Namespace(contract=folder / CONTRACT, check=False, pilot=None, seals=None))
    deal = open_deal(folder / CONTRACT)
    return Bench(deal, runs.delivery(), files, ("delivery", "review"), secrets.read(kept))


def files(records: Records, clean: Records) -> Files:
    """Two shards, one of them compressed, with the tables that they refer to."""
    middle = len(clean) // 2
    return {
        "part-01.jsonl": written(records[:middle]),
        "part-02.jsonl.gz": packed(written(records[middle:])),
        "people.jsonl": written(runs.people()),
        "works.csv": runs.WORKS,
    }


def written(records: Records) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode("utf-8", "surrogatepass")


# ------------------------------------------------------------------------------------------------ planting


def defect(
    name: str,
    clause: str,
    plant: Callable[[Any, Random], Any],
    path: str = "-",
    also: tuple[str, ...] = (),
    when: When = "records",
    file: str = "",
    line: int = 0,
) -> Plant:
    return Plant(name, clause, plant, path, when, also, file, line)


def one(change: Change, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    """Changes, in place, one record among those that suit; never one that another descends from."""

    def plant(records: Records, rng: Random) -> Records:
        change(rng.choice([one for one in records if suits(one) and one["id"] not in PARENTS]))
        return records

    return plant


def final(change: Change) -> PlantRecords:
    """Changes the last record of the last shard."""

    def plant(records: Records, rng: Random) -> Records:
        change(records[-1])
        return records

    return plant


def every_nth(step: int, change: Change, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    def plant(records: Records, rng: Random) -> Records:
        for record in [one for one in records if suits(one)][::step]:
            change(record)
        return records

    return plant


def added(change: Change, count: int = 1, suits: Callable[[Record], bool] = lambda record: True) -> PlantRecords:
    """More records, made of others that are trained on."""

    def plant(records: Records, rng: Random) -> Records:
        pool = [one for one in records if suits(one) and one["training"]["split"] == "train"]
        new = deepcopy(rng.sample(pool, count))
        for number, record in enumerate(new, 9001):
            record["id"], record["source"]["parents"] = f"BR-{number}", []
            change(record)
        return [*records, *new]

    return plant


def messages(record: Record) -> Records:
    listed: Records = record["target"]["messages"]
    return listed


def plain(record: Record) -> bool:
    """Booked in English, answered in prose."""
    return record["input"]["language"] == "en" and prose(record)


def german(record: Record) -> bool:
    return record["input"]["language"] == "de" and prose(record)


def prose(record: Record) -> bool:
    said = messages(record)[-1]["content"]
    return "booking" in record["run"] and "```" not in said and "<<" not in said and not said.startswith("{")


def answer(change: Callable[[str], str]) -> Change:
    return lambda record: messages(record)[-1].update(content=change(messages(record)[-1]["content"]))


def asking(change: Callable[[str], str]) -> Change:
    return lambda record: messages(record)[1].update(content=change(messages(record)[1]["content"]))


def turn(at: int, **fields: Any) -> Change:
    return lambda record: messages(record)[at].update(fields)


def function(**fields: Any) -> Change:
    """Changes the first call."""
    return lambda record: messages(record)[2]["tool_calls"][0]["function"].update(fields)


def put(group: str, **fields: Any) -> Change:
    return lambda record: record[group].update(fields)


def without(group: str, name: str) -> Change:
    return lambda record: record[group].pop(name)


def tool(change: Change) -> Change:
    def changed(record: Record) -> None:
        record["input"]["tools"] = deepcopy(record["input"]["tools"])
        change(record["input"]["tools"][0])

    return changed


def in_answer(text: str) -> PlantRecords:
    """Words behind an English answer."""
    return one(answer(lambda old: f"{old} {text}"), plain)


def instead(text: str) -> PlantRecords:
    """Another answer, the reference still named."""
    return one(lambda record: answer(lambda old: f"{text} {record['run']['booking']}.")(record), plain)


def quiet(content: Files) -> list[Place]:
    """Lines that no other record descends from."""
    parents = [f'"{one}"'.encode() for one in PARENTS]
    return [
        (path, at)
        for path in SHARDS
        for at, body in enumerate(lines(content[path]))
        if not any(b'{"id": ' + one in body for one in parents)
    ]


PARENTS = frozenset(parent for record in runs.delivery() for parent in record["source"]["parents"])
ANSWER, ASKED = "$.target.messages[6].content", "$.target.messages[1].content"
CALL, RESULT = "$.target.messages[2].tool_calls[0]", "$.target.messages[3].content"
