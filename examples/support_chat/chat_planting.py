"""The clean conversations, and the tools that plants are made with: pick one by chance, change it in place."""

import json
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "corpus"))

import chats
from harness import Bench, Files, Plant, Record, Records, When
from vessels import Place, line, lines

from acceptance.deal import open_deal

CONTRACT = Path(__file__).parent / "support_chat.sftspec"
SHARD = "part-01.jsonl"

Change = Callable[[Record], None]


def bench() -> Bench:
    return Bench(open_deal(CONTRACT), chats.delivery(), files)


def files(records: Records, clean: Records) -> Files:
    """The folder's content before its manifest."""
    return {SHARD: written(records), "agents.jsonl": written(chats.agents()), "works.jsonl": written(chats.works())}


def written(records: Records) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode("utf-8", "surrogatepass")


def defect(
    name: str,
    clause: str,
    plant: Callable[[Any, Random], Any],
    path: str = "-",
    also: tuple[str, ...] = (),
    when: When = "records",
) -> Plant:
    return Plant(name, clause, plant, path, when, also)


def childless(content: Files) -> list[Place]:
    """Lines that no other record descends from."""
    return [(SHARD, at) for at in range(6, len(lines(content[SHARD]))) if (at + 1) % 20]


def in_bytes(change: Callable[[bytes], bytes]) -> Callable[[Files, Random], Files]:
    """Changes one line of the shard, one that no other record descends from."""
    return line(change, places=childless)


def replaced(old: bytes, new: bytes) -> Callable[[Files, Random], Files]:
    return in_bytes(lambda body: body.replace(old, new, 1))


def one(change: Change, suits: Callable[[Record], bool] = lambda record: True) -> Callable[[Records, Random], Records]:
    """Changes one record among those that suit; not one that others descend from or that comes early."""

    def plant(records: Records, rng: Random) -> Records:
        change(rng.choice([record for at, record in enumerate(records) if at > 5 and suits(record)]))
        return records

    return plant


def many(count: int, change: Callable[[Record, int], None]) -> Callable[[Records, Random], Records]:
    def plant(records: Records, rng: Random) -> Records:
        for number, record in enumerate(records[:count]):
            change(record, number)
        return records

    return plant


def added(change: Change) -> Callable[[Records, Random], Records]:
    """One more record, made of another."""

    def plant(records: Records, rng: Random) -> Records:
        copy = deepcopy(rng.choice([record for record in records if record["training"]["split"] == "train"]))
        copy["id"] = "SC-90001"
        copy["source"]["parents"] = []
        change(copy)
        return [*records, copy]

    return plant


def messages(record: Record) -> Records:
    listed: Records = record["target"]["messages"]
    return listed


def calls(record: Record) -> bool:
    return any("tool_calls" in message for message in messages(record))


def plain(record: Record) -> bool:
    """An answer in prose to a question in prose, without tools."""
    return (
        not calls(record)
        and messages(record)[-1]["content"].endswith(".")
        and "JSON" not in messages(record)[1]["content"]
    )


def answer(change: Callable[[str], str]) -> Change:
    def changed(record: Record) -> None:
        messages(record)[-1]["content"] = change(messages(record)[-1]["content"])

    return changed


def asking(change: Callable[[str], str]) -> Change:
    def changed(record: Record) -> None:
        user = next(message for message in messages(record) if message["role"] == "user")
        user["content"] = change(user["content"])

    return changed


def called(change: Change) -> Change:
    """Changes the first call."""
    return lambda record: change(
        next(message for message in messages(record) if "tool_calls" in message)["tool_calls"][0]
    )


def result(change: Change) -> Change:
    return lambda record: change(next(message for message in messages(record) if message["role"] == "tool"))


def tool(change: Change) -> Change:
    def changed(record: Record) -> None:
        record["input"]["tools"] = deepcopy(record["input"]["tools"])
        change(record["input"]["tools"][0])

    return changed


def put(group: str, name: str, value: Any) -> Change:
    return lambda record: record[group].update({name: value})


def insert(at: int, role: str, words: str = "One moment, please.") -> Change:
    return lambda record: messages(record).insert(at, {"role": role, "content": words})


def again(record: Record) -> None:
    """The first call and its result once more, under the same id."""
    first = next(at for at, message in enumerate(messages(record)) if "tool_calls" in message)
    messages(record)[first + 2 : first + 2] = deepcopy(messages(record)[first : first + 2])


ANSWER = "$.target.messages[2].content"
CALL = "$.target.messages[1].tool_calls[0]"


def in_answer(text: str) -> Callable[[Records, Random], Records]:
    return one(answer(lambda old: f"{old} {text}"), plain)
