"""What `check` finds of mistakes that are known: planted one to six at a time into the examples, by kind."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.mistakes import Mistake, plant
from spec_lang.compiler import compile_source
from spec_lang.diagnostics import Diagnostic, short
from spec_lang.source import Source

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = (
    "examples/repo_repair/repo_repair.sftspec",
    "examples/back_office/back_office.sftspec",
    "examples/real_data/tau_airline.sftspec",
    "examples/real_data/gsm8k.sftspec",
)
MOST = 6


def main() -> int:
    """Print a line per kind of mistake and per number of mistakes."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--trials", type=int, default=100, help="for each contract and number of mistakes")
    arguments.add_argument(
        "--show", metavar="KIND", help="print each trial in which a mistake of this kind (or: all) was missed"
    )
    asked = arguments.parse_args()
    by_kind, by_count = measured(asked.trials, asked.show)
    print(f"{'kind':<24} planted  located   twice  others")
    for name, found in sorted(by_kind.items()):
        print(line(name, found))
    for count, found in by_count.items():
        print(line(f"{count} at a time", found))
    return 0


def measured(trials: int, show: str | None = None) -> tuple[dict[str, Counter[str]], dict[int, Counter[str]]]:
    """Counts by kind, and by number of mistakes in one text."""
    by_kind: dict[str, Counter[str]] = {}
    by_count = {count: Counter[str]() for count in range(1, MOST + 1)}
    for source, count, seed in cases(trials):
        text, planted = plant(source, count, Random(seed))
        errors = [d for d in compile_source(Source(source.name, text)).diagnostics if d.severity == "error"]
        lines = Counter(d.primary.span.line for d in errors if d.primary is not None)
        others = sum(number for at, number in lines.items() if not any(at in one.lines for one in planted))
        by_count[len(planted)] += Counter(others=others)
        for one in planted:
            hits = sum(lines[at] for at in one.lines)
            result = Counter(planted=1, located=int(hits > 0), twice=int(hits > 1))
            by_count[len(planted)] += result
            by_kind[one.kind] = by_kind.get(one.kind, Counter()) + result
            if len(planted) == 1:
                by_kind[one.kind] += Counter(others=others)
            if show in (one.kind, "all") and (hits != 1 or (others and len(planted) == 1)):
                explain(source, text, planted, one, errors)
    return by_kind, by_count


def cases(trials: int) -> Iterator[tuple[Source, int, str]]:
    """A contract, a number of mistakes and a seed."""
    for name in CONTRACTS:
        source = Source(Path(name).name, (ROOT / name).read_text("utf-8"))
        yield from (
            (source, count, f"{name} {count} {trial}") for count in range(1, MOST + 1) for trial in range(trials)
        )


def line(name: str, found: Counter[str]) -> str:
    """Counts and shares. `others` are diagnostics on lines without a mistake; by kind only where it stood alone."""
    share = 100 * found["located"] / max(1, found["planted"])
    return f"{name:<24} {found['planted']:>7} {share:>7.1f}% {found['twice']:>7} {found['others']:>7}"


def explain(source: Source, text: str, planted: list[Mistake], one: Mistake, errors: list[Diagnostic]) -> None:
    """What was written and what was said of it."""
    print(f"--- {source.name}: {len(planted)} mistakes; {one.kind} on lines {sorted(one.lines)}")
    for at in sorted({at for other in planted for at in other.lines}):
        print(f"    {at}: {text.splitlines()[at - 1] if at else ''}")
    for item in errors:
        print(f"    {short(item)}")


if __name__ == "__main__":
    sys.exit(main())
