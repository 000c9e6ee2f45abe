"""Made conversations, written as writers of JSON write them, to what reading a line strictly takes beside orjson.

    python -m benchmarks.parse [RECORDS]

Microseconds of the processor for a line, best of fifty rounds; `closely` is the standard parser with its hooks.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from acceptance.delivery import strict
from benchmarks import chats, tables

FORMS: dict[str, dict[str, Any]] = {
    "compact": {"ensure_ascii": False, "separators": (",", ":")},
    "compact, escaped": {"separators": (",", ":")},
    "spaced": {"ensure_ascii": False},
    "spaced, escaped (json.dumps by default)": {},
}
READERS: tuple[Callable[[bytes], Any], ...] = (orjson.loads, strict.parse, strict.closely)
HEAD = ("written", "orjson", "sftspec", "times orjson", "closely", "times orjson")
ROUNDS = 50


def main(count: int) -> None:
    """Print a line per form."""
    writer = chats.Writer(Random(20270101))
    records = list(chats.records(count, writer, chats.items(writer)))
    rows = []
    for name, form in FORMS.items():
        lines = [json.dumps(record, **form).encode() for record in records]
        rounds = [[spent(read, lines) for read in READERS] for _ in range(ROUNDS)]  # taking turns
        peer, ours, closely = (min(times) / count * 1e6 for times in zip(*rounds, strict=True))
        cells = (f"{peer:.1f}", f"{ours:.1f}", f"{ours / peer:.1f}", f"{closely:.1f}", f"{closely / peer:.1f}")
        rows.append([name, *cells])
    print(tables.table(HEAD, rows))


def spent(read: Callable[[bytes], Any], lines: list[bytes]) -> float:
    begun = time.process_time()
    for line in lines:
        read(line)
    return time.process_time() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
