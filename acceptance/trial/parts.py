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
from dataclasses import dataclass
from typing import Any

from acceptance.rendering import Renderer
from acceptance.rendering.values import Record
from acceptance.scores import VENDOR
from acceptance.trial.arms import Arm, Tally
from spec_lang import trialarms
from spec_lang.trialarms import AsMany, Part, Share, Without, size


def drawn(
    renderer: Renderer, vendor: Arm, records: Sequence[dict[str, Any]], seeds: Mapping[str, Sequence[str]]
) -> dict[str, Arm]:
    """The contract's parts of the delivery that `seeds` names. `records` are those that `vendor` was built from."""
    known = trialarms.parts(renderer.filler.contract)
    wanted = {name: known[name] for name in seeds if name in known}
    left = Left.of(wanted.values())
    for at, one in enumerate(vendor.examples if left.without else ()):
        left.add(at, renderer.filler.fill(records[one.number - 1]))
    digests = Tally.of(vendor.examples).digests if wanted else ()
    found = chosen(wanted, digests, left, seeds)
    return {name: Arm(name, vendor.examples, drawn=places) for name, places in found.items()}


@dataclass(frozen=True, slots=True)
class Left:
    """Positions of the examples that are not of a slice, for each slice."""

    without: Mapping[Without, list[int]]

    @classmethod
    def of(cls, wanted: Iterable[Part]) -> Left:
        """For the slices of those parts, nothing added yet."""
        slices = (part.without if isinstance(part, AsMany) else part for part in wanted if not isinstance(part, Share))
        return cls({part: [] for part in slices})

    def add(self, at: int, record: Record) -> None:
        """An example's position, and its record with all defaults filled in."""
        for part, places in self.without.items():
            if value(record, part) != part.word:
                places.append(at)

    def count(self, part: Without) -> int:
        return len(self.without[part])


def chosen(
    wanted: Mapping[str, Part], digests: Sequence[bytes], left: Left, seeds: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Part -> seed -> positions of the delivery's examples that are trained on; `digests` are theirs."""
    orders = [ranking(digests, seed) for seed in seeds[VENDOR]] if wanted else []
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, part in wanted.items():
        if isinstance(part, Without):
            found[name] = dict.fromkeys(seeds[name], tuple(left.without[part]))
        else:
            count = size(part, len(digests), left.count)
            drawn = (tuple(sorted(order[:count])) for order in orders)
            found[name] = dict(zip(seeds[name], drawn, strict=True))
    return found


def value(record: Record, part: Without) -> Any:
    """What stands in the field; None where it is absent."""
    inner: Any = record
    for step in part.steps:
        inner = inner.get(step) if isinstance(inner, dict) else None
    return inner


def ranking(digests: Sequence[bytes], key: str) -> list[int]:
    """Positions of the examples in the order in which shares take them; of equal ones each copy has its own place."""
    seen: Counter[bytes] = Counter()
    ranks = []
    for at, digest in enumerate(digests):
        seen[digest] += 1
        ranks.append((hashlib.sha256(f"part/{key}/{seen[digest]}/".encode() + digest).digest(), at))
    return [at for _, at in sorted(ranks)]


def sizes(derived: Mapping[str, Arm]) -> Iterator[str]:
    """How much each part holds, in words."""
    for name, arm in derived.items():
        held = len(next(iter(arm.drawn.values())))
        yield f"arm `{name}` trains on {held:,} of {len(arm.examples):,} records"
