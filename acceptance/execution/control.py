"""A repository and the names of its tests to the same repository in which each of them must fail.

Only test files change, so code under test that tells every outcome as a pass, replaces the tests, ends the process
early or empties what tests assert with does the same here, where it shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from acceptance.execution.guard import is_test
from acceptance.execution.tree import Tree, Unfit
from acceptance.text.pysource import tree

ENDING = """
import unittest as checked
for wrong in (
    lambda case: case.assertEqual(0, 1), lambda case: case.assertNotEqual(0, 0), lambda case: case.assertTrue(False),
    lambda case: case.assertFalse(True), lambda case: case.assertIs(0, 1), lambda case: case.assertIsNone(0),
    lambda case: case.assertIsNotNone(None), lambda case: case.assertIn(0, ()), lambda case: case.assertNotIn(0, (0,)),
    lambda case: case.assertIsInstance(0, str), lambda case: case.assertGreater(0, 1),
    lambda case: case.assertLess(1, 0), lambda case: case.assertAlmostEqual(0, 1),
    lambda case: case.assertRaises(KeyError, str), lambda case: case.fail(), PYTEST
):
    try:
        wrong(checked.TestCase())
    except BaseException:
        continue
    return
raise AssertionError(TOKEN)
"""
"""How each test ends: it passes where an assertion no longer objects to what is wrong, and fails otherwise."""
RAISES = "lambda case: __import__('pytest').raises(KeyError).__exit__(None, None, None)"


def doomed(repository: Tree, tests: Sequence[str], files: Iterable[str], by: str, token: str) -> Tree:
    """Raises Unfit where a test is no function that is written out in a test file."""
    wanted = {name_of(test) for test in tests}
    ending = ENDING.replace("PYTEST", RAISES if by == "pytest" else "").replace("TOKEN", repr(token))
    made, found = dict(repository), set[str]()
    named = set(files)
    for path, item in repository.items():
        of_tests = path.endswith(".py") and not item.link and (path in named or is_test(path))
        if of_tests and any(name.encode() in item.data for name in wanted):
            visitor = _Doom(wanted, ending)
            changed = visitor.changed(item.data)
            if visitor.found:
                found |= visitor.found
                made[path] = replace(item, data=changed)
    for number, test in enumerate(tests, 1):
        if name_of(test) not in found:
            message = "is no function that is written out in a test file"
            raise Unfit(f"test {number} of {len(tests)} {message}")
    return made


def name_of(test: str) -> str:
    """The name of the function: `test_y` of `tests/test_x.py::Case::test_y[1]` and of `tests.test_x.Case.test_y`."""
    return test.partition("[")[0].rpartition("::")[2].rpartition(".")[2]


class _Doom(ast.NodeTransformer):
    """Gives every function of a wanted name the ending, whatever happens in it."""

    def __init__(self, wanted: set[str], ending: str) -> None:
        self.wanted = wanted
        self.ending = ending
        self.found: set[str] = set()

    def changed(self, source: bytes) -> bytes:
        """The file with its wanted functions changed; as it is where Python cannot read it."""
        try:
            return ast.unparse(self.visit(tree(source))).encode()
        except (SyntaxError, ValueError, RecursionError):
            self.found = set()
            return source

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._doom(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._doom(node)

    def _doom(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self.generic_visit(node)
        if node.name in self.wanted:
            self.found.add(node.name)
            function = tree(f"def ending():\n{_indented(self.ending)}").body[0]
            assert isinstance(function, ast.FunctionDef)
            node.body = [ast.Try(body=node.body, handlers=[], orelse=[], finalbody=function.body)]
        return ast.fix_missing_locations(node)


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.strip().split("\n"))
