"""A held-out set's score to a function: an item and the generated answer in, 0.0 to 1.0 out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acceptance.engine.expressions import Setting, compile_
from acceptance.engine.functions import Workshop
from acceptance.executions import Execute
from acceptance.measures.protocol import Unavailable
from acceptance.tables import ABSENT
from acceptance.values.scalar import number
from spec_lang.contract import Contract
from spec_lang.types import TEXT, RecordOf

if TYPE_CHECKING:
    from acceptance.rendering import Renderer

Score = Callable[[dict[str, Any], str], float]


def scorer(contract: Contract, heldout: str, folder: Path = Path()) -> Score:
    """The score of one held-out set; a truth counts 1.0 or 0.0, an absent value 0.0.

    Raises ValueError for a set that states none. The function raises Malformed for an item that is not of its record.
    """
    declared = contract.heldout(heldout)
    if declared.score is None:
        raise ValueError(f"held-out set `{heldout}` states no score; write `score: exact_match(answer, ...)`")
    workshop = Workshop(contract, folder, _no_renderer, _no_items, _no_execution, _no_rows)
    shape = _shape(contract, declared.record)
    setting = Setting(contract, {"row": RecordOf(name=shape), "answer": TEXT}, workshop.function, _no_rows)
    read = compile_(declared.score, setting)

    def score(item: dict[str, Any], answer: str) -> float:
        value = read({"row": item, "answer": answer})
        if isinstance(value, bool) or value is ABSENT:
            return 1.0 if value else 0.0
        return float(number(value))

    return score


def _shape(contract: Contract, record: str) -> str:
    """A held-out set is of a table's record, or of a shape of its own."""
    return next((table.shape for table in contract.tables if table.name == record), record)


def _no_renderer(recipe: str) -> Renderer:
    raise Unavailable("a score does not render records")


def _no_items(heldout: str) -> Iterable[dict[str, Any]]:
    raise Unavailable("a score does not look at other sealed sets")


def _no_execution(by: str) -> Execute:
    raise Unavailable("a score does not run code")


def _no_rows(table: str) -> dict[Any, Any]:
    raise Unavailable(f"an item of a held-out set has no {table} to look up")
