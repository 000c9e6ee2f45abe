"""What delivered code may try in the sandbox, and that it gets nowhere: each attack runs there and says so itself."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.execution import box, seccomp
from acceptance.execution.limits import MIB, Limits, Run
from acceptance.execution.watching import Stopped, Watch, descendants

pytestmark = pytest.mark.skipif(bool(box.unable()), reason=box.unable() or "-")

NAME = "tests.test_attack.Attack.test_it"
HEAD = """
import ctypes, errno, gc, os, pathlib, signal, socket, subprocess, sys, tempfile, time, unittest

def refused(do, *arguments):
    try:
        found = do(*arguments)
    except (OSError, MemoryError, ProcessLookupError):
        return True
    print("reached:", do, arguments, found)
    return False

def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    return -1 if libc.syscall(number, *arguments) != -1 else ctypes.get_errno()

class Attack(unittest.TestCase):
    def test_it(self):
"""


def attack(folder: Path, code: str, stopping: Callable[[], bool] = lambda: False, **limits: int) -> Run:
    """Run code as a test of a repository."""
    place = folder / "work"
    (place / "tests").mkdir(parents=True, exist_ok=True)
    (place / "tests" / "test_attack.py").write_text(HEAD + textwrap.indent(textwrap.dedent(code), " " * 8), "utf-8")
    return box.start(place, (NAME,), "unittest", limits=Limits(**{"seconds": 20, **limits}), stopping=stopping)


def contained(run: Run) -> None:
    """The attack came to its end and found every door shut."""
    assert run.answered and not run.stopped, run
    assert run.outcomes[NAME][0] == "passed", run.outcomes[NAME][1] + run.output


def nothing_is_left() -> None:
    """No process of the sandbox lives on."""
    below = [pid for pid in descendants(os.getpid()) if b"bwrap" in _command(pid) or b"/runner/" in _command(pid)]
    assert below == []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


REFUSED = {
    "reading homes and secrets": """
        for path in ("/home", "/etc/shadow", "/etc/passwd", "/root/.ssh", "/root/.bashrc", "/var", "/mnt", "/sys"):
            assert refused(os.listdir, path) and refused(open, path), path
    """,
    "writing outside": """
        for folder in ("/", "/work", "/work/tests", "/usr", "/usr/bin", "/etc", "/dev", "/runner", "/proc", "/bin"):
            assert refused(open, folder + "/made", "w"), folder
        assert refused(open, "/work/tests/test_attack.py", "a") and refused(os.remove, "/work/tests/test_attack.py")
        assert refused(os.rename, "/work/tests", "/work/elsewhere")
    """,
    "links that lead out": """
        os.symlink("/etc/shadow", "/tmp/link")
        os.symlink("/proc/1/root", "/tmp/root")
        assert refused(open, "/tmp/link") and refused(os.listdir, "/tmp/root/home")
        assert refused(os.link, "/usr/bin/env", "/tmp/hard")
    """,
    "killing others": """
        assert refused(os.kill, os.getppid() + 100_000, 9)
        others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        assert set(others) <= {1, 2, os.getpid()}, others
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
            try:
                os.kill(1, number)
            except PermissionError:
                pass
    """,
    "proc": """
        for path in ("/proc/1/environ", "/proc/kcore", "/proc/1/mem"):
            try:
                assert not open(path, "rb").read(64).strip(b"0 "), path
            except OSError:
                pass
        for name in ("sysrq-trigger", "sys/kernel/hostname", "sys/kernel/core_pattern", "sys/vm/drop_caches", "1/mem"):
            path = "/proc/" + name
            assert refused(lambda: open(path, "wb", 0).write(b"b")), path
    """,
    "tracing": """
        child = subprocess.Popen(["/usr/bin/sleep", "5"])
        numbers = {"x86_64": (101, 310, 311), "aarch64": (117, 270, 271)}[os.uname().machine]
        assert [call(number, 16, child.pid, 0, 0) for number in numbers] == [errno.EPERM] * 3
        child.kill()
    """,
    "becoming root": """
        assert refused(os.setuid, 0) and refused(os.setgid, 0) and refused(os.setgroups, [0])
        status = open("/proc/self/status").read()
        assert "NoNewPrivs:\\t1" in status and "CapEff:\\t0000000000000000" in status
        assert "CapBnd:\\t0000000000000000" in status or "CapPrm:\\t0000000000000000" in status
        assert os.getuid() != 0 and os.geteuid() != 0
        for tool in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp"):
            if os.path.exists(tool):
                shell = subprocess.run([tool, "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
                assert shell.stdout.strip() != b"0", tool
    """,
    "device nodes": """
        assert refused(os.mknod, "/tmp/disk", 0o60600, os.makedev(254, 0))
        assert refused(os.mknod, "/tmp/memory", 0o20600, os.makedev(1, 1))
        shown = set(os.listdir("/dev"))
        assert shown <= {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "core",
                         "stdin", "stdout", "stderr", "console"}, shown
    """,
    "new namespaces and mounts": """
        numbers = {"x86_64": (272, 165, 308, 155), "aarch64": (97, 40, 268, 41)}[os.uname().machine]
        assert [call(number, 0x10000000, 0, 0, 0, 0) for number in numbers] == [errno.EPERM] * 4
        clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
        assert call(clone, 0x10000000 | 17, 0, 0, 0, 0) == errno.EPERM
        assert call(435, 0, 0) == errno.ENOSYS
    """,
    "the network": """
        for family, address in ((socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_INET, ("127.0.0.1", PORT)),
                                (socket.AF_INET6, ("2001:db8::1", 80))):
            with socket.socket(family) as one:
                one.settimeout(2)
                assert refused(one.connect, address), address
        for family in (16, 17, 40, 38):  # netlink, packet, vsock to the host of a virtual machine, alg
            assert refused(socket.socket, family, socket.SOCK_STREAM), family
        assert refused(socket.getaddrinfo, "example.org", 80)
    """,
    "memory that no limit counts": """
        assert refused(os.memfd_create, "hidden")
        shared = {"x86_64": 29, "aarch64": 194}[os.uname().machine]
        assert call(shared, 0, 1 << 30, 0o1600) == errno.EPERM
        assert call(425, 8, 0) == errno.EPERM
    """,
    "one long file": """
        with open("/tmp/long", "wb") as file:
            assert refused(file.truncate, 1 << 40)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        assert refused(lambda: [open("/tmp/long", "ab", 0).write(b"x" * (1 << 20)) for _ in range(100)])
    """,
    "filling the disk": """
        for place in ("/tmp", "/dev/shm"):
            def fill():
                for number in range(10_000):
                    with open(f"{place}/{number}", "wb", 0) as file:
                        assert file.write(b"x" * (8 << 20)) == 8 << 20 or file.write(b"x")
            assert refused(fill)
            used = sum(os.stat(f"{place}/{name}").st_size for name in os.listdir(place))
            assert used <= 256 << 20, used
    """,
    "a fork bomb": """
        born = []
        def bomb():
            while True:
                born.append(os.fork())
                if born[-1] == 0:
                    time.sleep(30)
                    os._exit(0)
        assert refused(bomb)
        assert 5 < len(born) < 48, len(born)
    """,
    "a thread bomb": """
        import threading
        born = []
        def bomb():
            while True:
                thread = threading.Thread(target=time.sleep, args=(30,), daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    raise OSError from error
                born.append(thread)
        assert refused(bomb)
        assert 5 < len(born) < 48, len(born)
    """,
    "memory of one process": """
        held = []
        def grow():
            while True:
                held.append(bytearray(64 << 20))
        assert refused(grow)
        assert len(held) <= 16
    """,
    "zombies and daemons": """
        for _ in range(20):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(60)
                os._exit(0)
    """,
    "limits raised again": """
        import resource
        for name in ("RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU"):
            which = getattr(resource, name)
            try:
                resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except (OSError, ValueError):
                continue
            raise AssertionError(name)
    """,
}


@pytest.mark.parametrize("name", REFUSED)
def test_every_door_is_shut(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        contained(attack(tmp_path, textwrap.dedent(REFUSED[name]).replace("PORT", str(server.getsockname()[1]))))
        with pytest.raises(TimeoutError):
            server.accept()
    nothing_is_left()


STOPPED = {
    "an endless loop": ("while True: pass", {"seconds": 2}, "timeout after 2 s"),
    "ignoring every signal": (
        """
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        if os.fork():
            os.setsid() if os.getpid() != os.getsid(0) else None
        while True: time.sleep(1)
        """,
        {"seconds": 2},
        "timeout after 2 s",
    ),
    "closing every pipe and living on": (
        "os.closerange(0, 1000)\nwhile True: time.sleep(1)",
        {"seconds": 2},
        "timeout",
    ),
    "a flood of output": ("while True: os.write(1, b'x' * 65536)", {}, "it printed more than 1 MiB"),
    "a flood by a child": ("subprocess.run(['/usr/bin/yes'])", {}, "it printed more than 1 MiB"),
    "a million empty files": (
        "for number in range(1_000_000): open(f'/tmp/{number}', 'w').close()",
        {"entries": 2_000},
        "it made more than 2,000 files",
    ),
    "memory of many processes": (
        "for _ in range(4):\n    if os.fork() == 0: break\nheld = bytearray(90 << 20)\ntime.sleep(20)",
        {"memory": 200 * MIB},
        "its processes held more than 200 MiB of memory",
    ),
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_goes_on_and_on_is_stopped(name: str, tmp_path: Path) -> None:
    code, limits, reason = STOPPED[name]
    began = time.monotonic()
    run = attack(tmp_path, code, **limits)
    assert run.stopped.startswith(reason) and not run.answered, run
    assert time.monotonic() - began < 15
    assert len(run.output) <= 4_000
    nothing_is_left()


def test_a_child_that_kills_all_it_can_harms_only_itself(tmp_path: Path) -> None:
    run = attack(tmp_path, "refused(os.kill, -1, signal.SIGKILL)\nos.kill(os.getpid(), signal.SIGKILL)")
    assert run.begun and not run.answered and run.outcomes == {}
    nothing_is_left()


def test_nothing_of_this_machine_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither environment nor open files nor the neighbours in the delivery."""
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    (tmp_path / "other-record.jsonl").write_text("secret")
    code = """
        assert "hunter2" not in str(os.environ) and set(os.environ) <= {
            "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "PYTHONHASHSEED", "PWD",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}, os.environ
        held = {name: os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
                if os.path.exists(f"/proc/self/fd/{name}")}
        assert all(where.startswith(("pipe:", "/dev/null")) for where in held.values()) and len(held) <= 4, held
        for top, folders, files in os.walk("/"):
            folders[:] = [name for name in folders if (top, name) not in {("/", "proc"), ("/", "usr")}]
            assert "other-record.jsonl" not in files, top
        assert os.path.exists("/work/tests") and sys.flags.no_user_site
    """
    with (tmp_path / "open").open("w") as kept:
        os.set_inheritable(kept.fileno(), True)
        contained(attack(tmp_path, code))


def test_runs_are_alike(tmp_path: Path) -> None:
    code = "raise AssertionError((hash('x'), time.tzname, os.getcwd(), socket.gethostname(), sorted(os.environ)))"
    assert attack(tmp_path, code).outcomes == attack(tmp_path, code).outcomes


def test_stopping_the_command_ends_the_run(tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        attack(tmp_path, "time.sleep(60)", stopping=stop.is_set)
    assert time.monotonic() - began < 10
    nothing_is_left()


def test_what_is_said_between_two_looks_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that speaks and ends after its pipes were found empty, and before it is asked whether it has ended."""
    answers, end = os.pipe()
    code = f"import os, sys; sys.stdin.read(); os.write(1, b'printed'); os.write({end}, b'answered')"
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[end])
    os.close(end)
    first = iter([True])

    class Late(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> Any:
            if next(first, False):
                process.stdin.close()  # type: ignore[union-attr]
                process.wait()
                return []
            return super().select(timeout)

    monkeypatch.setattr(selectors, "DefaultSelector", Late)
    watch = Watch(process, answers, Limits())
    assert watch.follow(lambda: False) == ""
    assert (watch.tail, watch.answer) == (b"printed", b"answered")


def test_an_answer_without_the_nonce_is_none(tmp_path: Path) -> None:
    """Code that writes its own answer into the pipe, not knowing what the runner was told."""
    code = """
        NAME = b"tests.test_attack.Attack.test_it"
        for name in os.listdir("/proc/self/fd"):
            try:
                os.write(int(name), b'{"nonce": "", "outcomes": {"' + NAME + b'": ["passed", ""]}}')
            except OSError:
                pass
        os._exit(0)
    """
    run = attack(tmp_path, code)
    assert run.begun and not run.answered and run.outcomes == {}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_well_formed(machine: str) -> None:
    """Every jump of the program lands inside it, and its last step returns."""
    program = seccomp.program(machine)
    steps = [program[at : at + 8] for at in range(0, len(program), 8)]
    assert len(program) % 8 == 0 and len(steps) < 4_096
    for at, step in enumerate(steps):
        if step[0] in (seccomp.EQUAL, seccomp.ANY):
            assert at + 1 + max(step[2], step[3]) < len(steps)
    assert steps[-1][0] == seccomp.RETURN
