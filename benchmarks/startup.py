"""What a command costs before it does anything: each in turn beside a bare python, medians of their differences."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/back_office/back_office.sftspec"
PAIRS = 21
LIMIT = 0.3
"""Seconds that `sftspec --help` may take beyond a bare python."""
COMMANDS = {
    "sftspec --help": ["--help"],
    "sftspec": [],
    "sftspec check --short (the example)": ["check", "--short", str(EXAMPLE)],
}


def main() -> int:
    """Print a line per command; exit 1 where `--help` is slower than promised."""
    print(f"median of {PAIRS} pairs, each a bare python and a command, one after the other")
    more = {name: measure(words) for name, words in COMMANDS.items()}
    return int(more["sftspec --help"] > LIMIT)


def measure(words: list[str]) -> float:
    """Seconds beyond a bare python."""
    command = [sys.executable, "-m", "acceptance.cli", *words]
    seconds([sys.executable, "-c", "pass"]), seconds(command)  # what is read once from the disk
    pairs = [(seconds([sys.executable, "-c", "pass"]), seconds(command)) for _ in range(PAIRS)]
    beyond = statistics.median(ours - bare for bare, ours in pairs)
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    print(f"  {' '.join(['sftspec', *words[:2]]):<24} {beyond:6.3f} s beyond a bare python, {ratio:5.1f} times as long")
    return beyond


def seconds(command: list[str]) -> float:
    """Wall time of one process."""
    started = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
