"""Good files of every kind with bytes changed: always rows and findings, never an exception, a hang, or a file written.

SFTSPEC_MUTATIONS sets how many are tried (400 by default).
"""

from __future__ import annotations

import gzip
import os
import resource
import time
from pathlib import Path
from random import Random

import pytest
from test_delivery import a_contract, lines_of, rows_of

from acceptance.delivery import evidence
from acceptance.delivery.manifest import survey, verify_files
from benchmarks.mutations import changed
from benchmarks.packing import PACKS, array, parquet, zstd

MUTATIONS = int(os.environ.get("SFTSPEC_MUTATIONS", "400"))
LONGEST = 10.0
"""Seconds of computing; that of the process that reads Parquet is bounded by itself."""
MOST = 1 << 20
"""KiB of memory."""


def seeds() -> dict[str, bytes]:
    pytest.importorskip("pyarrow")
    rows = [{"id": f"r{i}", "n": i, "x": [{"a": i / 3, "b": None}], "word": "ab"[i % 2]} for i in range(60)]
    text = lines_of(60) + '{"id":"Niño \\u00e9 \\ud83d\\ude00","n":-1.5e3}\n'.encode()
    members = {
        "a.jsonl": text,
        "b.json": array(text),
        "d/c.jsonl.gz": gzip.compress(text),
    }
    plain = {
        "a.jsonl": text, "a.json": members["b.json"], "people.csv": b'id,age\n"a, ""b""",1\n"two\nlines",2\n' * 9,
        "a.jsonl.gz": gzip.compress(text), "a.jsonl.zst": zstd(text),
    }  # fmt: skip
    return (
        plain | {name.rpartition("/")[2]: pack(members) for name, pack in PACKS.items()} | {"a.parquet": parquet(rows)}
    )


def test_changed_bytes_give_findings_never_an_exception(tmp_path: Path) -> None:
    good, slowest, before = seeds(), 0.0, most_memory()
    for number in range(MUTATIONS):
        rng = Random(number)
        name = rng.choice(sorted(good))
        body = changed(good[name], rng)
        name = rng.choice(sorted(good)) if rng.random() < 0.05 else name
        started = time.process_time()
        judge(tmp_path, name, body, number)
        slowest = max(slowest, time.process_time() - started)
        (tmp_path / name).unlink()
        assert slowest < LONGEST, (number, name)
    used = most_memory() - before
    assert used < MOST
    print(f"{MUTATIONS:,} mutations, slowest {slowest:.2f} s, {used >> 10:,} MiB more memory")


def most_memory() -> int:
    """KiB that this process, and the largest that it started, have held so far."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def judge(folder: Path, name: str, body: bytes, number: int) -> None:
    """Counted, listed, read; every line accounted for, nothing written."""
    (folder / name).write_bytes(body)
    manifest = survey(folder, a_contract())
    table = "P" if name == "people.csv" else "R"
    rows, reading = rows_of(folder, table, manifest)
    assert len(rows) == reading.rows(table), number
    assert sum(len(batch) for batch in evidence.lines(reading)) == len(rows) + sum(reading.bad.values()), number
    assert not verify_files(folder, manifest), number
    assert [path.name for path in folder.rglob("*")] == [name], number
