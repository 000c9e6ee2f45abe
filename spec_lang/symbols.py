"""What a contract declares: one table of names, filled by `resolve`, read by every later pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spec_lang import syntax as s
from spec_lang.contract import EnumDef, Shape, TableDef
from spec_lang.diagnostics import Diagnostic, Label, closest
from spec_lang.source import Span


@dataclass(slots=True)
class Symbols:
    """Declarations by name. After `resolve` every type name has a meaning here; no later pass asks again."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    enums: dict[str, EnumDef] = field(default_factory=dict)
    tables: dict[str, TableDef] = field(default_factory=dict)
    records: dict[str, s.Record] = field(default_factory=dict)
    """Record types; the contract's own record is the first."""
    recipes: dict[str, s.Recipe] = field(default_factory=dict)
    heldouts: dict[str, s.HeldOut] = field(default_factory=dict)
    references: dict[str, s.Reference] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    """Where each name was declared."""
    field_spans: dict[str, Span] = field(default_factory=dict)
    """Where each field was declared, by its path: `Request.input.task`."""
    clauses: list[tuple[str, s.Clause]] = field(default_factory=list)
    """Clauses written in records and tables, with the table's name."""
    terms: list[s.Terms] = field(default_factory=list)
    mixtures: list[s.Mixture] = field(default_factory=list)
    contract: s.Contract | None = None
    payment: s.Payment | None = None


class Report:
    """Collects diagnostics. A pass reports here and goes on; nothing is raised."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        why: tuple[tuple[Span, str], ...] = (),
        help: str = "",
        notes: tuple[str, ...] = (),
        warning: bool = False,
    ) -> None:
        """One mistake at `span`."""
        secondary = tuple(Label(where, text) for where, text in why)
        severity: Any = "warning" if warning else "error"
        self.diagnostics.append(Diagnostic(code, message, Label(span, label), secondary, notes, help, severity))

    def unknown(self, code: str, what: str, word: str, span: Span, known: list[str]) -> None:
        """`word` is none of the `known` names of this kind."""
        meant = closest(word, known)
        label = f"did you mean `{meant}`?" if meant else ""
        names = ", ".join(f"`{name}`" for name in known[:14])
        more = f" and {len(known) - 14} more" if len(known) > 14 else ""
        help = f"known here: {names}{more}" if known else f"nothing of this kind is declared: {what}"
        self.error(code, f"{what} `{word}` is not known", span, label, help=help)

    def failed(self) -> bool:
        return any(item.severity == "error" for item in self.diagnostics)
