"""The names of tests to the files that hold them, and a patch to the first of them that it may not touch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from acceptance.execution.tree import Tree, Unfit

PYTEST = re.compile(r"(?!-)[^\s:\[\]]+\.py(::[A-Za-z_]\w*)+(\[[^\n]{1,400}\])?")
UNITTEST = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){2,}")
FOLDERS = ("test", "tests", "__pycache__")
STARTING = ("conftest.py", "sitecustomize.py", "usercustomize.py")
"""Files that steer a run without being asked."""


def files_of(tests: Sequence[str], by: str, tree: Tree) -> set[str]:
    """The files of the snapshot that hold the tests. Raises Unfit for a name that is none or leads nowhere."""
    if not tests:
        raise Unfit("no test is named")
    found = set()
    for number, test in enumerate(tests, 1):
        if not (PYTEST if by == "pytest" else UNITTEST).fullmatch(test):
            example = "tests/test_x.py::test_y" if by == "pytest" else "tests.test_x.Case.test_y"
            raise Unfit(f"test {number} of {len(tests)} is not named as {by} does, as in {example}")
        file = next((path for path in _candidates(test, by) if path in tree and not tree[path].link), None)
        if file is None:
            raise Unfit(f"test {number} of {len(tests)} is in no file of the snapshot")
        found.add(file)
    return found


def _candidates(test: str, by: str) -> Iterable[str]:
    if by == "pytest":
        return (test.partition("::")[0],)
    parts = test.split(".")
    modules = ["/".join(parts[:end]) for end in range(len(parts) - 2, 0, -1)]
    return [top + module + ending for module in modules for top in ("", "src/") for ending in (".py", "/__init__.py")]


def protected(touched: Iterable[str], tests: set[str]) -> str:
    """The first touched file that decides over tests: theirs, any other test's, or one that steers a run."""
    return next((path for path in touched if path in tests or is_test(path)), "")


def is_test(path: str) -> bool:
    """Whether a file is by its name a test, lies among tests, or is run before them."""
    *folders, name = path.split("/")
    return (
        any(folder in FOLDERS for folder in folders)
        or name in STARTING
        or name.endswith((".pth", ".pyc", "_test.py"))
        or (name.startswith("test_") and name.endswith(".py"))
    )
