"""Python source to its tree, one thread at a time."""

from __future__ import annotations

import ast
import threading

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
