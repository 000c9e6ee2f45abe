"""A part and a seed in; its cases played one after another in this process, under bounds, and told to the parent.

A finding is an exception, a report that is not as it must be, memory beyond the bound, or a trace outside the output
folder. It is made smaller while it stays the same, and saved.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Protocol

Files = dict[str, bytes]
"""All that is hostile in a case, by name; what the names mean is known to its part."""

MEMORY, DRAWING = 1 << 30, 4 << 30
"""Bytes that a case may take, and that making it up may."""
SHRINKING = 30.0
"""Seconds spent on making one finding smaller."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
CHANGES = (
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.truncate",
    "shutil.rmtree",
)


class Part(Protocol):
    """What is fuzzed."""

    def draw(self, rng: Random) -> Files:
        """The files of one case."""

    def play(self, files: Files, room: Room) -> None:
        """Raises where the product does what it must not."""


class Wrong(Exception):
    """The product did not crash, and did what it must not: str() says what."""


class Room:
    """A folder for one case: `given` is hostile, `out` is written; home, temp and cwd stay as they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given, self.out = folder / "given", folder / "out"
        self.watched = [folder / name for name in ("home", "tmp", "cwd")]
        for path in self.watched:
            path.mkdir(parents=True, exist_ok=True)
            (path / "kept").write_text("as it was")
        self.traces: list[str] = []
        self.listening = False
        os.environ.update(HOME=str(self.watched[0]), TMPDIR=str(self.watched[1]))
        os.chdir(self.watched[2])
        sys.addaudithook(self._heard)

    def _heard(self, event: str, words: tuple[Any, ...]) -> None:
        if not self.listening:
            return
        if event in FORBIDDEN or (event == "subprocess.Popen" and "acceptance.delivery.columnar" not in words[1]):
            self.traces.append(f"{event} {words!r:.200}")
        writes = event == "open" and isinstance(words[2], int) and words[2] & WRITING
        if (writes or event in CHANGES) and isinstance(words[0], str | bytes | os.PathLike):
            path = Path(os.fsdecode(words[0]))
            if path.is_absolute() and not path.is_relative_to(self.folder) and path != Path(os.devnull):
                self.traces.append(f"{event} outside: {path}")

    def empty(self) -> None:
        for path in (self.given, self.out):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()

    def seen(self) -> dict[str, tuple[int, int]]:
        """Everything but the output folder: path to size and time of the last change."""
        return {
            name: (told.st_size, told.st_mtime_ns)
            for place in (self.given, *self.watched)
            for name, told in below(place)
        }

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Raises Wrong where anything was created, changed or asked for outside the output folder."""
        before, self.listening = self.seen(), True
        self.traces.clear()
        try:
            yield
        finally:
            self.listening = False
        after = self.seen()
        traces = self.traces + [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        if traces:
            raise Wrong(f"a trace outside the output folder: {sorted(traces)[:3]}")


def below(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(here, name)  # noqa: PTH118 - names may hold anything
            yield path, os.lstat(path)


def run(build: Any, seed: int, cases: Iterator[int], folder: Path, told: Connection) -> None:
    """Plays the cases, and tells of each: ("draw", number), ("begin", number), then ("end", number, computing seconds,
    peak bytes, finding).
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (DRAWING, DRAWING))
    room, saved = Room(folder / "room"), set[str]()
    part = build(folder)
    told.send(("ready",))
    for number in cases:
        told.send(("draw", number))
        files = part.draw(Random(f"{seed}/{number}"))
        store(files, folder / "case")
        told.send(("begin", number))
        forget_peak()
        started = time.process_time()
        sign, words = outcome(part, files, room)
        spent, peak = time.process_time() - started, most_memory()
        if not sign and peak > MEMORY:
            sign, words = "memory", f"{peak >> 20} MiB of memory"
        if sign and sign not in saved:
            saved.add(sign)
            told.send(("shrinking", number))
            store(smaller(part, files, room, sign), folder / f"finding-{number}")
            (folder / f"finding-{number}.txt").write_text(
                f"seed {seed}, case {number}\n{words}\n", "utf-8", "backslashreplace"
            )
        told.send(("end", number, spent, peak, sign))


def outcome(part: Part, files: Files, room: Room) -> tuple[str, str]:
    """What sets a finding apart from others, and all about it; both empty where all is well."""
    room.empty()
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, before[1]))  # what a case is drawn with is not the product's
    try:
        part.play(files, room)
    except (Exception, SystemExit) as error:
        return sign(error), traceback.format_exc()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return sign(error), traceback.format_exc()  # a panic of a library written in Rust
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    return "", ""


def sign(error: BaseException) -> str:
    """The exception's type and the innermost place of ours, or what is wrong."""
    if isinstance(error, Wrong):
        return str(error).split(":")[0]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/acceptance/" in frame.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "the fuzzer"
    return f"{type(error).__name__} in {place}"


def smaller(part: Part, files: Files, room: Room, sign: str) -> Files:
    """Files and halves, quarters, ... of files left out while the finding stays the same."""
    until = time.monotonic() + SHRINKING
    for name in sorted(files):
        left = {one: body for one, body in files.items() if one != name}
        with suppress(KeyError):
            if outcome(part, left, room)[0] == sign:
                files = left
    for name in sorted(files):
        size = max(1, len(files[name]) // 2)
        while size >= 1 and time.monotonic() < until:
            at = 0
            while at < len(files[name]) and time.monotonic() < until:
                less = files | {name: files[name][:at] + files[name][at + size :]}
                if outcome(part, less, room)[0] == sign:
                    files = less
                else:
                    at += size
            size //= 2
    return files


def store(files: Files, folder: Path) -> None:
    """A case as files, to be looked at and played again; a name that is no plain one is its number in `names`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = sorted(files)
    for at, name in enumerate(names):
        (folder / str(at)).write_bytes(files[name])
    (folder / "names").write_text("\n".join(map(ascii, names)), "utf-8")


def stored(folder: Path) -> Files:
    """A case that was saved."""
    import ast

    names = (folder / "names").read_text("utf-8").splitlines()
    return {ast.literal_eval(name): (folder / str(at)).read_bytes() for at, name in enumerate(names)}


def forget_peak() -> None:
    """Begins the measurement of this process's memory anew (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def most_memory() -> int:
    """Bytes that this process has held since, and the largest that it ever started."""
    status = Path("/proc/self/status").read_text()
    own = int(status.split("VmHWM:")[1].split()[0]) << 10
    return own + (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
