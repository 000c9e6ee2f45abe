"""A contract to the arms of its trial: the delivery, the references that it is held against, and parts of the delivery.

Parts are what `scaling` and `ablation` ask for. Their names say what they hold, so that a verifier who has the contract
alone knows which runs there must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from spec_lang.basis import calls
from spec_lang.contract import Call, Clause, Contract, Path, SetExpr
from spec_lang.types import Enum, bare, plain

BASE = "base"
"""The arm without training; every other arm is trained once per seed."""
VENDOR = "vendor"
"""The arm trained on the delivery. A reference arm has the reference's name."""

ARMS = {BASE: "the model that nothing was trained on", VENDOR: "the model trained on the delivery"}
"""What no reference is called: a delivery held against itself loses nothing."""


@dataclass(frozen=True, slots=True)
class Share:
    """So much of the delivery, drawn at random: `vendor@25%`. Of one draw the larger share holds the smaller."""

    percent: Decimal

    @property
    def name(self) -> str:
        return VENDOR if self.percent == 100 else f"{VENDOR}@{plain(self.percent)}%"


@dataclass(frozen=True, slots=True)
class Without:
    """The delivery but for the records with one word in a field: `vendor-input.task.refund`."""

    steps: tuple[str, ...]
    word: str

    @property
    def slice(self) -> str:
        """`input.task.refund`, as a mixture calls it."""
        return ".".join((*self.steps, self.word))

    @property
    def name(self) -> str:
        return f"{VENDOR}-{self.slice}"


@dataclass(frozen=True, slots=True)
class AsMany:
    """As many records as are left without a slice, drawn at random: `vendor~input.task.refund`."""

    without: Without

    @property
    def name(self) -> str:
        return f"{VENDOR}~{self.without.slice}"


Part = Share | Without | AsMany


def size(part: Part, records: int, left: Callable[[Without], int]) -> int:
    """How many of so many records a part holds; `left` says how many are not of a slice."""
    if isinstance(part, Share):
        exact = records * part.percent / 100
        return max(1, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
    return left(part.without if isinstance(part, AsMany) else part)


def shares(call: Call) -> list[Share]:
    """What `scaling` asks of, from small to large."""
    written = call.arg("fractions")
    assert isinstance(written, SetExpr)
    return [Share(percent) for percent in sorted({Decimal(str(item.value)) for item in written.items})]


def slices(call: Call) -> list[Without]:
    """What `ablation` leaves out, one after the other, in the enum's order."""
    by = call.arg("by")
    words = bare(by.type)
    assert isinstance(by, Path) and isinstance(words, Enum)
    return [Without(by.steps, word) for word in words.members]


def parts(contract: Contract) -> dict[str, Part]:
    """Every part of the delivery that a clause asks for, by the name of its arm."""
    found: dict[str, Part] = {}
    for clause in contract.clauses:
        for call in calls(clause.expr):
            found |= {part.name: part for part in parts_of(call) if part.name != VENDOR}
    return found


def parts_of(call: Call) -> Iterator[Part]:
    """The parts that a measure compares."""
    if call.measure == "scaling":
        yield from shares(call)
    elif call.measure == "ablation":
        for without in slices(call):
            yield from (without, AsMany(without))


def trained(contract: Contract) -> Iterator[tuple[Clause, str]]:
    """Each clause with each trained arm that it compares. A part is drawn from the delivery, whose arm comes first."""
    for clause in contract.clauses:
        for call in calls(clause.expr):
            if call.measure in ("gain", "scaling", "ablation"):
                yield clause, VENDOR
            if call.measure == "gain" and call.word("over") != BASE:
                yield clause, call.word("over")
            yield from ((clause, part.name) for part in parts_of(call))
