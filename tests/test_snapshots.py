"""Archives and patches read strictly: what they say, and what is refused; no sandbox is needed here."""

from __future__ import annotations

import difflib
import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.execution import patch, tree
from acceptance.execution.tree import Item, Tree, Unfit


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name: str, data: bytes = b"x", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, b"", type=kind, linkname=target)


def test_a_plain_archive_is_read_and_written(tmp_path: Path) -> None:
    found = tree.unpack(tar(member("./a/b.py", b"1", mode=0o755), member("c", b"2"), link("a/d", "../c")))
    assert found == {"a/b.py": Item(b"1", True), "c": Item(b"2"), "a/d": Item(b"", link="../c")}
    tree.write(found, tmp_path)
    assert (tmp_path / "a/d").read_bytes() == b"2" and (tmp_path / "a/b.py").stat().st_mode & 0o777 == 0o755


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "climbing": (lambda: tar(member("../x")), "empty part"),
    "climbing inside": (lambda: tar(member("a/../../x")), "empty part"),
    "absolute": (lambda: tar(member("/etc/x")), "not a path relative"),
    "invisible": (lambda: tar(member("a\u202eb")), "cannot be seen"),
    "a link out": (lambda: tar(link("a", "../x")), "leads out"),
    "a link to the root": (lambda: tar(link("a", "/etc/passwd")), "leads out"),
    "a link that steps back": (lambda: tar(member("b/c"), link("a", "b/../../x")), "leads out"),
    "links in a chain": (lambda: tar(link("a", "."), link("b", "a/c")), "another link"),
    "a file through a link": (lambda: tar(link("a", "b"), member("a/c")), "both as a file and as a folder"),
    "a hard link": (lambda: tar(member("b"), link("a", "b", tarfile.LNKTYPE)), "no plain file"),
    "a device": (lambda: tar(member("a", b"", type=tarfile.BLKTYPE)), "no plain file"),
    "a pipe": (lambda: tar(member("a", b"", type=tarfile.FIFOTYPE)), "no plain file"),
    "one name twice": (lambda: tar(member("a"), member("./a")), "one name twice"),
    "cut short": (lambda: tar(member("a", b"x" * 5_000))[:2_000], "damaged"),
    "no archive": (lambda: b"PK\x03\x04 words" * 100, "damaged"),
    "nothing": (lambda: tar(), "holds no file"),
    "a cut gzip": (lambda: gzip.compress(tar(member("a", b"x" * 5_000)))[:60], "damaged"),
    "a bomb": (lambda: gzip.compress(tar(member("a", bytes(300 << 20))), 1), "unpacks to more than"),
    "many files": (lambda: tar(*(member(str(number), b"") for number in range(20_001))), "more than 20,000"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused(name: str) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(Unfit, match=reason):
        tree.unpack(make())


def test_the_archive_is_the_one_that_the_record_names(tmp_path: Path) -> None:
    (tmp_path / "s.tar").write_bytes(tar(member("a")))
    (tmp_path / "link.tar").symlink_to(tmp_path / "s.tar")
    for path, reason in (("s.tar", "sha256"), ("t.tar", "not in the delivery"), ("link.tar", "not in the delivery")):
        with pytest.raises(Unfit, match=reason):
            tree.read(tmp_path, path, "0" * 64)
    with pytest.raises(Unfit, match="not in the delivery"):
        tree.read(tmp_path, "../s.tar", "0" * 64)


# ------------------------------------------------------------------------------------------------ patches

LINES = st.lists(st.sampled_from(["a", "b", "", " c", "-d", "+e", "@@", "\\ f", "g\r"]), max_size=12)
ENDING = st.sampled_from(["\n", ""])


@given(LINES, LINES, ENDING, ENDING, st.integers(0, 3))
def test_a_patch_does_what_it_was_made_for(old: list[str], new: list[str], end: str, other: str, context: int) -> None:
    """Patches of difflib, given git's mark for a missing last line break, lead from the one text to the other."""
    before, after = ("\n".join(lines) + ending if lines else "" for lines, ending in ((old, end), (new, other)))
    found = (
        patch.apply(patch.parse(diff(before, after, context)), {"f": Item(before.encode())}) if before != after else {}
    )
    assert not found or found == {"f": Item(after.encode())}


def diff(before: str, after: str, context: int = 3) -> str:
    sides = [[line + "\n" for line in text.split("\n")] for text in (before, after)]
    for side in sides:
        side[-1] = side[-1][:-1]
        if not side[-1]:
            side.pop()
    made = difflib.unified_diff(*sides, "a/f", "b/f", n=context)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in made)


TREE: Tree = {"a.py": Item(b"1\n2\n3\n"), "b/c.sh": Item(b"x\n", True), "l": Item(b"", link="a.py")}


def applied(text: str) -> Tree:
    return patch.apply(patch.parse(text), TREE)


def test_gits_headers_are_read() -> None:
    made = "diff --git a/n b/n\nnew file mode 100755\nindex 0000000..1\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n"
    assert applied(made)["n"] == Item(b"x\n", True)
    gone = "diff --git a/b/c.sh b/b/c.sh\ndeleted file mode 100755\n--- a/b/c.sh\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    assert "b/c.sh" not in applied(gone)
    moved = "diff --git a/b/c.sh b/d\nsimilarity index 100%\nrename from b/c.sh\nrename to d\n"
    assert applied(moved)["d"] == TREE["b/c.sh"] and "b/c.sh" not in applied(moved)
    mode = "diff --git a/a.py b/a.py\nold mode 100644\nnew mode 100755\n"
    assert applied(mode)["a.py"] == Item(b"1\n2\n3\n", True)
    times = "--- a/a.py\t2026-01-01 00:00:00\n+++ b/a.py\t2026-01-02 00:00:00\n@@ -2 +2 @@\n-2\n+two\n"
    assert applied(times)["a.py"].data == b"1\ntwo\n3\n"


REFUSED = {
    "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n four\n": "does not apply at hunk 1 of a.py",
    "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-1\n+one\n@@ -3 +3 @@\n-2\n+two\n": "does not apply at hunk 2 of a.py",
    "--- a/a.py\n+++ b/a.py\n@@ -3 +3 @@\n-3\n+c\n@@ -1 +1 @@\n-1\n+a\n": "does not apply at hunk 2 of a.py",
    "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1 @@\n-1\n": "the last hunk is cut short",
    "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-1\n-2\n+x\n": "goes beyond",
    "--- a/a.py\n+++ b/a.py\n": "changes nothing in it",
    "--- a/l\n+++ b/l\n@@ -0,0 +1 @@\n+x\n": "changes the link l",
    "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n": "a.py, which is there already",
    "--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+x\n": "makes a file of the folder b",
    "--- /dev/null\n+++ b/a.py/c\n@@ -0,0 +1 @@\n+x\n": "below the file a.py",
    "--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+x\n": "part of .git",
    "--- a//etc/x\n+++ b//etc/x\n@@ -0,0 +1 @@\n+x\n": "not a path relative",
    "diff --git a/n b/n\nnew file mode 120000\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+/etc\n": "makes a link",
    "diff --git a/n b/n\nindex 1..2\nGIT binary patch\nliteral 1\n": "line 3 of the patch is no line",
    '--- "a/\\303\\244"\n+++ b/x\n@@ -0,0 +1 @@\n+x\n': "in quotes",
    "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n": "without naming all its lines",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_patch_that_does_not_fit_says_where(text: str) -> None:
    with pytest.raises(Unfit, match=REFUSED[text]):
        applied(text)


@given(st.text(alphabet="-+@ ab/\n0123,\\d", max_size=200))
def test_any_text_is_a_patch_or_refused(text: str) -> None:
    try:
        applied(text)
    except Unfit as unfit:
        assert str(unfit)
