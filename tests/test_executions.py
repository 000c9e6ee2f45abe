"""A patch, a snapshot and named tests to the verdict of `fixes`, with the reason; and what cannot be forged."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
import zstandard

from acceptance.deal import sound
from acceptance.examination import scorer
from acceptance.execution import box
from acceptance.execution.executor import allowed
from acceptance.executions import Execution, Job
from acceptance.measures import passes
from acceptance.rehearsal import problems
from acceptance.tables import Malformed
from tests.procurement import build

pytestmark = pytest.mark.skipif(bool(box.unable()), reason=box.unable() or "-")

CALC = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
TESTS = """\
import unittest

import calc


def test_add():
    assert calc.add(1, 2) == 3


def test_sub():
    assert calc.sub(3, 2) == 1


class Case(unittest.TestCase):
    def test_it(self):
        self.assertEqual(calc.add(2, 2), 4)
"""
REPOSITORY = {"calc.py": CALC, "tests/test_calc.py": TESTS, "tests/conftest.py": "", "docs/readme.md": "words\n"}
MEND = """\
--- a/calc.py
+++ b/calc.py
@@ -1,2 +1,2 @@
 def add(a, b):
-    return a - b
+    return a + b
"""
ADD, SUB, CASE = "tests/test_calc.py::test_add", "tests/test_calc.py::test_sub", "tests/test_calc.py::Case::test_it"
UNIT = "tests.test_calc.Case.test_it"


def archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def judged(
    folder: Path, patch: str, tests: tuple[str, ...] = (ADD,), by: str = "pytest", files: dict[str, str] = REPOSITORY
) -> Execution:
    data = archive(files)
    (folder / "snapshot.tar").write_bytes(data)
    with allowed(folder) as runners:
        return runners(by)(Job(tests, "snapshot.tar", hashlib.sha256(data).hexdigest(), patch, by))()


def mended_and(code: str) -> str:
    """A patch that leaves the fault in place and ends the module with something else."""
    lines = code.strip("\n").split("\n")
    added = "".join(f"+{line}\n" for line in lines)
    return f"--- a/calc.py\n+++ b/calc.py\n@@ -5,2 +5,{2 + len(lines)} @@\n def sub(a, b):\n     return a - b\n{added}"


def new(path: str, code: str) -> str:
    """A patch that mends nothing and makes one file."""
    lines = code.strip("\n").split("\n")
    body = "".join(f"+{line}\n" for line in lines)
    return f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"


def test_a_patch_that_mends_is_a_fix(tmp_path: Path) -> None:
    assert judged(tmp_path, MEND, (ADD, CASE)).fixes
    assert judged(tmp_path, MEND, (UNIT,), "unittest").fixes


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_archives_may_be_packed(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    data = pack(archive(REPOSITORY))
    (tmp_path / "s.tar.gz").write_bytes(data)
    with allowed(tmp_path) as runners:
        assert runners("pytest")(Job((ADD,), "s.tar.gz", hashlib.sha256(data).hexdigest(), MEND, "pytest"))().fixes


def test_a_source_folder_and_parameters_are_found(tmp_path: Path) -> None:
    tests = "import pytest\nimport calc\n\n@pytest.mark.parametrize('a', [1, 2])\ndef test_add(a):\n"
    tests += "    assert calc.add(a, 1) == a + 1\n"
    files = {"src/calc.py": CALC, "tests/test_calc.py": tests}
    patch = MEND.replace("/calc.py", "/src/calc.py")
    assert judged(tmp_path, patch, (f"{ADD}[1]", f"{ADD}[2]"), files=files).fixes


REASONS = {
    "already passes": (MEND, (ADD, SUB), "fails before: no (1 pass of 2 already)"),
    "mends nothing": (
        MEND.replace("a + b", "a * b"),
        (ADD,),
        "passes after: no (1 of 1 do not; the first, test 1, fails)",
    ),
    "does not import": (
        MEND.replace("a + b", "(a"),
        (ADD,),
        "passes after: no (1 of 1 do not; the first, test 1, is not found)",
    ),
    "no such test": (
        MEND,
        (ADD, "tests/test_calc.py::test_none"),
        "test 2 of 2 is no function that is written out in a test file",
    ),
    "no such file": (MEND, ("tests/test_none.py::test_a",), "test 1 of 1 is in no file of the snapshot"),
    "an option for a name": (
        MEND,
        ("--collect-only",),
        "test 1 of 1 is not named as pytest does, as in tests/test_x.py::test_y",
    ),
    "another snapshot": (MEND.replace("-1,2", "-2,2"), (ADD,), "patch does not apply at hunk 1 of calc.py"),
    "another repository": (
        MEND.replace("/calc.py", "/core.py"),
        (ADD,),
        "patch changes core.py, which is not in the snapshot",
    ),
    "leaves the folder": (
        MEND.replace("b/calc.py", "b/../calc.py"),
        (ADD,),
        "line 2 of the patch names a file that is refused: it has an empty part, `.` or `..`",
    ),
    "no patch": ("I have fixed it.", (ADD,), "line 1 of the patch is no line of a unified diff"),
    "empty": ("", (ADD,), "the patch changes nothing"),
}


@pytest.mark.parametrize("name", REASONS)
def test_what_does_not_mend_says_why(name: str, tmp_path: Path) -> None:
    patch, tests, reason = REASONS[name]
    found = judged(tmp_path, patch, tests)
    assert (found.fixes, found.reason) == (False, reason)


TOUCHED = {
    "the test itself": ("tests/test_calc.py", MEND.replace("/calc.py", "/tests/test_calc.py")),
    "the test removed": (
        "tests/test_calc.py",
        "diff --git a/tests/test_calc.py b/tests/test_calc.py\ndeleted file mode 100644\n",
    ),
    "the test renamed": (
        "tests/test_calc.py",
        "diff --git a/tests/test_calc.py b/calc_test.txt\nrename from tests/test_calc.py\nrename to calc_test.txt\n",
    ),
    "a hook beside it": ("tests/conftest.py", MEND.replace("/calc.py", "/tests/conftest.py")),
    "a hook above it": ("conftest.py", new("conftest.py", "import os")),
    "Python's start": ("sitecustomize.py", new("sitecustomize.py", "import os")),
    "Python's path": ("x.pth", new("x.pth", "import os")),
}


@pytest.mark.parametrize("name", TOUCHED)
def test_a_patch_that_touches_tests_is_no_fix(name: str, tmp_path: Path) -> None:
    path, patch = TOUCHED[name]
    found = judged(tmp_path, patch)
    assert (found.fixes, found.reason) == (False, f"patch edits {path}, which belongs to the tests")


FORGED = {
    "ending the process": "import os\nos._exit(0)",
    "ending it by exception": "raise SystemExit(0)",
    "ending it when called": "import os\ndef add(a, b):\n    os._exit(0)",
    "skipping": "import pytest\npytest.skip(allow_module_level=True)",
    "rewriting pytest's reports": """
import _pytest.reports as r
made = r.TestReport.__init__
def forged(self, nodeid, location, keywords, outcome, longrepr, *a, **k):
    made(self, nodeid, location, keywords, "passed", None, *a, **k)
r.TestReport.__init__ = forged""",
    "running no test": """
import _pytest.python
_pytest.python.Function.runtest = lambda self: None""",
    "emptying what tests assert with": """
import unittest
unittest.TestCase.assertEqual = lambda *a: None""",
    "a hook of its own": """
import gc
from _pytest.config import PytestPluginManager
class Hook:
    def pytest_runtest_call(self, item): item.obj = lambda: None
for one in gc.get_objects():
    if isinstance(one, PytestPluginManager):
        one.register(Hook())
        import _pytest.runner
        _pytest.runner.check_interactive_exception = lambda *a: False""",
    "calling no test": "import unittest\nunittest.TestCase._callTestMethod = lambda self, method: None",
    "stand-ins for pytest and the library": "import sys\nfor n in ('pytest', 'unittest'): sys.modules.pop(n)",
    "editing the tests as they run": """
import pathlib
here = pathlib.Path("/work/tests/test_calc.py")
here.write_text("def test_add(): pass")""",
    "writing an answer": """
import os
for fd in range(3, 100):
    try: os.write(fd, b'{"nonce": "0", "outcomes": {"%s": ["passed", ""]}}' % NAME.encode())
    except OSError: pass
os._exit(0)""".replace("NAME", repr(ADD)),
    "a configuration": "",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_verdict_cannot_be_forged_so_cheaply(name: str, tmp_path: Path) -> None:
    """The fault is still there; whatever else the patch does, it is no fix."""
    by = "unittest" if "unittest" in FORGED[name] else "pytest"
    patch = mended_and(FORGED[name]) if FORGED[name] else new("pytest.ini", "[pytest]\naddopts = --collect-only")
    tests = (CASE,) if by == "pytest" else (UNIT,)
    found = judged(tmp_path, patch, tests, by)
    assert not found.fixes and found.reason, found


def test_new_modules_do_not_stand_in_for_the_runner(tmp_path: Path) -> None:
    """`json`, `unittest` and pytest's own plug-ins come from Python and the runner, never from the repository."""
    for path in ("json.py", "unittest.py", "pytest.py", "_pytest/__init__.py", "src/unittest/__init__.py"):
        found = judged(tmp_path, new(path, "import os\nos._exit(0)"), (UNIT,), "unittest")
        assert found.reason == "passes after: no (1 of 1 do not; the first, test 1, fails)", path


def test_what_is_not_caught_is_known(tmp_path: Path) -> None:
    """An answer that equals everything passes any test of equality. No run of tests can tell; reviewers can."""
    code = (
        "class Any(int):\n    __eq__ = lambda *a: True\n    __hash__ = int.__hash__\ndef add(a, b):\n    return Any()"
    )
    assert judged(tmp_path, mended_and(code)).fixes


def test_equal_jobs_run_once(tmp_path: Path) -> None:
    data = archive(REPOSITORY)
    (tmp_path / "snapshot.tar").write_bytes(data)
    job = Job((ADD,), "snapshot.tar", hashlib.sha256(data).hexdigest(), MEND, "pytest")
    with allowed(tmp_path) as runners:
        execute = runners("pytest")
        waits = [execute(job) for _ in range(100)]
        assert all(wait().fixes for wait in waits)
        assert execute.done == 1 and len(execute.before) == 1  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ passes

CHECKED = """\
import unittest

from solution import add


def test_small():
    assert add(1, 2) == 3


class TestMore:
    def test_negative(self):
        assert add(-1, -2) == -3


class Case(unittest.TestCase):
    def test_it(self):
        self.assertEqual(add(2, 2), 4)
"""
GOOD = "def add(a, b):\n    return a + b\n"


def passed(folder: Path, code: str, tests: str = CHECKED, by: str = "pytest") -> Execution:
    with allowed(folder) as runners:
        return runners(by)(passes.job({"tests": tests, "code": code}, by))()


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        f"It is easy:\n```python\n{GOOD}```\nDone.",
        f"```python\ndef add(a, b):\n    return 0\n```\nNo, rather:\n```py\n{GOOD}",
        "1. So:\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n",
    ],
)
def test_code_that_passes_its_tests(tmp_path: Path, code: str) -> None:
    assert passed(tmp_path, code).fixes and passed(tmp_path, code, by="unittest").fixes


NO_PASS = {
    "nothing": ("", "do not; the first, test 1, is not found"),
    "wrong": ("def add(a, b):\n    return a - b\n", "3 of 3 do not; the first, test 1, fails"),
    "prose": ("I would add the two numbers.", "is not found"),
    "ends the process": ("import os\nos._exit(0)\n", "with the code the tests end the process before they are told"),
    "a megabyte": ("#" * 1_000_000 + "\nadd = None\n", "do not"),
    "no text": ("\x00\ud800", "is not found"),
}


@pytest.mark.parametrize("name", NO_PASS)
def test_code_that_does_not(tmp_path: Path, name: str) -> None:
    code, reason = NO_PASS[name]
    found = passed(tmp_path, code)
    assert not found.fixes and reason in found.reason, found


def test_tests_that_pass_without_code_are_none(tmp_path: Path) -> None:
    found = passed(tmp_path, GOOD, "def test_nothing():\n    pass\n")
    assert (found.fixes, found.part, found.reason) == (False, "tests", "fails before: no (1 pass of 1 already)")


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("", "hold no test that pytest runs"),
        ("def check(f):\n    assert f\n", "hold no test that pytest runs"),
        ("def test_it(:\n", "not grammatical"),
        ("import pytest\n@pytest.mark.skip\ndef test_it():\n    pass\n", "have decorators"),
        ("(" * 100_000, "not grammatical"),
    ],
)
def test_an_item_without_tests_is_malformed(tests: str, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        passes.job({"tests": tests, "code": GOOD}, "pytest")


# ------------------------------------------------------------------------------------------------ held-out items

HELD = """
record Repair key id {
  id: Text
  input { issue: Text snapshot: File tests: [Text] 1.. }
}

heldout repairs of Repair {
  items: "sealed/repairs.jsonl"
  template: "repair.jinja"
  score: fixes(tests: input.tests, in: input.snapshot, apply: answer)
  size: 2 records
}
"""
ASKED = "<|user|>{{ input.issue }}<|end|><|assistant|>{% generation %}<|end|>{% endgeneration %}"


def repair(number: int, data: bytes, *tests: str) -> dict[str, object]:
    """An item whose archive lies beside the set."""
    stated = {"path": "calc.tar", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return {"id": f"P-{number}", "input": {"issue": f"Mend it, {number}.", "tests": list(tests),
                                           "snapshot": stated | {"media_type": "application/x-tar"}}}  # fmt: skip


def sealed(folder: Path, *items: dict[str, object]) -> Path:
    """A contract with a held-out set of repairs, and the set with its archive."""
    path = build(folder)
    path.write_text(path.read_text("utf-8") + HELD, "utf-8")
    (folder / "repair.jinja").write_text(ASKED)
    (folder / "sealed/calc.tar").write_bytes(archive(REPOSITORY))
    (folder / "sealed/repairs.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def test_a_patch_as_an_answer_is_scored_by_its_run(tmp_path: Path) -> None:
    data = archive(REPOSITORY)
    items = [repair(1, data, ADD), repair(2, data, ADD, CASE)]
    path = sealed(tmp_path / "deal", *items)
    score = scorer(sound(path)[0], "repairs", path.parent)
    assert [score(item, MEND) for item in items] == [1.0, 1.0]
    assert [score(items[0], answer) for answer in ("", "I mended it.", MEND * 2, "x" * 1_000_000)] == [0.0] * 4
    assert problems(sound(path)[0], path.parent, lambda at: None) == []


def test_items_that_no_answer_could_solve_are_told_before_anybody_signs(tmp_path: Path) -> None:
    data = archive(REPOSITORY)
    path = sealed(tmp_path / "deal", repair(1, data, SUB), repair(2, b"another", ADD))
    assert problems(sound(path)[0], path.parent, lambda at: None) == [
        "sealed/repairs.jsonl:1: cannot be scored: fails before: no (1 pass of 1 already)",
        "sealed/repairs.jsonl:2: cannot be scored: the archive is not the one whose sha256 the record states",
    ]
