"""Contract and delivered tables to the ledger: one streaming pass, then marks that drop rows, then everything else.

Nothing of a record is kept but compact columns. A crash in a measure is ours and is not caught here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acceptance.engine import aggregation, entries
from acceptance.engine.columns import Columns
from acceptance.engine.entries import PENDING, Desk
from acceptance.engine.evidence import Produced
from acceptance.engine.figures import figures
from acceptance.engine.functions import Workshop
from acceptance.engine.lookup import Lookup, Source
from acceptance.engine.reasons import ABOUT_FILES, home
from acceptance.engine.statistical import statistical_entry
from acceptance.engine.strata import Strata
from acceptance.executions import Execute
from acceptance.figures import Figures
from acceptance.ledger import Count, Entry, Ledger
from acceptance.measures.protocol import Unavailable, no_plugin
from acceptance.values.exact import Mask
from acceptance.values.parts import walk
from spec_lang.contract import Call, Clause, Contract, Stage

if TYPE_CHECKING:
    from acceptance.rendering import Renderer


NOT_RUN = "delivered code is run only with --execute"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ledger, for each delivered table which of its rows are accepted, and figures for charts."""

    ledger: Ledger
    accepted: dict[str, Mask]
    figures: Figures


def no_renderer(recipe: str) -> Renderer:
    """Stands in where a command renders nothing."""
    raise Unavailable(f"records are not rendered here, so nothing is known of `{recipe}`")


def no_items(heldout: str) -> Iterable[dict[str, Any]]:
    """Stands in where no sealed set is at hand."""
    raise Unavailable(f"the sealed set `{heldout}` is not here")


def no_execution(by: str) -> Execute:
    """Stands in where delivered code is not run."""
    raise Unavailable(NOT_RUN)


def evaluate(
    contract: Contract,
    tables: Mapping[str, Source],
    *,
    folder: Path,
    stages: tuple[Stage, ...] = ("delivery",),
    evidence: Mapping[str, Any] | None = None,
    renderer: Callable[[str], Renderer] = no_renderer,
    items: Callable[[str], Iterable[dict[str, Any]]] = no_items,
    execute: Callable[[str], Execute] = no_execution,
    plugin: Callable[[Call], Any] = no_plugin,
    show_values: bool = False,
    lots_delivered: int = 1,
    progress: Callable[[int], None] | None = None,
    digests: tuple[str, str, str] = ("", "", ""),
    unreadable: str = "",
) -> Outcome:
    """Decides the clauses of `stages`; the others are listed as undecided with who decides them.

    tables: each opens one table's batches in delivered order. evidence: `lines` and `files` open batches once all was
    read; `attachments` gives a file by its path; `reviews` and `scores` are what their measures read.
    digests: of contract, lock and delivery.
    unreadable: why the tables could not be read here; then nothing is decided.
    """
    given = evidence or {}
    lookup = Lookup(contract, tables)
    workshop = Workshop(contract, folder, renderer, items, execute, lookup.rows, plugin)
    produced = Produced(given, workshop)
    strata = _strata(contract, workshop)
    if unreadable:
        reasons = {clause.name: unreadable for clause in contract.clauses}
    else:
        reasons = _plan(contract, stages, strata, lookup, produced)
    _pass(contract, strata, lookup, given, progress)
    reasons |= dict(_lost(contract, strata))
    for name, one in strata.items():
        one.settle([clause for clause in _dropping(contract, stages, reasons) if home(clause) == name])
    desk = Desk(contract, workshop, strata, produced, show_values, lots_delivered)
    found = tuple(_entry(clause, stages, reasons, desk) for clause in contract.clauses)
    ledger = Ledger(
        contract=digests[0] or contract.digest(),
        lock=digests[1],
        delivery=digests[2],
        lots=lots_delivered,
        counts=tuple(_counts(contract, strata)),
        entries=found,
    )
    decided = [clause for clause in contract.clauses if clause.stage in stages and clause.name not in reasons]
    accepted = {table.name: strata[table.name].final() for table in contract.tables}
    return Outcome(ledger, accepted, figures(decided, desk))


def accepted_rows(source: Source, accepted: Mask) -> Iterator[dict[str, Any]]:
    """The accepted rows of a table, read again in delivered order. Raises ValueError if their number changed."""
    read = 0
    for batch in source():
        read += len(batch)
        if read > len(accepted):
            break
        kept = accepted[batch.start : batch.start + len(batch)]
        yield from (row for row, wanted in zip(batch.rows, kept.tolist(), strict=True) if wanted)
    if read != len(accepted):
        raise ValueError("the delivery has changed since it was judged: its number of rows is another")


# ------------------------------------------------------------------------------------------------ steps


def _strata(contract: Contract, workshop: Workshop) -> dict[str, Strata]:
    shapes = {table.name: table.shape for table in contract.tables}
    shapes |= {name: contract.table(contract.record).shape for name in ABOUT_FILES}
    return {name: Strata(name, Columns(workshop, shape)) for name, shape in shapes.items()}


def _plan(
    contract: Contract,
    stages: tuple[Stage, ...],
    strata: Mapping[str, Strata],
    lookup: Lookup,
    produced: Produced,
) -> dict[str, str]:
    """Asks for every column that is needed. Clause name -> why it cannot be decided, for those that cannot."""
    reasons: dict[str, str] = {}
    for clause in contract.clauses:
        if clause.stage in stages:
            try:
                _plan_clause(clause, strata, lookup, produced)
            except Unavailable as missing:
                reasons[clause.name] = str(missing)
    return reasons


def _plan_clause(clause: Clause, strata: Mapping[str, Strata], lookup: Lookup, produced: Produced) -> None:
    """Raises Unavailable."""
    calls = aggregation.aggregates(clause.expr)
    if clause.mark is None and any(map(aggregation.from_table, calls)):
        for call in calls:
            produced.check(call)
        return
    table = home(clause)
    if table in ABOUT_FILES:
        if table not in produced.tables:
            raise Unavailable(f"there are no {table} to decide it on")
    else:
        lookup.available(table)
    if clause.mark is not None:
        columns = strata[table].columns
        columns.want(clause.mark, False)
        return
    for call in calls:
        aggregation.plan(call, strata[table])


def _pass(
    contract: Contract,
    strata: Mapping[str, Strata],
    lookup: Lookup,
    produced: Mapping[str, Any],
    progress: Callable[[int], None] | None,
) -> None:
    """Reads every table once, the record first: other tables may refer to its keys."""
    seen = 0
    for table in sorted((table.name for table in contract.tables), key=lambda name: name != contract.record):
        for batch in lookup.batches(table):
            lookup.note(batch)
            batch.cache |= {"keys": lookup.keys, "attachments": produced.get("attachments")}
            strata[table].add(batch)
            seen += len(batch)
            if progress:
                progress(seen)
    for name in ABOUT_FILES:
        for batch in produced[name]() if name in produced else ():
            strata[name].add(batch)
    for one in strata.values():
        one.finish()


def _lost(contract: Contract, strata: Mapping[str, Strata]) -> Iterator[tuple[str, str]]:
    """The clauses that ask for a mark which could not be finished, and why it could not."""
    for clause in contract.clauses:
        lost = strata[home(clause)].columns.lost if home(clause) in strata else {}
        yield from ((clause.name, lost[node]) for node in walk(clause.expr) if node in lost)


def _dropping(contract: Contract, stages: tuple[Stage, ...], reasons: Mapping[str, str]) -> list[Clause]:
    return [
        clause
        for clause in contract.clauses
        if clause.mark is not None
        and clause.otherwise == "drop record"
        and clause.stage in stages
        and clause.name not in reasons
    ]


def _entry(clause: Clause, stages: tuple[Stage, ...], reasons: Mapping[str, str], desk: Desk) -> Entry:
    if clause.stage not in stages:
        return entries.undecided(clause, PENDING[clause.stage], binding=desk.binding(clause))
    if clause.name in reasons:
        return entries.undecided(clause, reasons[clause.name], binding=desk.binding(clause))
    if clause.mark is not None:
        return entries.row_entry(clause, clause.mark, desk)
    if any(map(aggregation.from_table, aggregation.aggregates(clause.expr))):
        return statistical_entry(clause, desk)
    return entries.aggregate_entry(clause, desk)


def _counts(contract: Contract, strata: Mapping[str, Strata]) -> Iterator[Count]:
    """Of every table that is bought, or that something was delivered of; shapes of held-out items are neither."""
    for table in contract.tables:
        accepted = strata[table.name].final()
        if table.file is None and table.name != contract.record and not len(accepted):
            continue
        yield Count(table=table.name, delivered=len(accepted), accepted=int(np.count_nonzero(accepted)))
