"""Parsed conversations in, seconds of one core out: the fastest library we know of for each job of a checker.

Run as a process of its own (`python -m benchmarks.peers FOLDER`): prints one line of JSON. Each peer gets the records
parsed and its texts cut out, so that it pays for its own job alone; imports, set-up and the end of the process are
not counted. `docs/performance.md` says what each leaves undone.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import re2
import rensa
from tokenizers import Tokenizer

from acceptance.measures._pii_rules import GATES
from acceptance.measures._secret_rules import GATE

Record = dict[str, Any]
SHINGLE, SIMILARITY, PERMUTATIONS, BANDS, FRAGMENT, BATCH = 5, 0.8, 128, 16, 13, 1_000
SAMPLE = 200
LICENCES, SHORTEST = {"MIT", "Apache-2.0", "LicenseRef-Assigned"}, 20
PUNCTUATION = str.maketrans("", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
TEXT = {"type": "string", "minLength": 1}
DAY = {"type": "string", "format": "date"}


def fixed(properties: Record, optional: tuple[str, ...] = ()) -> Record:
    """An object with these keys and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def one_of(*words: str) -> Record:
    return {"enum": list(words)}


SCHEMA = fixed(
    {
        "id": {"type": "string", "pattern": "^CH-[0-9]{7}$"},
        "input": fixed(
            {
                "task": one_of("explain", "rewrite", "plan", "code", "chat"),
                "difficulty": one_of("easy", "medium", "hard"),
                "language": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
                "system": {"type": ["string", "null"], "minLength": 1, "maxLength": 400},
                "opening": {"type": "string", "minLength": 1, "maxLength": 4_000},
            },
            ("system",),
        ),
        "target": fixed(
            {
                "messages": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 12,
                    "items": fixed({"role": one_of("system", "user", "assistant", "tool"), "content": TEXT}),
                }
            }
        ),
        "source": fixed(
            {"origin": one_of("human", "synthetic", "licensed"), "author": TEXT, "reviewer": TEXT, "written_at": DAY,
             "generator": TEXT},
            ("generator",),
        ),
        "training": fixed(
            {"split": one_of("train", "validation"), "weight": {"type": "number", "minimum": 0, "maximum": 4}}
        ),
        "governance": fixed({"license": TEXT, "privacy": one_of("none", "pseudonymised")}),
    }
)  # fmt: skip


def measure(folder: Path) -> dict[str, tuple[float, str]]:
    """Job -> (seconds of one core, what was found), each once, on the made delivery in a folder."""
    data = (folder / "delivery" / "part-01.jsonl").read_bytes()
    exam = [" ".join(texts(json.loads(line))) for line in (folder / "exam.jsonl").read_text("utf-8").splitlines()]
    people = (folder / "delivery" / "authors.jsonl").read_text("utf-8").splitlines()
    authors = {row["id"]: row for row in map(json.loads, people)}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    seconds: dict[str, tuple[float, str]] = {}
    start = time.process_time()
    records = [orjson.loads(line) for line in data.split(b"\n") if line]
    seconds["parse"] = (time.process_time() - start, f"{len(records)} records")
    spoken = [texts(record) for record in records]
    joined = ["\n".join(parts) for parts in spoken]
    jobs: dict[str, Callable[[], str]] = {
        "schema": lambda: schema(validator, records),
        "rules": lambda: rules(records, authors),
        "tokens": lambda: tokens(tokenizer, records),
        "exact copies": lambda: copies(joined),
        "near copies": lambda: near(joined),
        "contamination": lambda: overlap(joined, exam),
        "secrets": lambda: secrets(joined),
        "personal data": lambda: personal(joined),
    }
    for job, run in jobs.items():
        start = time.process_time()
        found = run()
        seconds[job] = (time.process_time() - start, found)
    return seconds


def texts(record: Record) -> list[str]:
    """What people and the model say, in order."""
    said = [message["content"] for message in record["target"]["messages"]]
    return [*filter(None, (record["input"]["system"], record["input"]["opening"])), *said]


def schema(validator: Any, records: list[Record]) -> str:
    """jsonschema-rs: every violation with its path."""
    wrong = sum(1 for record in records for error in validator.iter_errors(record) if error.instance_path is not None)
    return f"{wrong} violations"


def rules(records: list[Record], authors: dict[str, Record]) -> str:
    """Written by hand for this contract: the first objection of each record, and counters for mixtures and people."""
    seen: set[str] = set()
    wrong = [why for record in records if (why := objection(record, authors, seen))]
    found = Counter((record["input"]["task"], record["input"]["difficulty"]) for record in records)
    people = Counter(record["source"]["author"] for record in records)
    origins = Counter(record["source"]["origin"] for record in records)
    return f"{len(wrong)} objections, {len(found)} cells, {len(people)} authors, {len(origins)} origins"


def objection(record: Record, authors: dict[str, Record], seen: set[str]) -> str:
    """What is wrong with the record beyond the schema; empty where nothing is."""
    source, messages = record["source"], record["target"]["messages"]
    author, day = authors.get(source["author"]), source["written_at"]
    if record["id"] in seen:
        return "repeated"
    seen.add(record["id"])
    if author is None or source["reviewer"] not in authors:
        return "unresolved"
    if source["reviewer"] == source["author"]:
        return "reviewed by the author"
    if source["origin"] == "synthetic" and not source.get("generator"):
        return "no generator"
    if not "2027-01-01" <= day <= "2027-06-30":
        return "out of term"
    if author["valid_from"] > day or (author["valid_until"] or "9999") < day:
        return "not qualified"
    if record["governance"]["license"] not in LICENCES:
        return "licence"
    if any(one["role"] != ("assistant" if at % 2 else "user") for at, one in enumerate(messages)) or len(messages) % 2:
        return "turns out of order"
    answered = sum(len(one["content"]) for one in messages if one["role"] == "assistant")
    return "" if answered >= SHORTEST else "short"


def tokens(tokenizer: Any, records: list[Record]) -> str:
    """tokenizers, in batches, without offsets: the opening, and all that the assistant says."""
    total = 0
    for first in range(0, len(records), BATCH):
        batch = records[first : first + BATCH]
        said = [record["input"]["opening"] for record in batch]
        said += ["\n".join(one["content"] for one in record["target"]["messages"] if one["role"] == "assistant")
                 for record in batch]  # fmt: skip
        total += sum(map(len, tokenizer.encode_batch_fast(said, add_special_tokens=False)))
    return f"{total} tokens"


def copies(joined: list[str]) -> str:
    """A set of hashes of the text in lower case and even spacing."""
    seen = {hash(" ".join(text.lower().split())) for text in joined}
    return f"{len(joined) - len(seen)} rows"


def near(joined: list[str]) -> str:
    """rensa: MinHash of word shingles and banded LSH, as its batch interface does it; pairs are not verified."""
    index = rensa.RMinHashLSH(threshold=SIMILARITY, num_perm=PERMUTATIONS, num_bands=BANDS)
    sets = (shingles(text.lower().split()) for text in joined)
    matrix = rensa.RMinHash.digest_matrix_from_token_hash_sets(sets, num_perm=PERMUTATIONS, seed=42)
    return f"{sum(index.query_duplicate_flags_matrix_one_shot(matrix))} rows, first ones included"


def shingles(words: list[str]) -> list[int]:
    """Runs of five words as Python hashes them: nothing quicker was found in plain Python."""
    return [hash(run) & (1 << 64) - 1 for run in zip(*(words[at:] for at in range(SHINGLE)), strict=False)]


def overlap(joined: list[str], exam: list[str]) -> str:
    """A Python set of 13-word runs, as lm-eval's janitor folds words; a run in common marks the row."""
    known = {run for item in exam for run in fragments(item)}
    return f"{sum(not known.isdisjoint(fragments(text)) for text in joined)} rows"


def fragments(text: str) -> Iterator[tuple[str, ...]]:
    words = text.lower().translate(PUNCTUATION).split()
    return zip(*(words[at:] for at in range(FRAGMENT)), strict=False)


def secrets(joined: list[str]) -> str:
    """RE2, all rules as one alternation, over each record."""
    return f"{sum(GATE.search(text) is not None for text in joined)} rows with candidates"


def personal(joined: list[str]) -> str:
    """RE2, six kinds as one alternation, over each record."""
    union = re2.compile("|".join(f"(?:{gate.pattern})" for gate in GATES.values()))
    return f"{sum(union.search(text) is not None for text in joined)} rows with candidates"


def tools(folder: Path) -> dict[str, tuple[float, str]]:
    """Tools of these names on the first records, too slow to be given them all: (seconds of one core, what was found).

    They look for more kinds than the patterns above, and are not in the sum.
    """
    import scrubadub
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    with (folder / "delivery" / "part-01.jsonl").open("rb") as lines:
        spoken = [texts(orjson.loads(line)) for line, _ in zip(lines, range(SAMPLE), strict=False)]
    plain = folder / "first.txt"
    plain.write_text("\n".join(text for parts in spoken for text in parts), "utf-8")
    credentials = SecretsCollection()
    start = time.process_time()
    with default_settings():
        credentials.scan_file(str(plain))
    middle = time.process_time()
    scrubber = scrubadub.Scrubber()
    filth = sum(1 for parts in spoken for _ in scrubber.iter_filth("\n".join(parts)))
    end = time.process_time()
    found = sum(len(one) for one in credentials.data.values())
    return {"detect-secrets": (middle - start, f"{found} secrets"), "scrubadub": (end - middle, f"{filth} places")}


if __name__ == "__main__":
    print(json.dumps((tools if "--tools" in sys.argv else measure)(Path(sys.argv[1]))))
