"""Every shorthand to clauses: written clauses, field types, keys, references, mixtures and volume, all in one form."""

from __future__ import annotations

from spec_lang.lowered import Lowered
from spec_lang.mixtures import mixture_clauses
from spec_lang.shorthand import delivery_clauses, field_clauses
from spec_lang.source import Span
from spec_lang.symbols import Report, Symbols
from spec_lang.written import record_clause, terms_clauses


def lower(symbols: Symbols, record: str, volume: tuple[int, int] | None, report: Report) -> list[Lowered]:
    """All clauses in the order a reader expects: the delivery itself, fields, records, terms, mixtures."""
    out = [*delivery_clauses(record, volume, symbols)]
    delivered = [record, *(name for name, table in symbols.tables.items() if table.file is not None)]
    for table in delivered:
        out += field_clauses(table, delivered, symbols, report)
    for owner, written in symbols.clauses:
        out += record_clause(owner, written, delivered, symbols, report)
    for alias, terms in symbols.terms:
        out += terms_clauses(alias, terms, delivered, symbols, report)
    for alias, mixture in symbols.mixtures:
        out += mixture_clauses(alias, mixture, delivered, symbols, report)
    _names_once(out, report)
    return out


def _names_once(clauses: list[Lowered], report: Report) -> None:
    seen: dict[str, Span] = {}
    for item in clauses:
        if item.clause.name in seen:
            why = ((seen[item.clause.name], "named here first"),)
            report.error(
                "SFT2002", f"two clauses are named `{item.clause.name}`", item.span, why=why, help="rename one"
            )
        seen.setdefault(item.clause.name, item.span)
