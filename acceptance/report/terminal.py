"""A ledger to text for a terminal: breaches first with their findings, then what is open, then a line per clause."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TextIO

from acceptance.ledger import Entry, Finding
from acceptance.report.crowds import Crowd, crowded
from acceptance.report.view import View, safe
from spec_lang.diagnostics import listing

SHOWN = 5
"""Findings printed per clause; the other reports hold all that are kept."""
NAMED = 3
"""Clauses named of a crowd that waits for one and the same thing."""
Paint = Callable[[str, str], str]
COLORS = {"met": "32", "breached": "31;1", "undecided": "33", "reported": "36"}


def wants_color(stream: TextIO) -> bool:
    """Colours only on a terminal whose user has not asked for none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def render(view: View, color: bool = False) -> str:
    """The whole report, ending in a line feed."""
    paint: Paint = _painted if color else _plain
    lines = [
        *_head(view),
        *_troubles(view),
        *_ledger(view, paint),
        *_later(view),
        *_foot(view, paint),
    ]
    return "\n".join(lines) + "\n"


def _painted(text: str, verdict: str) -> str:
    return f"\x1b[{COLORS[verdict]}m{text}\x1b[0m"


def _plain(text: str, verdict: str) -> str:
    return text


def _head(view: View) -> Iterator[str]:
    yield f"{view.contract.name} {view.contract.version}"
    for count in view.ledger.counts:
        dropped = count.delivered - count.accepted
        more = f", {dropped:,} dropped, {count.accepted:,} accepted" if dropped else ""
        yield f"  {count.table}: {count.delivered:,} delivered{more}"
    yield ""


def _troubles(view: View) -> Iterator[str]:
    for title, entries in (
        ("Breached", view.those("breached")),
        ("Undecided", view.those("undecided")),
        ("Forecast: would be breached at the last lot (no breach now)", view.those("breached", binding=False)),
        ("Forecast: would be undecided at the last lot", view.those("undecided", binding=False)),
        ("Dropped (no breach; these rows do not count)", view.dropped),
    ):
        if entries:
            yield f"{title}:"
            for one in crowded(entries, view.those("breached")):
                yield from _crowd(one) if isinstance(one, Crowd) else _trouble(view, one)
            yield ""


def _crowd(crowd: Crowd) -> Iterator[str]:
    """One reason for many clauses; each of them has its line below."""
    names = [entry.clause for entry in crowd.entries]
    yield f"  {len(names)} clauses: {', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    yield f"    {safe(crowd.reason)}"
    if crowd.first:
        yield f"    help: mend {listing(crowd.first, NAMED)} first"


def _trouble(view: View, entry: Entry) -> Iterator[str]:
    advice = " (advice)" if entry.role == "advise" else ""
    yield f"  {entry.clause}{advice}{': ' + safe(entry.text) if entry.text else ''}"
    if entry.observed:
        asked = f"; asked: {safe(entry.bound)}" if view.asks(entry) else ""
        yield f"    found: {safe(entry.observed)}{asked}"
    if entry.reason and not (entry.verdict == "breached" and not entry.binding):  # the heading says it
        yield f"    {safe(entry.reason)}"
    before: Finding | None = None
    for finding in entry.findings[:SHOWN]:
        yield from _finding(view, finding, before)
        before = finding
    if entry.marked > SHOWN:
        yield f"    ... {entry.marked - min(SHOWN, len(entry.findings)):,} more"


def _finding(view: View, finding: Finding, before: Finding | None) -> Iterator[str]:
    """What the finding before has said is not said again."""
    told = before is not None and (before.message, before.help) == (finding.message, finding.help)
    yield f"    {view.place(finding)}: {'the same' if told else safe(finding.message)}"
    if finding.found is not None:
        yield f"      found: {safe(finding.found)}"
    if finding.help and not told:
        yield f"      help: {safe(finding.help)}"
    elif finding.expected and finding.expected not in finding.message and not told:
        yield f"      expected: {safe(finding.expected)}"


def _ledger(view: View, paint: Paint) -> Iterator[str]:
    yield "Clauses:"
    typed, others = view.types_met()
    for table, count in typed.items():
        met = paint(f"{'met':<9}", "met")
        yield f"  {met} {table}: {count} clauses on its fields and their types"
    width = max((len(entry.clause) for entry in others), default=0)
    column = max((len(view.told(entry)) for entry in others), default=9)
    for entry in others:
        verdict = paint(f"{view.told(entry):<{max(column, 9)}}", entry.verdict)
        yield f"  {verdict} {entry.clause:<{width}}  {entry.basis:<10}  {safe(entry.observed)}{_by(entry)}".rstrip()
    yield ""


def _by(entry: Entry) -> str:
    return f" (by plug-in {', '.join(map(safe, entry.plugins))})" if entry.plugins else ""


def _later(view: View) -> Iterator[str]:
    if view.later:
        yield "Decided later:"
        for entry in view.later:
            yield f"  {entry.clause}: {safe(entry.reason)}"
        yield ""


def _foot(view: View, paint: Paint) -> Iterator[str]:
    basis = ", ".join(f"{count} {word}" for word, count in sorted(view.ledger.by_basis().items()))
    if basis:
        yield f"Basis of the decided clauses: {basis}"
    yield paint(view.summary(), view.verdict)
