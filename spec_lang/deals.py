"""A sound contract with its clauses in their places: what the checks of the whole read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spec_lang.basis import calls
from spec_lang.blocks import head
from spec_lang.contract import Call, Clause, Contract
from spec_lang.lowered import Lowered
from spec_lang.source import Span
from spec_lang.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Deal:
    """A sound contract with its clauses in their places."""

    contract: Contract
    clauses: list[Lowered]
    symbols: Symbols

    def trial(self) -> Span | None:
        """The terms that a trial decides."""
        blocks = (terms for _, terms in self.symbols.terms if terms.using is not None)
        return next((head(terms) for terms in blocks), None)

    def span(self, clause: Clause) -> Span:
        """Where a clause was written."""
        return next(item.span for item in self.clauses if item.clause.name == clause.name)

    def required(self, *measures: str) -> Iterator[tuple[Clause, Call]]:
        """Required clauses with each call of one of these measures in them."""
        return ((clause, call) for clause, call in self.every(*measures) if clause.role == "require")

    def every(self, *measures: str) -> Iterator[tuple[Clause, Call]]:
        """Clauses with each call of one of these measures in them."""
        for item in self.clauses:
            yield from ((item.clause, call) for call in calls(item.clause.expr) if call.measure in measures)
