"""A sound contract to the parts of the delivery that its trial could not train, or would learn nothing from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from spec_lang.contract import Call, Clause, Const, Contract, Expr, Op, Path, Range
from spec_lang.deals import Deal
from spec_lang.diagnostics import Diagnostic, Label
from spec_lang.trialarms import Without, shares, slices
from spec_lang.trialplans import recipe_of
from spec_lang.types import plain


def parts_can_be_trained(deal: Deal) -> Iterator[Diagnostic]:
    """What `scaling` and `ablation` ask for must be parts of what is trained, and of some size."""
    for clause, call in deal.every("scaling", "ablation"):
        recipe = recipe_of(deal.contract, clause)
        if recipe is None:
            yield _told(deal, clause, "nothing says which recipe trains", "write `terms ... using <recipe>`", "error")
        else:
            small = small_shares if call.measure == "scaling" else small_slices
            for words in small(call, deal.contract, recipe.batch):
                help = f"leave it out, or ask for more records; a batch of {recipe.name} has {recipe.batch}"
                yield _told(deal, clause, words, help, "warning")


def small_shares(call: Call, contract: Contract, batch: int) -> Iterator[str]:
    """Shares of the least delivery that is agreed on with fewer records than a batch."""
    volume = contract.volume_low
    for share in shares(call) if volume is not None else ():
        count = int(Decimal(volume or 0) * share.percent / 100)
        if count < batch:
            yield f"{plain(share.percent)} % of {volume:,} records are {count:,}: the same few in every batch"


def small_slices(call: Call, contract: Contract, batch: int) -> Iterator[str]:
    """Slices that a mixture keeps below a batch, even in the largest delivery that is agreed on."""
    volume = contract.volume_high
    for without in slices(call) if volume is not None else ():
        for most in _allowed(without, contract):
            count = int(Decimal(volume or 0) * most / 100)
            if count < batch:
                allowed = f"a mixture allows at most {plain(most)} % of {volume:,} records"
                yield f"`{without.word}` has at most {count:,} records ({allowed}): to leave them out shows nothing"


def _allowed(without: Without, contract: Contract) -> Iterator[Decimal]:
    """The most, in percent, that clauses allow of a slice."""
    for clause in contract.clauses:
        match clause.expr:
            case Op(name="in", args=(Call() as call, Range(high=Const() as most))) if _counts(call, without):
                yield Decimal(str(most.value))
            case Op(name="<=" | "<", args=(Call() as call, Const() as most)) if _counts(call, without):
                yield Decimal(str(most.value))


def _counts(call: Call, without: Without) -> bool:
    """Whether a measure is the share of the slice's records."""
    condition: Expr | None = call.arg("condition") if call.measure == "share" else None
    match condition:
        case Op(name="==", args=(Path(root="row") as path, Const() as word)):
            return path.steps == without.steps and word.value == without.word
    return False


def _told(deal: Deal, clause: Clause, what: str, help: str, severity: Literal["error", "warning"]) -> Diagnostic:
    name = clause.name.rpartition(".")[2]
    return Diagnostic("SFT4012", f"`{name}`: {what}", Label(deal.span(clause), ""), (), (), help, severity)
