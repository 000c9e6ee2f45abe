"""Tests and code to a mark: as `solution.py`, the code passes every test of `test_solution.py` in the sandbox.

Of a text with blocks fenced as Python the last one is the code, else the whole text. Each test must fail without it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from acceptance.executions import Program
from acceptance.measures._executed import Plan, executes
from acceptance.tables import Malformed
from acceptance.text.pysource import dedented, fenced, tree

HELP = {
    "tests": "write each test out as a function, without decorators, in a file that imports `solution`",
    "code": "send Python that passes the tests, as the whole text or in one fenced block",
}
MODULE = "test_solution"


def job(given: Mapping[str, Any], by: str) -> Program:
    """Raises Malformed where the tests are no file of tests, or the code is no text."""
    source, text = given["tests"], given["code"]
    if not isinstance(source, str) or not isinstance(text, str):
        raise Malformed
    blocks = fenced(text)
    return Program(named(source, by), source, dedented(blocks[-1]) if blocks else text, by)


def named(source: str, by: str) -> tuple[str, ...]:
    """The tests that a file holds, as the runner calls them. Raises Malformed where it has none that can be named."""
    try:
        body = tree(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Malformed("its tests are not grammatical Python") from error
    found = tuple(_tests(body, by))
    if not found:
        raise Malformed(f"its tests hold no test that {by} runs")
    return found


def _tests(body: list[ast.stmt], by: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and (node.bases or (by == "pytest" and node.name.startswith("Test"))):
            for inner in filter(_is_test, node.body):
                yield (
                    f"{MODULE}.{node.name}.{inner.name}"
                    if by == "unittest"
                    else (f"{MODULE}.py::{node.name}::{inner.name}")
                )
        elif by == "pytest" and _is_test(node):
            yield f"{MODULE}.py::{node.name}"


def _is_test(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    """Raises Malformed for a test whose decorators may multiply, skip or rename it."""
    if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
        return False
    if node.decorator_list:
        raise Malformed("its tests have decorators; write each test out")
    return True


MEASURE = executes(Plan(job, HELP))
