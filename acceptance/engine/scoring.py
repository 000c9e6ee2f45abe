"""A held-out set's score to a function: an item and the model's answer in, 0.0 to 1.0 out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acceptance.answers import Answer, Item, Scorer
from acceptance.engine.evaluation import no_execution
from acceptance.engine.expressions import Reader, Scope, Setting, compile_
from acceptance.engine.functions import Workshop
from acceptance.executions import Execute
from acceptance.measures import MEASURES, evidence_of
from acceptance.measures._executed import Executes
from acceptance.measures.choice import offered
from acceptance.measures.protocol import RowFunction, Unavailable
from acceptance.tables import ABSENT, Malformed
from acceptance.values.scalar import number
from spec_lang.contract import Call, Contract
from spec_lang.types import TEXT, RecordOf, Type

if TYPE_CHECKING:
    from acceptance.rendering import Renderer

TRIED = "tried"
"""In a scope: the item itself is tried, not an answer to it."""


def scorer(contract: Contract, heldout: str, folder: Path, execute: Callable[[str], Execute] = no_execution) -> Scorer:
    """The score of one held-out set; a truth counts 1.0 or 0.0, an absent value 0.0.

    Raises ValueError for a set that states none, and what `execute` raises.
    """
    declared = contract.heldout(heldout)
    if declared.score is None:
        raise ValueError(f"held-out set `{heldout}` states no score; write `score: exact_match(answer, ...)`")
    workshop = Workshop(contract, folder, _no_renderer, _no_items, execute, _no_rows)
    roots: dict[str, Type] = {"row": RecordOf(name=_shape(contract, declared.record)), "answer": TEXT}
    setting = Setting(contract, roots, partial(_function, workshop), _no_rows)
    if isinstance(declared.score, Call) and evidence_of(declared.score.measure) == "likelihoods":
        return _choosing(declared.score, workshop, setting)
    read = compile_(declared.score, setting)

    def worth(scope: Scope) -> float:
        value = read(scope)
        if isinstance(value, bool) or value is ABSENT:
            return 1.0 if value else 0.0
        return float(number(value))

    return Scorer(
        lambda item, answer: worth({"row": item, "answer": answer}),
        trial=lambda item: worth({"row": item, "answer": "", TRIED: True}),
    )


def _function(workshop: Workshop, call: Call, setting: Setting) -> Reader:
    """As for a row; what runs code waits for its outcome."""
    measure = MEASURES[call.measure]
    if not isinstance(measure, Executes):
        return workshop.function(call, setting)
    plan, by = measure.plan, call.word("by")
    execute = workshop.execute(by)
    values = {name: compile_(call.arg(name), setting) for name in plan.help}

    def read(scope: Scope) -> bool:
        found = plan.begin({name: value(scope) for name, value in values.items()}, execute, by)()
        if TRIED in scope and found.part in ("in", "tests") and not found.fixes:
            raise Malformed(found.reason)
        return found.fixes

    return read


def _choosing(call: Call, workshop: Workshop, setting: Setting) -> Scorer:
    """A score of likelihoods, which are the answer."""
    measure = MEASURES[call.measure]
    assert isinstance(measure, RowFunction)
    apply = measure.make(workshop.use(call, setting))
    options, right = (compile_(call.arg(name), setting) for name in ("options", "right"))

    def score(item: Item, answer: Answer) -> float:
        scope = {"row": item}
        return 1.0 if apply(options(scope), right(scope), answer) else 0.0

    return Scorer(score, lambda item: offered(options({"row": item})))


def _shape(contract: Contract, record: str) -> str:
    """A held-out set is of a table's record, or of a shape of its own."""
    return next((table.shape for table in contract.tables if table.name == record), record)


def _no_renderer(recipe: str) -> Renderer:
    raise Unavailable("a score does not render records")


def _no_items(heldout: str) -> Iterable[dict[str, Any]]:
    raise Unavailable("a score does not look at other sealed sets")


def _no_rows(table: str) -> dict[Any, Any]:
    raise Unavailable(f"an item of a held-out set has no {table} to look up")
