"""Reader, templates, tool schemas and reports under hostile input, each in a process that is watched.

    python -m benchmarks.fuzz_delivery --minutes 60                       all four parts, a quarter of an hour each
    python -m benchmarks.fuzz_delivery --part reader --minutes 5 --seed 7
    python -m benchmarks.fuzz_delivery --part reader --seed 7 --case 4711     one case again
    python -m benchmarks.fuzz_delivery --part reader --replay out/fuzz/reader/finding-4711

Bounds of a case: 10 seconds of computing, 1 GiB of memory, no trace outside the output folder. A case is made anew from
seed and number.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from benchmarks import fuzz_child, tables

PARTS = ("reader", "templates", "tools", "reports")
LONGEST = 10.0
"""Seconds of computing for one case."""
WAITED = 120.0
"""Seconds of any kind: long, since a busy machine is nobody's fault."""
HERTZ = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Summary:
    """What a part came to."""

    part: str
    seconds: float = 0.0
    cases: int = 0
    longest: float = 0.0
    peak: int = 0
    findings: Counter[str] = field(default_factory=Counter)

    def cells(self) -> list[str]:
        found = sum(self.findings.values())
        return [
            self.part,
            f"{self.seconds:,.0f}",
            f"{self.cases:,}",
            f"{self.longest:.2f}",
            f"{self.peak >> 20:,}",
            f"{found:,}",
        ]


def main() -> int:
    """Print the table; exit 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=4.0, help="for all parts together")
    parser.add_argument("--part", choices=PARTS, action="append", help="(default: all)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--case", type=int, help="only this one")
    parser.add_argument("--replay", type=Path, help="a finding that was saved")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    options = parser.parse_args()
    parts = options.part or list(PARTS)
    if options.replay is not None:
        return replayed(parts[0], options.replay, options.out)
    print(f"seed {options.seed}", flush=True)
    share = options.minutes * 60 / len(parts)
    cases = (options.case, options.case + 1) if options.case is not None else (0, 1 << 62)
    done = [fuzzed(part, options.seed, share, range(*cases), options.out / part) for part in parts]
    print(tables.table(HEAD, [one.cells() for one in done]))
    for one in done:
        for sign, times in one.findings.most_common():
            print(f"{one.part}: {times:,} x {sign}")
    return int(any(one.findings for one in done))


YOUNG = 250
"""Cases that one process plays: what they leave in its memory is counted against those that follow."""
HEAD = ("part", "seconds", "cases", "longest case, s", "peak MiB", "findings")


def builder(part: str) -> Any:
    return importlib.import_module(f"benchmarks.fuzz_{part}").Part


def child(part: str, seed: int, cases: Iterable[int], folder: Path, told: Connection) -> None:
    fuzz_child.run(builder(part), seed, iter(cases), folder, told)


def fuzzed(part: str, seed: int, seconds: float, cases: range, folder: Path) -> Summary:
    """Cases until the time is over; a child that was killed, died or grew old is followed by another."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder = folder.resolve()
    summary, begun = Summary(part), time.monotonic()
    while cases and time.monotonic() - begun < seconds:
        here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=child, args=(part, seed, cases[:YOUNG], folder, there)
        )
        process.start()
        there.close()
        last = watched(process, here, begun + seconds, summary, folder)
        if last is None:
            break
        cases = cases[cases.index(last) + 1 :]
    summary.seconds = time.monotonic() - begun
    return summary


def watched(process: BaseProcess, told: Connection, until: float, summary: Summary, folder: Path) -> int | None:
    """The child's last case, which may have killed it; None where time is over."""
    number, state, since, at = -1, "building", time.monotonic(), 0.0
    while True:
        try:
            if told.poll(0.5):
                event, *words = told.recv()
                state, since, at = event, time.monotonic(), computing(process.pid)
                number = words[0] if words else number
                if event == "end":
                    counted(summary, *words)
                    if time.monotonic() > until:
                        process.kill()
                        process.join()
                        return None
                continue
        except EOFError:
            process.join()
            if process.exitcode == 0 and number >= 0:
                return number
            if state == "draw":  # a library that cases are packed with: pyarrow ends a process that lacks memory
                return number
            return lost(summary, folder, number, f"the process died of {process.exitcode}")
        if state == "begin" and (computing(process.pid) - at > LONGEST or time.monotonic() - since > WAITED):
            process.kill()
            process.join()
            return lost(summary, folder, number, f"more than {LONGEST:.0f} s")


def lost(summary: Summary, folder: Path, number: int, sign: str) -> int:
    """A case without an end is kept as it was; a part that cannot be built is an error of the fuzzer."""
    if number < 0:
        raise SystemExit(f"{summary.part}: the child did not come up: {sign}")
    counted(summary, number, 0.0, 0, sign)
    shutil.copytree(folder / "case", folder / f"finding-{number}", dirs_exist_ok=True)
    return number


def counted(summary: Summary, number: int, spent: float, peak: int, sign: str) -> None:
    summary.cases += 1
    summary.longest, summary.peak = max(summary.longest, spent), max(summary.peak, peak)
    if sign:
        if sign not in summary.findings:
            print(f"{summary.part}, case {number}: {sign}", flush=True)
        summary.findings[sign] += 1


def computing(pid: int | None) -> float:
    """Seconds of the processor that a process and its ended children have had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / HERTZ


def replayed(part: str, case: Path, out: Path) -> int:
    """A saved finding, played in this process."""
    files, build, folder = fuzz_child.stored(case), builder(part), (out / "replay").resolve()
    room = fuzz_child.Room(folder)
    sign, words = fuzz_child.outcome(build(folder), files, room)
    print(words or "nothing is found")
    return int(bool(sign))


if __name__ == "__main__":
    sys.exit(main())
