"""What `sftspec check` costs on long contracts: as a command, and after a keystroke; with the shares of the passes.

Every figure stands beside one of the same minute: a command beside a bare python, a compilation in this process beside
one regular expression that splits the same text into words. The limits are those that the project promises, for a
machine with nothing else to do. Seconds of the processor say the same on a busy one. Python's bytecode is kept between
the runs, as it is for who installs a program: whatever the environment says, the first run writes it, aside.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FunctionType

from benchmarks.contracts import contract
from benchmarks.mistakes import plant
from spec_lang import compiler, parser
from spec_lang.source import Source

ROOT = Path(__file__).resolve().parent.parent
COLD = {500: 0.65, 5_000: 5.0}
"""Seconds for `sftspec check` on a contract of so many lines."""
KEYSTROKE = {500: 0.150}
"""Seconds from a changed text to its diagnostics."""
LINES_PER_MISTAKE = 50
PAIRS = 5
STROKES = 21
WORDS = re.compile(r"\w+|[^\w\s]")


def main() -> int:
    """Print the figures; exit 1 where one is above its limit."""
    late = []
    for lines, limit in COLD.items():
        sound = contract(lines)
        wrong, planted = plant(Source("wrong", sound), lines // LINES_PER_MISTAKE, Random(lines))
        print(f"a contract of {sound.count(chr(10)):,} lines, medians")
        late += [cold(sound, "sound", limit), cold(wrong, f"with {len(planted)} mistakes", limit)]
        late += [keystroke(sound, KEYSTROKE.get(lines, limit))]
        passes(sound)
    return int(any(late))


def cold(text: str, what: str, limit: float) -> bool:
    """A fresh process, as a user starts it, beside a bare python."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contract.sftspec"
        path.write_text(text, "utf-8")
        command = [sys.executable, "-m", "acceptance.cli", "check", "--short", str(path)]
        process(command, folder)  # what is read once from the disk
        runs = [(process([sys.executable, "-c", "pass"], folder), process(command, folder)) for _ in range(PAIRS)]
    pairs = [(bare[0], own[0]) for bare, own in runs]
    late = told(f"check, {what}", pairs, "a bare python", limit)
    spent = [statistics.median(run[which][1] for run in runs) for which in (1, 0)]
    print(f"  {'of the processor':<26} {spent[0]:7.3f} s; a bare python {spent[1]:.3f} s")
    return late


def process(command: list[str], cache: str) -> tuple[float, float]:
    """Seconds until it ends, and seconds of the processor."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}
    before = os.times()
    whole = seconds(lambda: subprocess.run(command, env=environment, capture_output=True, check=False, cwd=ROOT))
    after = os.times()
    return whole, sum(after[2:4]) - sum(before[2:4])


def keystroke(text: str, limit: float) -> bool:
    """One letter more in a text in the middle, each time another; the process has compiled the contract before."""
    at = text.index('"', len(text) // 2) + 1
    parser.remember()  # as an editor has it
    compiler.compile_source(Source("contract.sftspec", text))
    pairs = []
    for stroke in range(STROKES):
        changed = text[:at] + "x" * (stroke + 1) + text[at:]
        source = Source("contract.sftspec", changed)
        beside = seconds(lambda: WORDS.findall(changed))  # noqa: B023
        pairs.append((beside, seconds(lambda: compiler.compile_source(source))))  # noqa: B023
    return told("keystroke to diagnostics", pairs, "splitting into words", limit)


def told(what: str, pairs: list[tuple[float, float]], beside: str, limit: float) -> bool:
    """Print one figure; whether it is too late."""
    ours = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(own / other for other, own in pairs)
    print(f"  {what:<26} {ours:7.3f} s of {limit:.3f} s, {ratio:6.1f} times {beside}")
    return ours > limit


def passes(text: str) -> None:
    """The share of each pass in the compilation after a keystroke: what `compiler` calls by name, and the rest."""
    spent: Counter[str] = Counter()
    own = {name: value for name, value in vars(compiler).items() if isinstance(value, FunctionType)}
    for name, function in own.items():
        if function.__module__ != compiler.__name__:
            setattr(compiler, name, timed(name, function, spent))
    whole = seconds(lambda: compiler.compile_source(Source("contract.sftspec", text + "\n")))
    for name, function in own.items():
        setattr(compiler, name, function)
    shares = [f"{name} {100 * part / whole:.0f} %" for name, part in spent.most_common(5)]
    print(f"  {'of it':<26} {', '.join(shares)}")


def timed(name: str, function: Callable[..., object], spent: Counter[str]) -> Callable[..., object]:
    def call(*arguments: object) -> object:
        start = time.perf_counter()
        result = function(*arguments)
        spent[name] += time.perf_counter() - start  # type: ignore[assignment]
        return result

    return call


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
