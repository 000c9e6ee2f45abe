"""Rows of measured figures in, Markdown out: printed, and put between two marks of a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs/robustness.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    lines = [f"| {' | '.join(map(str.ljust, row, widths))} |" for row in cells]
    return "\n".join((lines[0], f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines[1:]))


def put(name: str, head: Sequence[str], rows: Sequence[Sequence[str]], below: str = "") -> None:
    """Replaces what stands between `<!-- name -->` and `<!-- end of name -->` on the page."""
    text, begin, end = PAGE.read_text("utf-8"), f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    more = f"\n{below}\n" if below else ""
    PAGE.write_text(f"{before}{begin}{table(head, rows)}\n{more}{end}{after}", "utf-8")
