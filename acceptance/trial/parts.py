"""The delivery's arm in; out the arms that are trained on parts of it, for `scaling` and `ablation`.

Which records a share holds nobody chooses: they are taken in the order of digests of their content under the j-th seed
of the delivery's own arm, and that seed follows from the committed nonce. So the order of files and lines does not
matter, the 25 % of the j-th draw lie in its 50 %, and every seed draws anew: what the draw does to a score is part of
the variance between seeds, and so of the interval. All arms train the same number of steps.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from acceptance.rendering import Renderer
from acceptance.rendering.values import Record
from acceptance.scores import VENDOR
from acceptance.trial.arms import Arm, Trained, encode
from spec_lang import trialarms
from spec_lang.trialarms import Part, Without, size


def drawn(
    renderer: Renderer, vendor: Arm, records: Sequence[dict[str, Any]], seeds: Mapping[str, Sequence[str]]
) -> dict[str, Arm]:
    """The contract's parts of the delivery that `seeds` names. `records` are those that `vendor` was built from."""
    known = trialarms.parts(renderer.filler.contract)
    wanted = {name: known[name] for name in seeds if name in known}
    filled = [renderer.filler.fill(records[one.number - 1]) for one in vendor.examples] if wanted else []
    orders = [ranking(vendor, seed) for seed in seeds[VENDOR]] if wanted else []
    return {name: _arm(part, vendor, filled, orders, seeds[name]) for name, part in wanted.items()}


def _arm(
    part: Part, vendor: Arm, records: Sequence[Record], orders: Sequence[Sequence[int]], seeds: Sequence[str]
) -> Arm:
    """`records` are those of the examples, one for each."""
    if isinstance(part, Without):
        kept = left(part, records)
        chosen = dict.fromkeys(seeds, kept)
    else:
        count = size(part, len(records), lambda without: len(left(without, records)))
        chosen = {seed: tuple(sorted(order[:count])) for seed, order in zip(seeds, orders, strict=True)}
    return Arm(part.name, vendor.examples, drawn=chosen)


def counted(renderer: Renderer, records: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many records the delivery's arm and each of the contract's parts hold: what `drawn` draws, without drawing.

    Raises TrialError at the first record that cannot be trained on as the recipe says.
    """
    wanted = trialarms.parts(renderer.filler.contract)
    slices = [part for part in wanted.values() if isinstance(part, Without)]
    total, others = 0, Counter[Without]()
    for number, record in enumerate(records, start=1):
        if isinstance(encode(VENDOR, number, record, renderer), Trained):
            total += 1
            filled = renderer.filler.fill(record)
            others.update(part for part in slices if value(filled, part) != part.word)
    return {VENDOR: total} | {name: size(part, total, others.__getitem__) for name, part in wanted.items()}


def left(part: Without, records: Sequence[Record]) -> tuple[int, ...]:
    """Positions of the records that are not of the slice."""
    return tuple(at for at, record in enumerate(records) if value(record, part) != part.word)


def value(record: Record, part: Without) -> Any:
    """What stands in the field; None where it is absent."""
    inner: Any = record
    for step in part.steps:
        inner = inner.get(step) if isinstance(inner, dict) else None
    return inner


def ranking(arm: Arm, key: str) -> list[int]:
    """Positions of the examples in the order in which shares take them; of equal ones each copy has its own place."""
    seen: Counter[bytes] = Counter()
    ranks = []
    for at, example in enumerate(arm.examples):
        digest = example.digest()
        seen[digest] += 1
        ranks.append((hashlib.sha256(f"part/{key}/{seen[digest]}/".encode() + digest).digest(), at))
    return [at for _, at in sorted(ranks)]


def sizes(derived: Mapping[str, Arm]) -> Iterator[str]:
    """How much each part holds, in words."""
    for name, arm in derived.items():
        held = len(next(iter(arm.drawn.values())))
        yield f"arm `{name}` trains on {held:,} of {len(arm.examples):,} records"
