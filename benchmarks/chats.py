"""A seed and a number in, a delivery of conversations out: records, authors, sealed items, tokenizer, contract, lock.

The words come from the English of CPython's own manual (`pydoc_data.topics`) by a chain of word pairs, so that words
are as unevenly spread as in real text and long runs seldom repeat by chance. Planted into it: exact copies, near
copies, items of the sealed set, credentials and personal data, each a fixed share of the records.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from pydoc_data import topics
from random import Random
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from acceptance import cli

HERE = Path(__file__).parent
ITEMS = 1_483
AUTHORS = 40
TASKS = ("explain", "rewrite", "plan", "code", "chat")
SPECIAL = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
VOCABULARY = 8_000
NEAR, EXACT, LEAKED, SECRET, PERSONAL = 0.05, 0.01, 0.001, 0.001, 0.002
"""Shares of the records."""
TYPOGRAPHY = {" - ": " \u2014 ", "'": "\u2019", "...": "\u2026"}

Record = dict[str, Any]


class Writer:
    """Sentences by a chain of word pairs, each word after one that it followed in the source."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.after: dict[str, list[str]] = defaultdict(list)
        words = re.findall(r"\b(?:[AaI]|[A-Za-z][a-z']+)\b", " ".join(topics.topics.values()))
        for one, other in pairwise(words):
            self.after[one.lower()].append(other.lower())
        self.starts = sorted(self.after)

    def sentence(self) -> str:
        word = self.rng.choice(self.starts)
        words = [word.capitalize()]
        for _ in range(self.rng.randrange(5, 19)):
            word = self.rng.choice(self.after.get(word) or self.starts)
            words.append(word + ("," if self.rng.random() < 0.06 else ""))
            if self.rng.random() < 0.12:  # leave the chain, so that no long run is copied from the source
                word = self.rng.choice(self.starts)
        return " ".join(words) + self.rng.choice(("." * 8) + "?!")

    def text(self, low: int, high: int) -> str:
        """Some sentences; in one text of five with typographic signs."""
        text = " ".join(self.sentence() for _ in range(self.rng.randrange(low, high + 1)))
        if self.rng.random() < 0.2:
            for plain, printed in TYPOGRAPHY.items():
                text = text.replace(plain, printed)
            text = f"\u201c{text}\u201d"
        return text


def items(writer: Writer) -> list[Record]:
    """The sealed set: records of their own, about 95 words each."""
    exam = [fresh(9_000_000 + at, writer) for at in range(ITEMS)]
    for item in exam:
        item["input"] = item["input"] | {"system": None, "opening": writer.text(5, 8)}
        item["target"]["messages"][1:] = [{"role": "assistant", "content": writer.text(1, 1)}]
    return exam


def records(count: int, writer: Writer, exam: list[Record]) -> Iterator[Record]:
    """Records of about 1.3 kB of JSON; some repeat one of the last thousand."""
    rng, recent = writer.rng, list[Record]()
    for at in range(count):
        record = fresh(at, writer)
        draw = rng.random()
        if recent and draw < EXACT + NEAR:
            record = copied(record, rng.choice(recent), rng, near=draw >= EXACT)
        plant(record, rng, exam)
        recent = [*recent[-999:], record] if at % 7 == 0 else recent
        yield record


def fresh(at: int, writer: Writer) -> Record:
    rng = writer.rng
    turns = rng.choice((1, 2, 2, 3))
    messages = []
    for _ in range(turns):
        messages.append({"role": "user", "content": writer.text(1, 2)})
        messages.append({"role": "assistant", "content": writer.text(2, 4)})
    origin = rng.choice(("human", "human", "human", "synthetic", "licensed"))
    author, reviewer = rng.sample(range(AUTHORS), 2)
    source = {"origin": origin, "author": f"AU-{author:03d}", "reviewer": f"AU-{reviewer:03d}"}
    source["written_at"] = f"2027-{rng.randrange(1, 7):02d}-{rng.randrange(1, 29):02d}"
    if origin == "synthetic":
        source["generator"] = "open-model-7b"
    return {
        "id": f"CH-{at:07d}",
        "input": {
            "task": TASKS[at % 5], "difficulty": rng.choice(("easy", "medium", "hard")), "language": "en",
            "system": "You are a careful assistant.", "opening": writer.text(1, 2),
        },
        "target": {"messages": messages},
        "source": source,
        "training": {"split": "validation" if at % 50 == 0 else "train", "weight": rng.choice((1, 1, 0.5))},
        "governance": {"license": rng.choice(("MIT", "Apache-2.0")), "privacy": "none"},
    }  # fmt: skip


def copied(record: Record, earlier: Record, rng: Random, near: bool) -> Record:
    """The record with the words of an earlier one; of a near copy a few words differ."""
    messages = [dict(message) for message in earlier["target"]["messages"]]
    if near:
        last = messages[-1]["content"].split(" ")
        for place in rng.sample(range(len(last)), min(2, len(last))):
            last[place] = "however"
        messages[-1]["content"] = " ".join(last)
    opening = earlier["input"]["opening"]
    return record | {"input": record["input"] | {"opening": opening}, "target": {"messages": messages}}


def plant(record: Record, rng: Random, exam: list[Record]) -> None:
    """Adds to the last answer, seldom, what a contract forbids."""
    last, draw = record["target"]["messages"][-1], rng.random()
    if draw < LEAKED:
        last["content"] += " " + rng.choice(exam)["input"]["opening"]
    elif draw < LEAKED + SECRET:
        last["content"] += " Use ghp_" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=36)) + "."
    elif draw < LEAKED + SECRET + PERSONAL:
        last["content"] += f" Write to {rng.choice(('maria', 'jon', 'wei'))}.{rng.randrange(999)}@northmail.co today."


def train(texts: list[str]) -> Tokenizer:
    """Byte-level pairs over the first texts, as the tokenizers of most models are."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def make(folder: Path, count: int, seed: int = 20270101) -> None:
    """Contract, keys, tokenizer, sealed items, lock, delivery and manifest in an empty folder."""
    rng = Random(seed)
    writer = Writer(rng)
    exam = items(writer)
    delivery = folder / "delivery"
    delivery.mkdir(parents=True)
    (folder / "private").mkdir()
    (folder / "base").mkdir()
    (folder / "base" / "config.json").write_text("{}\n", "utf-8")  # a lock pins the base; nothing is trained here
    for name in ("chats.sftspec", "chats.jinja"):
        shutil.copy(HERE / name, folder)
    (folder / "exam.jsonl").write_text("".join(map(line, exam)), "utf-8")
    early = list[str]()
    with (delivery / "part-01.jsonl").open("w", encoding="utf-8") as shard:
        for record in records(count, writer, exam):
            shard.write(line(record))
            if len(early) < 10_000:
                early += [message["content"] for message in record["target"]["messages"]]
    authors = [
        {"id": f"AU-{at:03d}", "credential": "editor", "valid_from": "2020-01-01", "valid_until": None}
        for at in range(AUTHORS)
    ]
    (delivery / "authors.jsonl").write_text("".join(map(line, authors)), "utf-8")
    train(early).save(str(folder / "tokenizer.json"))
    contract, keys = str(folder / "chats.sftspec"), str(folder / "keys.json")
    run("keygen", "buyer", "--key", str(folder / "private" / "buyer.pem"), "--keys", keys)
    run("seal", contract)
    run("lock", contract)
    run("manifest", contract, str(delivery))


def line(row: Record) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def run(*arguments: str) -> None:
    """One command of ours, which must succeed. Raises RuntimeError with what it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = cli.main(list(arguments))
    if status:
        raise RuntimeError(f"sftspec {arguments[0]}: {said.getvalue()}")
