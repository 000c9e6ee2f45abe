"""Entries of one verdict to those that are told one by one, and crowds that wait for one and the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from acceptance.ledger import SEE, Entry

FEW = 3
"""So many entries with one reason are still told one by one."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Entries that are open for one reason; `first` names the clauses to be mended before."""

    entries: tuple[Entry, ...]
    reason: str
    first: tuple[str, ...]


def crowded(entries: Sequence[Entry], breached: Sequence[Entry]) -> Iterator[Entry | Crowd]:
    """Each entry, or in the place of the first of a crowd that crowd."""
    waiting: dict[str, list[Entry]] = {}
    for entry in entries:
        waiting.setdefault(_kind(entry), []).append(entry)
    told = set()
    for entry in entries:
        kind = _kind(entry)
        if not kind or len(waiting[kind]) <= FEW:
            yield entry
        elif kind not in told:
            told.add(kind)
            yield _crowd(waiting[kind], {one.clause for one in breached})


def _kind(entry: Entry) -> str:
    """What an open entry waits for: rows that are mended elsewhere, or its reason; empty for all other entries."""
    if entry.verdict != "undecided":
        return ""
    return SEE if SEE in entry.reason else entry.reason


def _crowd(entries: list[Entry], breached: set[str]) -> Crowd:
    most = max(entries, key=lambda entry: entry.unjudged)
    same = all(entry.unjudged == most.unjudged for entry in entries)
    named = (name for entry in entries for name in entry.reason.partition(SEE)[2].partition(";")[0].split(", "))
    reason = f"{'' if same else 'at most '}{most.reason.partition(SEE)[0]}"
    return Crowd(tuple(entries), reason, tuple(dict.fromkeys(name for name in named if name in breached)))
