"""Python source to its tree, one thread at a time."""

from __future__ import annotations

import ast
import threading

_ONE = threading.Lock()
"""CPython counts the depth of the trees that it builds once for all threads, so two at a time can fail."""


def tree(source: str | bytes) -> ast.Module:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError as `ast.parse` does."""
    with _ONE:
        return ast.parse(source)
