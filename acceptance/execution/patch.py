"""A unified diff and a repository to the patched repository, or the first place at which it does not fit.

Strict: a hunk applies at the line it names, with all its context, or not at all. `git diff` against the base commit
writes such patches; what only fits after guessing is not the patch of this snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from acceptance.delivery import folder as folders
from acceptance.execution.tree import Item, Tree, Unfit

HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: .*)?\r?")
NOWHERE = b"/dev/null"
NO_NEWLINE = b"\\ No newline at end of file"
MOST_BYTES = 16 << 20
HEADERS = (b"index ", b"similarity index ", b"dissimilarity index ")
MODES = {b"100644": False, b"100755": True}


@dataclass(slots=True)
class Hunk:
    """Lines with their line breaks, as they stand before and after."""

    start: int
    """Line before which it begins, from 1; for an empty old side, the line after which."""
    old: list[bytes] = field(default_factory=list)
    new: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What happens to one file. An empty name stands for no file."""

    old: str = ""
    new: str = ""
    hunks: list[Hunk] = field(default_factory=list)
    executable: bool | None = None


def parse(text: str) -> list[Change]:
    """The changes of a patch. Raises Unfit, naming the line of the patch."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        raise Unfit(f"the patch is longer than {MOST_BYTES >> 20} MiB")
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    found = _Parser(lines).changes()
    if not found:
        raise Unfit("the patch changes nothing")
    return found


def touched(changes: list[Change]) -> Iterator[str]:
    """Every file that a patch reads, writes, makes or removes."""
    for change in changes:
        yield from dict.fromkeys(name for name in (change.old, change.new) if name)


def apply(changes: list[Change], tree: Tree) -> Tree:
    """The repository after the patch. Raises Unfit for the first hunk that does not fit."""
    patched = dict(tree)
    for change in changes:
        before = _before(change, tree, patched)
        if change.old:
            patched.pop(change.old, None)
        if change.new:
            executable = before.executable if change.executable is None else change.executable
            patched[change.new] = Item(_applied(change, before.data), executable)
            if any(path.startswith(f"{change.new}/") for path in patched):
                raise Unfit(f"patch makes a file of the folder {change.new}")
            above = next((str(one) for one in PurePosixPath(change.new).parents if str(one) in patched), "")
            if above:
                raise Unfit(f"patch makes {change.new} below the file {above}")
        elif _applied(change, before.data):
            raise Unfit(f"patch removes {change.old} without naming all its lines")
    return patched


def _before(change: Change, tree: Tree, patched: Tree) -> Item:
    if not change.old:
        if change.new in patched:
            raise Unfit(f"patch makes {change.new}, which is there already")
        return Item(b"")
    if change.new != change.old and change.new in patched:
        raise Unfit(f"patch renames a file to {change.new}, which is there already")
    if change.old not in patched or tree.get(change.old) is not patched[change.old]:
        gone = "is not in the snapshot" if change.old not in tree else "it changes twice"
        raise Unfit(f"patch changes {change.old}, which {gone}")
    if patched[change.old].link:
        raise Unfit(f"patch changes the link {change.old}")
    return patched[change.old]


def _applied(change: Change, data: bytes) -> bytes:
    lines, out, at = _lines(data), list[bytes](), 0
    for number, hunk in enumerate(change.hunks, 1):
        start = hunk.start - 1 if hunk.old else hunk.start
        if start < at or lines[start : start + len(hunk.old)] != hunk.old:
            raise Unfit(f"patch does not apply at hunk {number} of {change.old or change.new}")
        out += [*lines[at:start], *hunk.new]
        at = start + len(hunk.old)
    return b"".join([*out, *lines[at:]])


def _lines(data: bytes) -> list[bytes]:
    """Only a line feed ends a line."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class _Parser:
    """Reads a diff line by line; what it does not know is refused, not skipped."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines
        self.at = 0

    def changes(self) -> list[Change]:
        found: list[Change] = []
        change: Change | None = None
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.startswith(b"diff --git "):
                change = self._add(found)
            elif line.startswith(b"--- "):
                if change is None or change.hunks:
                    change = self._add(found)
                self._names(change)
            elif line.startswith(b"@@ ") and change is not None:
                change.hunks.append(self._hunk(line))
                continue
            elif change is not None and not change.hunks and self._header(line, change):
                pass
            elif line.strip():
                raise self._unfit("is no line of a unified diff")
            self.at += 1
        for change in found:
            named, moved = change.old or change.new, change.old != change.new
            if not named or not (change.hunks or moved or change.executable is not None):
                raise Unfit("the patch names a file and changes nothing in it")
        return found

    def _add(self, found: list[Change]) -> Change:
        found.append(Change())
        if self.lines[self.at].startswith(b"diff --git "):
            names = self.lines[self.at][len(b"diff --git ") :].strip()
            half = len(names) // 2
            if names[:half].startswith(b"a/") and names[half + 1 :] == b"b/" + names[2:half]:
                found[-1].old = found[-1].new = self._name(names[:half])
        return found[-1]

    def _names(self, change: Change) -> None:
        old = self.lines[self.at][4:]
        self.at += 1
        if self.at >= len(self.lines) or not self.lines[self.at].startswith(b"+++ "):
            raise self._unfit("should name the new file: `+++ b/...`")
        change.old, change.new = self._name(old), self._name(self.lines[self.at][4:])

    def _header(self, line: bytes, change: Change) -> bool:
        word, _, rest = line.strip().rpartition(b" ")
        if word in (b"new file mode", b"new mode", b"old mode", b"deleted file mode"):
            if rest not in MODES:
                raise self._unfit("makes a link or another special file")
            change.executable = MODES[rest] if word.startswith(b"new") else change.executable
            change.old = "" if word == b"new file mode" else change.old
            change.new = "" if word == b"deleted file mode" else change.new
        elif line.startswith((b"rename from ", b"rename to ")):
            name = self._name(b"a/" + line.split(b" ", 2)[2])
            change.old, change.new = (name, change.new) if b" from " in line[:12] else (change.old, name)
        else:
            return line.startswith(HEADERS)
        return True

    def _name(self, written: bytes) -> str:
        """`a/src/x.py`, with or without a time after a tab, to `src/x.py`. Raises Unfit."""
        name = written.partition(b"\t")[0].strip()
        if name == NOWHERE:
            return ""
        if name.startswith(b'"'):
            raise self._unfit("names a file in quotes, with characters that cannot be read here")
        top, slash, path = name.partition(b"/")
        try:
            text = path.decode()
        except UnicodeDecodeError:
            raise self._unfit("names a file that is not UTF-8") from None
        reason = folders.why_unsafe(text) if slash and top in (b"a", b"b") else "it does not begin with `a/` or `b/`"
        if reason or text == ".git" or text.startswith(".git/"):
            raise self._unfit(f"names a file that is refused: {reason or 'it is part of .git'}")
        return text

    def _hunk(self, line: bytes) -> Hunk:
        match = HUNK.fullmatch(line)
        if match is None:
            raise self._unfit("is no hunk's first line")
        start, old, _, new = (int(number) if number else 1 for number in match.groups())
        hunk = Hunk(start)
        self.at += 1
        while len(hunk.old) < old or len(hunk.new) < new or self._is(NO_NEWLINE):
            if self.at >= len(self.lines):
                raise self._unfit("is missing: the last hunk is cut short")
            self._line(hunk, self.lines[self.at])
            self.at += 1
        if (len(hunk.old), len(hunk.new)) != (old, new):
            raise self._unfit("goes beyond the number of lines that its hunk states")
        return hunk

    def _is(self, line: bytes) -> bool:
        return self.at < len(self.lines) and self.lines[self.at].rstrip(b"\r") == line

    def _line(self, hunk: Hunk, line: bytes) -> None:
        kind, rest = line[:1], line[1:] + b"\n"
        if line.rstrip(b"\r") == NO_NEWLINE:
            last = self.lines[self.at - 1][:1]
            for side in (hunk.old, hunk.new):
                if side and ((last == b" ") or (last == b"-") == (side is hunk.old)):
                    side[-1] = side[-1].removesuffix(b"\n")
        elif kind in (b" ", b""):
            hunk.old.append(rest)
            hunk.new.append(rest)
        elif kind == b"-":
            hunk.old.append(rest)
        elif kind == b"+":
            hunk.new.append(rest)
        else:
            raise self._unfit("is no line of a hunk")

    def _unfit(self, what: str) -> Unfit:
        return Unfit(f"line {self.at + 1} of the patch {what}")
