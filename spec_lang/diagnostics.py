"""A mistake in a contract, as a value; and the frame in which a terminal shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from spec_lang.source import Span

Severity = Literal["error", "warning"]


COMPARED = 300
"""With more names than these a suggestion would cost more than it is worth."""
MAX_NAME = 200
"""Characters of a name; a longer word resembles nothing."""
LISTED = 1_000
"""Diagnostics of one contract that are listed. How many more there are is said."""
MARKS = 30
"""Places that one frame shows beside the primary one."""
WIDE, BEFORE = 240, 80
"""Columns of a line that a frame shows, and how many of them in front of a mark that stands further right."""


@dataclass(frozen=True, slots=True)
class Label:
    """A span and what to say under it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead of a span; at an empty span, what to add there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. `message` stands alone; `primary` says what is wrong there, `secondary` says why."""

    code: str
    message: str
    primary: Label | None
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: Severity = "error"
    fix: Fix | None = None
    """The repair, where one is known that a program can make."""
    count: int = 1
    """How many mistakes this stands for: more than one for those that are not listed."""

    def as_json(self) -> dict[str, Any]:
        """The diagnostic for `--format json`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "at": _place(self.primary) if self.primary else None,
            "related": [_place(label) for label in self.secondary],
            "notes": list(self.notes),
            "help": self.help,
            "fix": _place(Label(self.fix.span, self.fix.text)) if self.fix else None,
            "count": self.count,
        }


def _place(label: Label) -> dict[str, Any]:
    span = label.span
    end_line, end_column = span.source.line_of(span.end), span.source.column_of(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
        "text": label.text,
    }


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that `word` was probably meant to be, or None."""
    if len(word) > MAX_NAME:
        return None
    names = [name for _, name in zip(range(COMPARED), known, strict=False)]
    folded = {name.casefold(): name for name in names}
    if word.casefold() in folded:
        return folded[word.casefold()]
    from difflib import get_close_matches  # only who misspells waits for it

    found = get_close_matches(word, names, n=1, cutoff=cutoff)
    return found[0] if found else None


def hint(word: str, known: Iterable[str]) -> str:
    """The label under a word that is not known: "did you mean `kind`?", or nothing."""
    meant = closest(word, known)
    return f"did you mean `{meant}`?" if meant else ""


def listing(words: Iterable[str], limit: int = 12) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) > limit + 1:
        return ", ".join(quoted[:limit]) + f" and {len(quoted) - limit} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, str]:
    """Order of appearance in the text."""
    if diagnostic.primary is None:
        return ("", -1, diagnostic.code)
    span = diagnostic.primary.span
    return (span.source.name, span.start, diagnostic.code)


def listed(found: Collection[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In order of appearance. Of more than `LISTED` the first ones, errors before warnings, and the others counted."""
    ordered = sorted(found, key=sort_key)
    if len(ordered) <= LISTED:
        return tuple(ordered)
    ordered.sort(key=lambda item: item.severity)
    shown, rest = ordered[:LISTED], ordered[LISTED:]
    left = Counter(item.severity for item in rest)
    return (*sorted(shown, key=sort_key), *(_unlisted(count, severity) for severity, count in left.items()))


def _unlisted(count: int, severity: Severity) -> Diagnostic:
    what = {"error": "mistake", "warning": "warning"}[severity] + "s" * (count > 1)
    message = f"{count:,} more {what} {'are' if count > 1 else 'is'} not listed"
    return Diagnostic("SFT1004", message, None, help="correct those above first", severity=severity, count=count)


def frame(diagnostic: Diagnostic, colour: bool = False) -> str:
    """The diagnostic as a block for a terminal: message, lines of the contract with marks under them, help."""
    paint = _paint if colour else _plain
    tone = "red" if diagnostic.severity == "error" else "yellow"
    lines = [f"{paint(f'{diagnostic.severity}[{diagnostic.code}]', tone)}: {paint(diagnostic.message, 'bold')}"]
    if diagnostic.primary is not None:
        lines += _excerpt(diagnostic, paint, tone)
    lines += [f"   = {note}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"{paint('help', 'cyan')}: {diagnostic.help}")
    return "\n".join(lines)


def short(diagnostic: Diagnostic) -> str:
    """The diagnostic on one line: `file:line:column: error[SFT3002]: message`."""
    at = ""
    if diagnostic.primary is not None:
        span = diagnostic.primary.span
        at = f"{span.source.name}:{span.line}:{span.column}: "
    return f"{at}{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"


def _excerpt(diagnostic: Diagnostic, paint: Any, tone: str) -> list[str]:
    primary = diagnostic.primary
    assert primary is not None
    source = primary.span.source
    others = diagnostic.secondary[:MARKS]
    here = [label for label in others if label.span.source == source]
    marks = sorted([(primary, "^"), *((label, "-") for label in here)], key=lambda mark: mark[0].span.start)
    width = len(str(max(mark[0].span.line for mark in marks)))
    out = [f"{' ' * width} {paint('-->', 'blue')} {source.name}:{primary.span.line}:{primary.span.column}"]
    gutter = paint(f"{' ' * width} |", "blue")
    out.append(gutter)
    shown, begins = 0, -1
    for label, mark in marks:
        line = label.span.line
        part = _part(label.span)
        if shown and line > shown + 1:
            out.append(paint(f"{' ' * width} …", "blue"))
        if (line, part.start) != (shown, begins):
            out.append(f"{paint(f'{line:>{width}} |', 'blue')} {_shown(part)}")
        out.append(f"{gutter} {_underline(label, part, mark, paint, tone if mark == '^' else 'blue')}")
        shown, begins = line, part.start
    elsewhere = [label for label in others if label.span.source != source]
    for label in elsewhere:
        out.append(f"   = {label.span.source.name}:{label.span.line}:{label.span.column}: {label.text}")
    if len(diagnostic.secondary) > MARKS:
        out.append(f"   = and {len(diagnostic.secondary) - MARKS:,} more places")
    return out


def _part(span: Span) -> Span:
    """The line on which a span begins; of a long one, what stands around the span."""
    start, end = span.source.line_bounds(span.line)
    if end - start > WIDE:
        start = max(start, span.start - BEFORE)
        end = min(end, start + WIDE)
    return Span(span.source, start, end)


def _shown(part: Span) -> str:
    """The text, and `…` where its line goes on."""
    start, end = part.source.line_bounds(part.line)
    return f"{'…' * (part.start > start)}{_visible(part.text)}{'…' * (part.end < end)}"


def _underline(label: Label, part: Span, mark: str, paint: Any, tone: str) -> str:
    span = label.span
    before = span.source.text[part.start : span.start]
    room = max(1, min(span.end, part.end) - span.start)
    pad = " " * (part.start > span.source.line_bounds(part.line)[0])
    pad += "".join("\t" if char == "\t" else " " for char in before)
    return f"{pad}{paint(mark * room + (' ' + label.text if label.text else ''), tone)}"


def _visible(text: str) -> str:
    """Text of a hostile file without terminal control."""
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)


_CODES = {"red": "31;1", "yellow": "33;1", "cyan": "36;1", "blue": "34", "bold": "1", "green": "32;1"}


def _paint(text: str, tone: str) -> str:
    return f"\x1b[{_CODES[tone]}m{text}\x1b[0m"


def _plain(text: str, tone: str) -> str:
    return text
