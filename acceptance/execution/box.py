"""A repository's folder and the names of tests to what became of them: one run in a fresh sandbox of bubblewrap.

Nothing of this machine is in it but the system's programs, Python and pytest, all read-only. The answer comes back
through a pipe of this run alone, and counts if the order's nonce is in it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from acceptance.execution import runner, seccomp
from acceptance.execution.limits import Limits, Run
from acceptance.execution.watching import Watch

LIMITS = Limits()
FIRST_UID = 2_000_000_000
"""From here on no machine has users: a sandbox that root starts runs as one of them, each run as another."""
PYTEST = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")
SYSTEM = ("/lib", "/lib32", "/lib64", "/bin", "/sbin")


class NoSandbox(Exception):
    """A sandbox could not be made; str() says why."""


@lru_cache(1)
def unable() -> str:
    """Why delivered code cannot be run here; empty where it can. Tries it once."""
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return "bubblewrap is not installed (on Debian and Ubuntu: apt-get install bubblewrap)"
    if not seccomp.supported():
        return "there is no system call filter for this kind of machine"
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = start(Path(folder), (), "unittest")
    except (NoSandbox, OSError) as error:
        return str(error)
    return "" if run.answered else "the sandbox does not answer"


def start(
    repository: Path,
    tests: Sequence[str],
    by: str,
    limits: Limits = LIMITS,
    stopping: Callable[[], bool] = lambda: False,
) -> Run:
    """Run the named tests.

    Raises NoSandbox where bubblewrap makes none, Stopped once `stopping` says so.
    """
    nonce = secrets.token_hex(16)
    with _pipe() as (answers, pipe), _sent(_options(repository, limits)) as options, _sent(seccomp.program()) as rules:
        order = {"tests": list(tests), "by": by, "nonce": nonce, "pipe": pipe.fileno()}
        order |= {"uid": FIRST_UID + secrets.randbelow(100_000_000), "limits": limits.of_process()}
        process = subprocess.Popen(
            ["bwrap", "--args", str(options), "--seccomp", str(rules), "--", *_python()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(pipe.fileno(), options, rules),
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd="/",
            start_new_session=True,
        )
        pipe.close()
        watch = Watch(process, answers.fileno(), limits)
        _give(process, json.dumps(order).encode())
        stopped = watch.follow(stopping)
    run = _told(Run(stopped=stopped, output=watch.tail.decode("utf-8", "replace")), watch.answer, nonce)
    if not run.begun:
        said = run.output.strip().splitlines() or [stopped or "it ended without a word"]
        raise NoSandbox(f"bubblewrap cannot make a sandbox here: {said[-1]}")
    return run


def _told(run: Run, answer: bytes, nonce: str) -> Run:
    """The run with the answer, if it is one."""
    first, _, rest = answer.partition(b"\n")
    run.begun = secrets.compare_digest(first, nonce.encode())
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        told = json.loads(rest)
        if secrets.compare_digest(str(told["nonce"]), nonce):
            run.outcomes = {str(test): (str(one), str(text)) for test, (one, text) in told["outcomes"].items()}
            run.answered = True
    return run


def _give(process: subprocess.Popen[bytes], order: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError), closing(process.stdin) as stream:  # what ended at once says why on its output
        stream.write(order)


# ------------------------------------------------------------------------------------------------ what it is made of


def _options(repository: Path, limits: Limits) -> bytes:
    """bubblewrap's options; they come by a pipe, so that no path of this machine shows in a list of processes."""
    return b"".join(option.encode() + b"\0" for option in _listed(repository, limits))


def _listed(repository: Path, limits: Limits) -> Iterator[str]:
    root = os.geteuid() == 0
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    yield from ("--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL")
    if root:  # the runner gives up both before it does anything else
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield from ("--unshare-user", "--uid", "1000", "--gid", "1000")
    yield from (
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "1777",
        "--size",
        str(limits.scratch // 4),
        "--tmpfs",
        "/dev/shm",
    )
    yield from ("--remount-ro", "/dev", "--perms", "1777", "--size", str(limits.scratch), "--tmpfs", "/tmp")
    yield from ("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    for place in SYSTEM:
        path = Path(place)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), place)
        elif path.is_dir():
            yield from ("--ro-bind", place, place)
    for folder in (str(Path(sys.base_prefix).parent), "/runner/site"):
        yield from ("--perms", "0755", "--dir", folder)
    yield from ("--ro-bind", sys.base_prefix, sys.base_prefix)
    for name in PYTEST:
        found = find_spec(name)
        if found is not None and found.origin:
            source = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
            yield from ("--ro-bind", str(source), f"/runner/site/{source.name}")
    yield from ("--ro-bind", str(runner.__file__), "/runner/runner.py", "--ro-bind", str(repository), "/work")
    yield from ("--remount-ro", "/", "--chdir", "/work", "--clearenv")
    for name, value in _environment().items():
        yield from ("--setenv", name, value)


def _environment() -> dict[str, str]:
    """The same on every machine."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _python() -> list[str]:
    """Python without a virtual environment: no site packages, no start-up files, no folder of its own on the path."""
    real = Path(getattr(sys, "_base_executable", "") or sys.executable).resolve()
    return [str(real), "-s", "-S", "-P", "-B", "/runner/runner.py"]


@contextmanager
def _pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The end to read and the end to write. Files, since a number closed twice may be another thread's by then."""
    ends = os.pipe()
    with open(ends[0], "rb", 0) as out, open(ends[1], "wb", 0) as into:  # noqa: PTH123  # a number has no path
        yield out, into


@contextmanager
def _sent(data: bytes) -> Iterator[int]:
    """The end of a pipe that `data`, a few kilobytes, is read from."""
    with _pipe() as (out, into):
        into.write(data)
        into.close()
        yield out.fileno()
