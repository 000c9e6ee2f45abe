"""Records in, an arm out: examples encoded as the recipe says, and a reference cut to as much training as the delivery.

Matching is honest about one thing only: both arms hold the same number of trained tokens (within the tolerance that the
contract states) and train the same number of steps at the same batch size. Records, prompts and topics may differ in
number and kind; that is what the comparison is about. The delivery is never cut. A reference that is too long loses
whole records, chosen by a digest of their content, so neither party nor seed has a say; one that is too short is
refused, since repeating its records would be a different arm. A reference that already fits is left as it is: its
runs are then the same for every delivery.
"""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from acceptance.rendering import Renderer, RenderingError
from acceptance.trial.errors import TrialError
from spec_lang.contract import Reference

CUT = "cut at `max_length`"
DROPPED = "dropped as longer than `max_length`"
OTHER_SPLIT = "of another split"
NO_LOSS = "without a token that bears loss"


@dataclass(frozen=True, slots=True)
class Trained:
    """One record as it is trained on: within `max_length`, with at least one trained token and a weight above zero."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    weight: float
    cut: bool = False
    """Whether the record goes on beyond `max_length`."""
    number: int = field(default=0, compare=False)
    """Which of its arm's records it is, from 1."""

    @property
    def tokens(self) -> int:
        return sum(self.trained[1:])  # the first token has nothing before it to be predicted from

    def digest(self) -> bytes:
        mask = bytes(self.trained)
        return hashlib.sha256(struct.pack(f"<{len(self.ids)}I", *self.ids) + mask + repr(self.weight).encode()).digest()


@dataclass(frozen=True, slots=True)
class Arm:
    """What one model is trained on."""

    name: str
    examples: tuple[Trained, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Records that are not trained on, by reason."""
    drawn: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Seed -> positions of the examples that its run trains on; nothing where every run trains on all of them."""

    def under(self, seed: str) -> Arm:
        """What the run with a seed trains on."""
        if not self.drawn:
            return self
        return Arm(self.name, tuple(self.examples[at] for at in self.drawn[seed]))

    @property
    def trained_tokens(self) -> int:
        return sum(example.tokens for example in self.examples)

    def losses(self) -> str:
        """What of the records is not trained on, in words; empty where nothing is missing."""
        cut = sum(example.cut for example in self.examples)
        return ", ".join(f"{count:,} {why}" for why, count in ({CUT: cut} | dict(self.left_out)).items() if count)

    def sha256(self) -> str:
        """Over all examples in their order, which the data order of a run counts on."""
        return hashlib.sha256(b"".join(example.digest() for example in self.examples)).hexdigest()


def build(name: str, records: Iterable[dict[str, Any]], renderer: Renderer) -> Arm:
    """Raises TrialError at the first record that cannot be trained on as the recipe says."""
    examples: list[Trained] = []
    left_out: Counter[str] = Counter()
    for number, record in enumerate(records, start=1):
        example = encode(name, number, record, renderer)
        if isinstance(example, Trained):
            examples.append(example)
        else:
            left_out[example] += 1
    if not examples:
        raise TrialError(f"arm `{name}` has no record to train on")
    return Arm(name, tuple(examples), left_out)


def encode(name: str, number: int, record: dict[str, Any], renderer: Renderer) -> Trained | str:
    """One record, or the reason why it is left out."""
    if not renderer.filler.trained(record):
        return OTHER_SPLIT
    recipe = renderer.recipe
    try:
        example = renderer.encode(record)
    except RenderingError as error:
        raise TrialError(f"record {number} of arm `{name}` cannot be trained on: {error}") from error
    if example.length > recipe.max_length and recipe.overflow != "cut":
        if recipe.overflow == "drop":
            return DROPPED
        raise TrialError(f"record {number} of arm `{name}` has {example.length} tokens; recipe {recipe.name} refuses "
                         f"more than {recipe.max_length}")  # fmt: skip
    ids, trained = example.ids[: recipe.max_length], example.trained[: recipe.max_length]
    made = Trained(tuple(ids), tuple(trained), renderer.filler.weight(record), example.length > recipe.max_length,
                   number)  # fmt: skip
    return made if made.weight > 0 and made.tokens > 0 else NO_LOSS


def match(reference: Arm, vendor: Arm, terms: Reference) -> Arm:
    """The reference, cut to the delivery's size within `terms.within`. Raises TrialError where that is impossible."""
    by_tokens = terms.matching == "trained_tokens"
    unit = "trained tokens" if by_tokens else "records"
    goal, within = measure(vendor.examples, by_tokens), Decimal(terms.within)
    have = measure(reference.examples, by_tokens)
    if abs(have - goal) <= goal * within:  # exactly at the tolerance is matched
        return reference
    kept = trimmed(reference.examples, goal, by_tokens)
    got = measure(kept, by_tokens)
    if abs(got - goal) > goal * within:
        raise TrialError(
            f"reference `{terms.name}` cannot be matched: the delivery has {goal:,} {unit}, the reference {have:,}, of "
            f"which {got:,} could be used; the contract allows {within * 100:f} % difference. Give the reference more "
            "records, or widen `within`"
        )
    return Arm(reference.name, kept, reference.left_out)


def trimmed(examples: tuple[Trained, ...], goal: int, by_tokens: bool) -> tuple[Trained, ...]:
    """Records in the order of their digests while they fit under the goal; then in their own order again."""
    chosen, total = set(), 0
    for position in sorted(range(len(examples)), key=lambda at: (examples[at].digest(), at)):
        size = examples[position].tokens if by_tokens else 1
        if total + size <= goal:
            chosen.add(position)
            total += size
    return tuple(example for position, example in enumerate(examples) if position in chosen)


def measure(examples: tuple[Trained, ...], by_tokens: bool) -> int:
    return sum(example.tokens for example in examples) if by_tokens else len(examples)
