"""Why a record cannot become training text, as one tree of exceptions.

RenderingError
 |- BadTemplate         the template or the tokenizer is at fault: no record can be blamed
 |   `- NoGeneration    the template marks nothing as trained
 |- OverBudget          the record and the template together ask for more work than one record may cost
 |- IncompleteRecord    a field that the template needs is missing or not of its declared type
 `- Untrainable         the record renders to something that must not be trained on
     |- RecordRefused   the template itself refuses the record (`raise_exception`)
     |- ControlText     the record's own text would become a control token
     |- TokenEdge       a trained part begins or ends inside a token
     `- NothingTrained  the record's rendering passes no generation block

Messages never hold delivered text, so they can always be shown.
"""

from __future__ import annotations


class RenderingError(Exception):
    """`str()` says what, where and what to do; `path` is the place in the record."""

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __reduce__(self) -> tuple[type[RenderingError], tuple[str, str]]:
        return type(self), (self.message, self.path)


class BadTemplate(RenderingError):
    """The template or the tokenizer is at fault."""


class NoGeneration(BadTemplate):
    """The template marks nothing as trained."""


class OverBudget(RenderingError):
    """The record and the template together ask for more work than one record may cost."""


class IncompleteRecord(RenderingError):
    """A field that the template needs is missing or not of its declared type."""


class Untrainable(RenderingError):
    """The record renders to something that must not be trained on."""


class RecordRefused(Untrainable):
    """The template itself refuses the record."""


class ControlText(Untrainable):
    """The record's own text would become a control token."""


class TokenEdge(Untrainable):
    """A trained part begins or ends inside a token."""


class NothingTrained(Untrainable):
    """The record's rendering passes no generation block."""
