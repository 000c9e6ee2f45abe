"""Records in, an arm out: examples encoded as the recipe says, and a reference cut to as much training as the delivery.

Matching is honest about one thing only: both arms hold the same number of trained tokens (within the tolerance that the
contract states) and train the same number of steps at the same batch size. Records, prompts and topics may differ in
number and kind; that is what the comparison is about. The delivery is never cut. A reference that is too long loses
whole records, chosen by a digest of their content, so neither party nor seed has a say; one that is too short is
refused, since repeating its records would be a different arm. A reference that already fits is left as it is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from acceptance.rendering import Renderer, RenderingError
from acceptance.trial.errors import TrialError
from spec_lang.contract import Reference

CUT = "cut at `max_length`"
DROPPED = "dropped as longer than `max_length`"
OTHER_SPLIT = "of another split"
NO_LOSS = "without a token that bears loss"
UINT32 = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class Trained:
    """One record as it is trained on: within `max_length`, with at least one trained token and a weight above zero.

    Five bytes a token: every process of a trial holds all records.
    """

    id_bytes: bytes
    """Token ids, four bytes each, the lowest first."""
    mask: bytes
    """A byte for each token: 1 where it is trained, else 0."""
    weight: float
    cut: bool = False
    """Whether the record goes on beyond `max_length`."""
    number: int = field(default=0, compare=False)
    """Which of its arm's records it is, from 1."""

    @classmethod
    def of(
        cls, ids: Sequence[int], trained: Sequence[bool], weight: float, cut: bool = False, number: int = 0
    ) -> Trained:
        """From token ids and, for each, whether it is trained."""
        return cls(np.array(ids, dtype=UINT32).tobytes(), bytes(trained), weight, cut, number)

    @property
    def length(self) -> int:
        return len(self.mask)

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """(length,)"""
        return np.frombuffer(self.id_bytes, dtype=UINT32).astype(np.int64)

    @property
    def weights(self) -> npt.NDArray[np.float32]:
        """(length,): the record's weight where a token is trained. The first has nothing before it that predicts it."""
        found = np.frombuffer(self.mask, dtype=np.uint8) * np.float32(self.weight)
        found[:1] = 0
        return found

    @property
    def tokens(self) -> int:
        """How many are trained."""
        return self.mask.count(1, 1)

    def digest(self) -> bytes:
        return hashlib.sha256(self.id_bytes + self.mask + repr(self.weight).encode()).digest()


@dataclass(frozen=True, slots=True)
class Tally:
    """What matching, drawing and counting need of an arm: of each example its trained tokens and its digest."""

    tokens: tuple[int, ...]
    digests: tuple[bytes, ...]

    @classmethod
    def of(cls, examples: Iterable[Trained]) -> Tally:
        pairs = [(example.tokens, example.digest()) for example in examples]
        return cls(tuple(tokens for tokens, _ in pairs), tuple(digest for _, digest in pairs))

    def sizes(self, terms: Reference) -> tuple[int, ...]:
        """What each example counts in a match."""
        return self.tokens if terms.matching == "trained_tokens" else (1,) * len(self.tokens)


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
    left_out: Counter[str] = Counter()
    examples = tuple(example for _, example in trainable(name, records, renderer, left_out))
    if not examples:
        raise TrialError(f"arm `{name}` has no record to train on")
    return Arm(name, examples, left_out)


def trainable(
    name: str, records: Iterable[dict[str, Any]], renderer: Renderer, left_out: Counter[str]
) -> Iterator[tuple[dict[str, Any], Trained]]:
    """Each record that is trained on, with its example; of the others the reasons are counted in `left_out`."""
    for number, record in enumerate(records, start=1):
        example = encode(name, number, record, renderer)
        if isinstance(example, Trained):
            yield record, example
        else:
            left_out[example] += 1


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
    made = Trained.of(ids, trained, renderer.filler.weight(record), example.length > recipe.max_length, number)
    return made if made.weight > 0 and made.tokens > 0 else NO_LOSS


def match(reference: Arm, vendor: Arm, terms: Reference) -> Arm:
    """The reference, cut to the delivery's size within `terms.within`. Raises TrialError where that is impossible."""
    kept = matched(Tally.of(reference.examples), Tally.of(vendor.examples), terms)
    return Arm(reference.name, tuple(reference.examples[at] for at in kept), reference.left_out)


def matched(reference: Tally, vendor: Tally, terms: Reference) -> Sequence[int]:
    """Positions of the reference's examples that are trained on, in their order. Raises TrialError where none do."""
    sizes, goal, within = reference.sizes(terms), sum(vendor.sizes(terms)), Decimal(terms.within)
    have = sum(sizes)
    if abs(have - goal) <= goal * within:  # exactly at the tolerance is matched
        return range(len(sizes))
    kept = trimmed(sizes, reference.digests, goal)
    got = sum(sizes[at] for at in kept)
    if abs(got - goal) > goal * within:
        unit = "trained tokens" if terms.matching == "trained_tokens" else "records"
        raise TrialError(
            f"reference `{terms.name}` cannot be matched: the delivery has {goal:,} {unit}, the reference {have:,}, of "
            f"which {got:,} could be used; the contract allows {within * 100:f} % difference. Give the reference more "
            "records, or widen `within`"
        )
    return kept


def trimmed(sizes: Sequence[int], digests: Sequence[bytes], goal: int) -> list[int]:
    """Positions in the order of their digests while they fit under the goal; then in their own order again."""
    chosen, total = [], 0
    for position in sorted(range(len(sizes)), key=lambda at: (digests[at], at)):
        if total + sizes[position] <= goal:
            chosen.append(position)
            total += sizes[position]
    return sorted(chosen)
