"""`validate` with everything on, beside the fastest peer of each job: a table, the sum, the ratio, the memory.

python -m benchmarks.validate [RECORDS]     50,000 records unless told otherwise

Both sides run on one core, in processes of their own, taking turns in three rounds; of each job the best round counts.
Seconds are those of the processor (user and system), so that other work on the machine disturbs them less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import chats

ROOT = Path(__file__).resolve().parent.parent
RECORDS = 50_000
ROUNDS = 3
SIZES = (0.2, 0.5, 1, 4, 10)
"""Records at which memory is read, as multiples."""
SAMPLE = 200
ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
       "PYTHONDONTWRITEBYTECODE": ""}  # fmt: skip
"""One thread, and modules compiled once, as `pip` compiles what it installs."""
PEERS = {
    "parse": "orjson", "schema": "jsonschema-rs", "rules": "Python, by hand", "tokens": "tokenizers, batches",
    "exact copies": "a set of hashes", "near copies": "rensa", "contamination": "a set of 13-word runs",
    "secrets": "RE2, one alternation", "personal data": "RE2, one alternation",
}  # fmt: skip


def main(records: int) -> int:
    """Print everything; exit 1 where we are slower than the peers together."""
    with tempfile.TemporaryDirectory(prefix="sftspec-bench-") as scratch:
        folder = Path(scratch) / str(records)
        chats.make(folder, records)
        peers, ours, found, peak = rounds(folder)
        size = (folder / "delivery" / "part-01.jsonl").stat().st_size
        print(f"{records:,} records, {size / records:,.0f} bytes each, {chats.ITEMS:,} sealed items; {processor()}")
        ratio = table(peers, ours, found)
        tools(folder)
        memory(Path(scratch), records, peak)
    return int(ratio > 1)


def rounds(folder: Path) -> tuple[dict[str, float], dict[str, float], dict[str, str], int]:
    """(job -> best seconds of its peer, job -> best seconds of ours, job -> what the peer found, our peak memory)"""
    peers, ours, found, peak = dict[str, float](), dict[str, float](), dict[str, str](), 0
    for number in range(ROUNDS):
        for job, (seconds, what) in child("benchmarks.peers", folder).items():
            peers[job], found[job] = min(seconds, peers.get(job, seconds)), what
        told = child("benchmarks.ours", folder)
        peak = max(peak, told["kilobytes"])
        for job, seconds in {**told["jobs"], "": told["seconds"]}.items():
            ours[job] = min(seconds, ours.get(job, seconds))
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
    return peers, ours, found, peak


def table(peers: dict[str, float], ours: dict[str, float], found: dict[str, str]) -> float:
    """Prints the jobs and their sums; returns the ratio of the sums."""
    print(f"\n| job | peer | peer, s | sftspec, s | the peer found |\n|{'---|' * 5}")
    for job, peer in PEERS.items():
        print(f"| {job} | {peer} | {peers[job]:.2f} | {ours[job]:.2f} | {found[job]} |")
    rest = ours[""] - sum(ours[job] for job in PEERS)
    print(f"| start, contract, sealed items, ledger, report | - | - | {rest:.2f} | |")
    total = sum(peers.values())
    print(f"| **together** | | **{total:.2f}** | **{ours['']:.2f}** | |")
    print(f"\n`validate` takes {ours[''] / total:.2f} times as long as the peers together")
    return ours[""] / total


def tools(folder: Path) -> None:
    """Prints what tools of these names take for a few records."""
    for name, (seconds, found) in child("benchmarks.peers", folder, "--tools").items():
        print(f"{name}, not in the sum: {seconds:.1f} s for the first {SAMPLE} records ({found})")


def memory(scratch: Path, records: int, peak: int) -> None:
    """Prints the greatest memory of our process at several numbers of records."""
    print("\n| records | peak memory, MB |\n|---|---|")
    for size in (round(multiple * records) for multiple in SIZES):
        kilobytes = peak
        if size != records:
            chats.make(scratch / f"memory-{size}", size)
            kilobytes = child("benchmarks.ours", scratch / f"memory-{size}")["kilobytes"]
        print(f"| {size:,} | {kilobytes / 1024:,.0f} |")


def child(module: str, folder: Path, *more: str) -> dict[str, Any]:
    """What a process on one core prints. Raises CalledProcessError."""
    core = max(os.sched_getaffinity(0))
    command = [sys.executable, "-m", module, str(folder), *more]
    done = subprocess.run(
        command, env=os.environ | ONE | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, stdout=subprocess.PIPE, check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def processor() -> str:
    """Its name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "some processor")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS))
