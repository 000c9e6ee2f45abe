"""Good files of every kind with bytes changed: always rows and findings, never an exception, a hang, or a file written.

SFTSPEC_MUTATIONS sets how many are tried (400 by default).
"""

from __future__ import annotations

import gzip
import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from test_archives import PACKS, zstd
from test_delivery import a_contract, lines_of, rows_of

from acceptance.delivery import evidence
from acceptance.delivery.manifest import survey, verify_files

MUTATIONS = int(os.environ.get("SFTSPEC_MUTATIONS", "400"))
LONGEST = 10.0
"""Seconds of computing; that of the process that reads Parquet is bounded by itself."""
MOST = 1 << 20
"""KiB of memory."""
TOKENS = (
    b"", b"\0", b"\n", b"\r\n", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\xbd",
    b"NaN", b"1e999", b"9" * 40, b"\\ud83d", b"\\u0000", b"[" * 100, b"\xe2\x80\xa8", b"\xff" * 8, b"\0" * 512,
    b"../", b"ustar", b"PK\x03\x04", b"PK\x05\x06", b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"77777777777\0",
)  # fmt: skip

Mutate = Callable[[bytes, Random], bytes]


def parquet() -> bytes:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    made = io.BytesIO()
    rows = [{"id": f"r{i}", "n": i, "x": [{"a": i / 3, "b": None}], "word": "ab"[i % 2]} for i in range(60)]
    pq.write_table(pa.Table.from_pylist(rows), made, row_group_size=25)
    return made.getvalue()


def seeds() -> dict[str, bytes]:
    text = lines_of(60) + '{"id":"Niño \\u00e9 \\ud83d\\ude00","n":-1.5e3}\n'.encode()
    members = {
        "a.jsonl": text,
        "b.json": b"[" + b",".join(text.splitlines()) + b"]",
        "d/c.jsonl.gz": gzip.compress(text),
    }
    plain = {
        "a.jsonl": text, "a.json": members["b.json"], "people.csv": b'id,age\n"a, ""b""",1\n"two\nlines",2\n' * 9,
        "a.jsonl.gz": gzip.compress(text), "a.jsonl.zst": zstd(text),
    }  # fmt: skip
    return plain | {name.rpartition("/")[2]: pack(members) for name, pack in PACKS.items()} | {"a.parquet": parquet()}


def flipped(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << rng.randrange(8)]) + body[at + 1 :]


def overwritten(body: bytes, rng: Random) -> bytes:
    token, at = rng.choice(TOKENS), rng.randrange(len(body))
    return body[:at] + token + body[at + len(token) :]


def inserted(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice(TOKENS) + body[at:]


def removed(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at + rng.randrange(1, 600) :]


def doubled(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at : at + rng.randrange(1, 600)] * 2 + body[at:]


def reseeded(body: bytes, rng: Random) -> bytes:
    """A number field of a header at an extreme."""
    at, size = rng.randrange(len(body)), rng.choice((1, 2, 4, 8))
    return body[:at] + rng.choice((b"\xff", b"\0", b"\x7f", b"\x80")) * size + body[at + size :]


MUTATES: tuple[Mutate, ...] = (flipped, overwritten, inserted, removed, doubled, reseeded)


def changed(body: bytes, rng: Random) -> bytes:
    """One to five changes; of a gzip file half the time below the compression."""
    packed = body.startswith(b"\x1f\x8b") and rng.random() < 0.5
    body = gzip.decompress(body) if packed else body
    for _ in range(rng.choice((1, 1, 2, 5))):
        body = rng.choice(MUTATES)(body, rng) or b"\0"
    return gzip.compress(body, 1) if packed else body


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
