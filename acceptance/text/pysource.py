"""Python source to its tree, one thread at a time; a text to the Python that is fenced in it."""

from __future__ import annotations

import ast
import threading

import re2

FENCED = re2.compile(r"(?ims)^[ \t]*(?:```|~~~)[ \t]*(?:python3?|py)[ \t]*$\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\z)")
_ONE = threading.Lock()
"""CPython 3.11 counts the depth of the trees that it builds once for all threads, so two at a time can fail."""
TRIES = 5


def tree(source: str | bytes) -> ast.Module:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError as `ast.parse` does."""
    with _ONE:
        for _ in range(TRIES - 1):
            try:
                return ast.parse(source)
            except SystemError:  # somebody else's tree was begun meanwhile: "recursion depth mismatch"
                continue
        return ast.parse(source)


def fenced(text: str) -> list[str]:
    """The blocks of a text that are fenced as Python, one that is left open included; half a surrogate pair is `?`."""
    return [match.group(1) for match in FENCED.finditer(text.encode("utf-8", "replace").decode())]


def dedented(code: str) -> str:
    """A block inside a list item is indented as a whole."""
    lines = code.split("\n")
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in filled), default=0)
    return "\n".join(line[margin:] for line in lines) if margin else code
