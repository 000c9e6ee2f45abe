"""A contract's path to a sound contract or to the mistakes in it: the passes in order, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spec_lang import blocks
from spec_lang.absences import absences
from spec_lang.amending import Changes
from spec_lang.cascades import without_cascades
from spec_lang.completeness import incomplete
from spec_lang.contract import Contract, Place, Waiver
from spec_lang.deals import Deal
from spec_lang.decidable import undecidable
from spec_lang.definitions import define, unused
from spec_lang.diagnostics import Diagnostic, listed
from spec_lang.loader import NO_TEXTS, load, open_source
from spec_lang.lock import Spread
from spec_lang.lockfile import figures
from spec_lang.lowered import Lowered
from spec_lang.lowering import lower
from spec_lang.portions import parts_can_be_trained
from spec_lang.pricing import prices_differ
from spec_lang.redundancy import duplicates, implied
from spec_lang.resolver import resolve
from spec_lang.solver import satisfiable
from spec_lang.source import Source, Span
from spec_lang.symbols import Report, Symbols
from spec_lang.syntax import File


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood on the way, in spite of mistakes: what an editor shows."""

    files: tuple[File, ...]
    """The contract's own tree, then those of the files it uses."""
    symbols: Symbols
    report: Report
    clauses: tuple[Lowered, ...]
    contract: Contract | None
    """Where nothing but its statistics may be wrong: what can be planned, decidable or not."""
    pilot: tuple[Spread, ...]
    """The figures that its trial is planned with."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """`contract` is None if a diagnostic is an error. `places` says where each clause was written."""

    contract: Contract | None
    diagnostics: tuple[Diagnostic, ...]
    source: Source | None
    places: dict[str, Place]
    changes: Changes | None = None
    """What it does to the contract that it amends."""
    reading: Reading | None = None
    """None if the file could not be opened."""


def compile_file(path: Path, pilot: tuple[Spread, ...] | None = None) -> Compiled:
    """Compile the contract at `path`. Never raises on what the file holds."""
    opened = open_source(path)
    if isinstance(opened, Diagnostic):
        return Compiled(None, (opened,), None, {})
    return compile_source(opened, pilot=pilot)


def compile_source(
    source: Source, unsaved: Mapping[Path, str] = NO_TEXTS, pilot: tuple[Spread, ...] | None = None
) -> Compiled:
    """Compile a contract's text; `unsaved` texts stand for the files at their paths.

    The trial is planned with a pilot's figures: those of the lock beside the contract where none are given.
    """
    report = Report()
    modules = load(source, report, unsaved)
    syntactic = list(report.diagnostics)
    unread = report.failed()
    _version(modules[0].file.version, source, report)
    symbols = resolve(modules, report)
    record = _record(symbols, source, report, unread)
    assembled: Contract | None = None
    lowered: list[Lowered] = []
    pilot = figures(source.path) if pilot is None else pilot
    if record is not None:
        assembled, lowered = _assemble(symbols, record, report, unread, pilot)
    contract = assembled if not report.failed() else None
    places = {item.clause.name: _place(item.span) for item in lowered}
    later = without_cascades(report.diagnostics[len(syntactic) :], [module.file for module in modules])
    unique = {(d.code, d.primary.span.start if d.primary else -1, d.message): d for d in [*syntactic, *later]}
    reading = Reading(tuple(module.file for module in modules), symbols, report, tuple(lowered), assembled, pilot)
    return Compiled(contract, listed(unique.values()), source, places, modules[0].changes, reading)


def _assemble(
    symbols: Symbols, record: str, report: Report, unread: bool, pilot: tuple[Spread, ...]
) -> tuple[Contract | None, list[Lowered]]:
    define(symbols, report)
    parties = blocks.parties(symbols, report)
    recipes = blocks.recipes(symbols, report)
    heldouts = blocks.heldouts(symbols, report)
    references = blocks.references(symbols, report)
    payment = blocks.payment(symbols, record, report)
    volume = (parties["volume_low"], parties["volume_high"]) if "volume_low" in parties else None
    lowered = lower(symbols, record, volume, report)
    satisfiable(lowered, parties.get("lots", 1), symbols, report)
    duplicates(lowered, report)
    implied(lowered, report)
    absences(lowered, report)
    unused((item for known in symbols.definitions.values() for item in known.values()), report)
    if report.failed() or unread or not parties:
        return None, lowered
    contract = Contract(
        **parties,
        record=record,
        tables=tuple(symbols.tables.values()),
        shapes=tuple(symbols.shapes.values()),
        enums=tuple(symbols.enums.values()),
        recipes=recipes,
        heldouts=heldouts,
        references=references,
        payment=payment,
        waivers=tuple(Waiver(name=name, reason=item.reason.text) for name, item in symbols.waivers.items()),
        clauses=tuple(item.clause for item in lowered),
    )
    deal = Deal(contract, lowered, symbols)
    report.diagnostics += [
        *undecidable(deal, pilot),
        *parts_can_be_trained(deal),
        *prices_differ(deal),
        *incomplete(deal),
    ]
    return contract, lowered


def _version(version: object, source: Source, report: Report) -> None:
    number = getattr(version, "number", None)
    start = Span(source, 0, min(len(source.text), max(1, source.text.find("\n"))))
    if number is None and not report.failed():
        report.error(
            "SFT1006",
            "the file does not say which version of the language it is in",
            start,
            help="begin with `sftspec 1`",
        )
    elif number is not None and number != "1":
        span = getattr(version, "span", start)
        report.error(
            "SFT1006", f"version {number} of the language is not known here", span, help="this tool reads `sftspec 1`"
        )


def _record(symbols: Symbols, source: Source, report: Report, unread: bool) -> str | None:
    own = [name for name in symbols.records if "." not in name]
    start = Span(source, 0, min(len(source.text), 1))
    if symbols.contract is None and not unread:
        report.error("SFT2013", "this file has no `contract` block", start, help='add `contract my_name "..." { ... }`')
    if not own:
        if not unread:
            report.error(
                "SFT2013",
                "this contract has no `record`",
                start,
                help="say what is bought: `record Item key id { ... }`",
            )
        return None
    return _bought(own, symbols)


def _bought(own: list[str], symbols: Symbols) -> str:
    """The record that is bought: the one a recipe trains on, else the first that is not only a held-out set's shape."""
    trained = [recipe.table.text for recipe in symbols.recipes.values()]
    asked = [heldout.record.text for heldout in symbols.heldouts.values() if heldout.record is not None]
    candidates = [name for name in own if name in trained] or [name for name in own if name not in asked] or own
    return candidates[0]


def _place(span: Span) -> Place:
    return Place(file=span.source.name, line=span.line, column=span.column)
