"""Numbers as they are written elsewhere (`01.12.2026`, `1.0.0`, `1,800`) to how the language writes them."""

from __future__ import annotations

import re
from datetime import date

from lark import Token

from spec_lang.diagnostics import Diagnostic, Fix, Label
from spec_lang.source import Source, Span

DOTTED = re.compile(r"(?<![\w.])([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})(?![\w.+-])")
GROUPED = re.compile(r"(?<![\w,])(?<![0-9]\.)[0-9]{1,3}(?:,[0-9]{3})+(?![\w,])")


def dotted(tokens: list[Token], source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """Three numbers with dots between them were meant as a day or a version. They are reported and mended."""
    out: list[Token] = []
    problems = []
    ends = {token.end_pos for token in tokens}
    for token in tokens:
        if out and (token.start_pos or 0) < (out[-1].end_pos or 0):
            continue  # a part of what was mended
        found = DOTTED.match(source.text, token.start_pos or 0) if token.type == "NUMBER" else None
        meant = _meant(found) if found is not None and found.end() in ends else None
        if found is not None and meant is not None:
            kind, text, problem = meant
            span = Span(source, found.start(), found.end())
            message = f"`{found.group()}` is {problem}"
            problems.append(Diagnostic("SFT1003", message, Label(span), help=_help(kind, text), fix=Fix(span, text)))
            token = Token(kind, text, span.start, token.line, token.column, token.line, None, span.end)
        out.append(token)
    return out, problems


def _meant(found: re.Match[str]) -> tuple[str, str, str] | None:
    """The token that was meant: its kind, its text, and what is wrong. None for a year behind what is no day."""
    last = found[3]
    if len(last) != 4:
        return "STRING", f'"{found.group()}"', "not a number"
    try:
        day = date(int(last), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return "DATE", day.isoformat(), "not how a date is written"


def _help(kind: str, text: str) -> str:
    return f"write the date as {text}" if kind == "DATE" else f"write a text: {text}"


def ungrouped(text: str) -> str:
    """`1,800..2,000` as `1_800..2_000`; empty where a comma does something else than to group digits."""
    mended = GROUPED.sub(lambda found: found.group().replace(",", "_"), text)
    return mended if mended != text and "," not in mended else ""
