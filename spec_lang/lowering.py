"""Every shorthand to clauses: written clauses, field types, keys, references, mixtures and volume, all in one form."""

from __future__ import annotations

from spec_lang.lowered import Lowered
from spec_lang.mixtures import mixture_clauses
from spec_lang.shorthand import delivery_clauses, field_clauses
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.written import terms_clauses, written_clause


def lower(symbols: Symbols, record: str, volume: tuple[int, int] | None, report: Report) -> list[Lowered]:
    """All clauses in the order a reader expects: the delivery itself, fields, records, terms, mixtures."""
    out = [*delivery_clauses(record, volume, symbols)]
    for table in _delivered(symbols, record):
        out += field_clauses(table, symbols)
    for table, written in symbols.clauses:
        if table in _delivered(symbols, record):
            out += written_clause(written, table, table, None, True, symbols, report)
    for terms in symbols.terms:
        out += terms_clauses(terms, symbols, report)
    for mixture in symbols.mixtures:
        out += mixture_clauses(mixture, symbols, report)
    _names_once(out, report)
    return out


def _delivered(symbols: Symbols, record: str) -> list[str]:
    return [record, *(name for name, table in symbols.tables.items() if table.file is not None)]


def _names_once(clauses: list[Lowered], report: Report) -> None:
    seen: dict[str, Span] = {}
    for item in clauses:
        if item.clause.name in seen:
            why = ((seen[item.clause.name], "named here first"),)
            report.error(
                "SFT2002", f"two clauses are named `{item.clause.name}`", item.span, why=why, help="rename one"
            )
        seen.setdefault(item.clause.name, item.span)
