"""Two arms that share most records, trained in a common order or in orders of their own: is their difference calmer?

    python -m benchmarks.orders                          ten pairs of runs, sixty steps each
    python -m benchmarks.orders --pairs 2 --steps 6 --items 20

The arms are the example's delivery and nine tenths of it, as an ablation has them. Three ways to draw the order of
pair j: `apart`, a seed for each arm; `places`, one seed for both, records drawn by their place in the arm, as
`order.positions` does it; `records`, one seed for both, drawn by what the record is, so that shared records come in the
same relative order. What counts is the spread of the difference of the arms' accuracies over the pairs, and the
correlation of the two. The 90 % interval of a correlation is Fisher's.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/back_office"
sys.path.insert(0, str(EXAMPLE / "make"))

import damage  # noqa: E402
import table  # noqa: E402

from acceptance.certification import procedure  # noqa: E402
from acceptance.deal import Deal, open_deal  # noqa: E402
from acceptance.rendering import Renderer  # noqa: E402
from acceptance.trial import arms, finetune, order, recipe  # noqa: E402
from acceptance.trial.arms import Arm  # noqa: E402
from acceptance.trial.worker import Job, asked  # noqa: E402
from spec_lang.contract import Recipe  # noqa: E402
from spec_lang.lock import ROLES  # noqa: E402

WAYS = ("apart", "places", "records")
SUITE = "calls"


def main() -> int:
    """Print a line per pair and the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--items", type=int, default=200)
    options = parser.parse_args()
    deal = open_deal(EXAMPLE / "back_office.sftspec", ROLES)
    house = procedure.recipe_of(deal.contract).model_copy(update={"steps": options.steps})
    arms_ = both(deal, house)

    def tried(which: int, seed: str, way: str) -> float:
        return accuracy(deal, house, arms_[which], seed, way, options.items)

    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for pair in range(options.pairs):
        for way in WAYS:
            # The first arm's run is the same with both orders that go by places.
            first = found["apart"][-1][0] if way == "places" else tried(0, f"{pair}", way)
            found[way].append((first, tried(1, f"{pair} apart" if way == "apart" else f"{pair}", way)))
        print(f"pair {pair}: " + ", ".join(f"{way} {100 * a:.1f} {100 * b:.1f}" for way, ((a, b), *_) in
              ((way, found[way][-1:]) for way in WAYS)), flush=True)  # fmt: skip
    print("\n".join(summary(found)))
    return 0


def both(deal: Deal, house: Recipe) -> tuple[Arm, Arm]:
    """The whole delivery, and what is left of it without a tenth, chosen by digest."""
    whole = arms.build("whole", damage.DAMAGES["good"](table.delivered()), Renderer(house, deal.contract, deal.folder))
    count = len(whole.examples)
    kept = set(sorted(range(count), key=lambda at: whole.examples[at].digest())[count // 10 :])
    return whole, Arm("most", tuple(one for at, one in enumerate(whole.examples) if at in kept))


def accuracy(deal: Deal, house: Recipe, arm: Arm, seed: str, way: str, items: int) -> float:
    """The share of the suite's first items that one run gets right."""
    renderer = Renderer(house, deal.contract, deal.folder)
    recipe.deterministic(1)
    base = recipe.resolve(house, deal.folder)
    drawn, order.positions = order.positions, by_record(arm) if way == "records" else order.positions
    try:
        tuned = finetune.finetune(recipe.load(base, house, renderer), arm, house, seed)
    finally:
        order.positions = drawn
    questions = tuple(table.data.read_jsonl(EXAMPLE / "sealed" / f"{SUITE}.jsonl")[:items])
    job = Job(deal.contract, house, deal.folder, {}, {SUITE: questions}, "acceptance.engine.scoring:scorer")
    scores = asked(job, tuned.model, tuned.run, base.positions, lambda told: None)[SUITE]
    return statistics.fmean(row.score for row in scores)


def by_record(arm: Arm) -> Any:
    """`order.positions`, drawn by the record's digest in place of its place."""
    digests = [one.digest() for one in arm.examples]

    def positions(records: int, seed: str) -> Iterator[int]:
        turn = 0
        while True:
            key = f"{seed}/{turn}/".encode()
            yield from sorted(range(records), key=lambda at: (hashlib.sha256(key + digests[at]).digest(), at))
            turn += 1

    return positions


def summary(found: dict[str, list[tuple[float, float]]]) -> Iterator[str]:
    yield f"{'order':<8} {'sd all':>9} {'sd most':>9} {'sd of difference':>17} {'correlation':>12}   90 % interval"
    for way, pairs in found.items():
        a, b = ([100 * pair[side] for pair in pairs] for side in (0, 1))
        spread = [statistics.stdev(values) for values in (a, b, [x - y for x, y in zip(a, b, strict=True)])]
        r = statistics.correlation(a, b) if min(spread[:2]) > 0 else 0.0
        low, high = fisher(r, len(pairs))
        yield f"{way:<8} {spread[0]:9.2f} {spread[1]:9.2f} {spread[2]:17.2f} {r:12.2f}   {low:.2f} to {high:.2f}"


def fisher(r: float, n: int) -> tuple[float, float]:
    """The 90 % interval of a correlation of n pairs; the whole range below four."""
    if n < 4:
        return -1.0, 1.0
    z, half = math.atanh(max(-0.999999, min(0.999999, r))), 1.645 / math.sqrt(n - 3)
    return math.tanh(z - half), math.tanh(z + half)


if __name__ == "__main__":
    sys.exit(main())
