"""What one sandboxed run may use, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are part of what `fixes` means, as `docs/execution.md` lists them; tests lower them."""

    seconds: int = 60
    """Wall time of the whole run; also processor time of each process."""
    memory: int = 2_048 * MIB
    """Resident bytes of all its processes together, looked at twenty times a second."""
    address_space: int = 1_024 * MIB
    """Of each process."""
    processes: int = 48
    """Threads count."""
    output: int = MIB
    """Bytes that the tests may print."""
    file: int = 64 * MIB
    """Longest file."""
    scratch: int = 256 * MIB
    """All files in /tmp together; /dev/shm has a quarter of it."""
    entries: int = 50_000
    """Files and folders in /tmp, and in /dev/shm."""
    open_files: int = 128

    @property
    def scratches(self) -> dict[str, int]:
        """Where tests may write, and how many bytes each place holds."""
        return {"/tmp": self.scratch, "/dev/shm": self.scratch // 4}

    def of_process(self) -> dict[str, int]:
        """What the kernel holds each process to, by the names of `resource`."""
        return {
            "RLIMIT_AS": self.address_space,
            "RLIMIT_CPU": self.seconds + 1,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_FSIZE": self.file,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_RTPRIO": 0,
        }


@dataclass(slots=True)
class Run:
    """What became of a run."""

    begun: bool = False
    """Whether the sandbox was made and the runner started; what went wrong before is no fault of the delivery."""
    answered: bool = False
    """Whether the runner came to its end and said so."""
    stopped: str = ""
    """Which limit ended it, in words; empty where it ended by itself."""
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Test -> passed, failed, error or skipped, and the end of what it said."""
    output: str = ""
    """The end of what was printed: confidential."""
