"""`sftspec prints`: a published set to its prints, a file of hashes that `taken_from` finds its records by."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from acceptance.delivery import folder as folders
from acceptance.delivery import parquet
from acceptance.delivery.findings import Reading
from acceptance.delivery.reader import read_file
from acceptance.errors import BREACHED, MET, USAGE, Refused
from acceptance.files import can_hold, write_whole
from acceptance.prints import MOST, Header, Prints
from acceptance.progress import Bar
from acceptance.tables import strings
from acceptance.text.runs import Keys, folded_all, hashes, identity, joined, kept, owners, runs, shifted
from spec_lang.contract import Shape
from spec_lang.formats import license_

COMMON = 20
"""Records that may share a run before it belongs to none of them."""
BATCH = 1_000
TOLD = 20
"""Records whose fields are named where one is misspelt, and how many of them."""
PLACE = re.compile(r"\[[0-9]+\]")
ANY = Shape(name="set", fields=())
"""No field is expected: a public set has what it has."""


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 where the set cannot be read whole, 2 where a field is in none of its records."""
    fields = tuple(arguments.fields.split(","))
    if fault := license_(arguments.license):
        raise Refused(f"--license {arguments.license}: {'; '.join(filter(None, fault))}", code=USAGE)
    out = arguments.out or Path(f"{arguments.set.name.split('.')[0]}.prints")
    can_hold(out)
    with Bar("reading", 0) as bar:
        found = _prints(arguments, fields, bar)
    write_whole(out, found.dumps())
    header = found.header
    print(f"{out}: {header.records:,} records of {found.title}, {header.runs:,} runs of {header.run} words, no text")
    return MET


def _prints(arguments: argparse.Namespace, fields: tuple[str, ...], bar: Bar) -> Prints:
    identities: list[int] = []
    parts: list[Keys] = []
    batch: list[str] = []
    for texts in _records(arguments.set, fields):
        plain = folded_all(texts)
        identities.append(identity(plain))
        batch.append(joined(plain))
        if len(batch) == BATCH:
            parts.append(shifted(runs(batch, arguments.run), len(identities) - len(batch)))
            batch = []
            bar.at(len(identities))
    parts.append(shifted(runs(batch, arguments.run), len(identities) - len(batch)))
    keys = kept(np.concatenate(parts), arguments.keep, COMMON)
    header = _header(arguments, fields, len(identities), len(keys))
    counts = np.bincount(owners(keys), minlength=len(identities)).astype(np.uint8)
    return Prints(header, np.array(identities, dtype=np.uint64), counts, hashes(keys))


def _header(arguments: argparse.Namespace, fields: tuple[str, ...], records: int, count: int) -> Header:
    with arguments.set.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    try:
        return Header(
            run=arguments.run, keep=arguments.keep, common=COMMON, name=arguments.name, license=arguments.license,
            source=arguments.source, version=arguments.set_version, fields=fields, sha256=digest,
            records=records, runs=count,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"--{first['loc'][0]}: {first['msg']}", code=USAGE) from None


def _records(file: Path, fields: tuple[str, ...]) -> Iterator[list[str]]:
    """The texts of each record. Raises Refused where a record cannot be read, or where a field holds no text at all."""
    if not file.is_file():
        raise Refused(f"{file}: is no file; name the set's file, such as train.jsonl", code=USAGE)
    if folders.container(file.name) == folders.PARQUET and parquet.is_missing():
        raise Refused(f"{file}: {parquet.MISSING}")
    if ".csv" in file.suffixes:
        raise Refused(
            f"{file}: a CSV file does not say which columns hold text; save the set as JSON Lines", code=USAGE
        )
    at, reading = file.resolve(), Reading()
    seen, has = dict.fromkeys(fields, 0), dict[str, None]()
    for number, (*_, row) in enumerate(read_file(at.parent, at.name, "set", ANY, reading)):
        if number >= MOST:
            raise Refused(f"{file}: more than {MOST:,} records; part the set", code=USAGE)
        if number < TOLD:
            has.update(dict.fromkeys(_dotted(path) for path, _ in islice(strings(row), TOLD)))
        found = {name: [text for _, text in strings(_at(row, name.split(".")))] for name in fields}
        for name, texts in found.items():
            seen[name] += bool(texts)
        yield [text for texts in found.values() for text in texts]
    for finding in (one for one in reading.findings if not one.warning):
        raise Refused(f"{file.name}:{finding.line}: {finding.message}; {finding.help}", code=BREACHED)
    absent = [name for name, count in seen.items() if not count]
    if absent:
        first = ", ".join(f"`{name}`" for name in list(has)[:TOLD]) or "none"
        raise Refused(f"{file}: no record has a text in `{absent[0]}`; its fields of text: {first}", USAGE)


def _dotted(path: str) -> str:
    """`$.messages[2].content` as it is named here: `messages.content`."""
    return PLACE.sub("", path).removeprefix("$.")


def _at(value: Any, steps: list[str]) -> Any:
    """What lies at a path; a step into a list goes into each of its entries."""
    for position, step in enumerate(steps):
        if isinstance(value, list):
            return [_at(entry, steps[position:]) for entry in value]
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
