"""What `sftspec verify` costs on a certificate with 15,004 scores: seconds beyond a bare python, and peak memory.

Seconds are of the processor, which a busy machine does not stretch; `verify` is one thread. This process stays small:
what a child weighs before it begins is what its parent weighs.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 11
SECONDS, MEBIBYTES = 1.0, 60
"""What `verify` may take: beyond a bare python, and at its peak. Most of the peak is its imports."""


def main() -> int:
    """Print both figures; exit 1 where one is beyond its limit."""
    with tempfile.TemporaryDirectory() as place:
        run([sys.executable, "-m", "benchmarks.certificates", place])
        deal = [f"{place}/certificate.json", "--contract", f"{place}/back_office.sftspec"]
        command, bare = [sys.executable, "-m", "acceptance.cli", "verify", *deal], [sys.executable, "-c", "pass"]
        run(bare), run(command)  # what is read once from the disk
        pairs = [(run(bare), run(command)) for _ in range(ROUNDS)]
    seconds = statistics.median(ours[0] - theirs[0] for theirs, ours in pairs)
    ratio = statistics.median(ours[0] / theirs[0] for theirs, ours in pairs)
    peak, least = max(ours[1] for _, ours in pairs), max(theirs[1] for theirs, _ in pairs)
    print(f"verify, median of {ROUNDS} pairs: {seconds:.2f} s beyond a bare python, {ratio:.1f} times as long")
    print(f"  peak {peak:.1f} MiB, a bare python {least:.1f}; limits {SECONDS} s and {MEBIBYTES} MiB")
    return int(seconds > SECONDS or peak > MEBIBYTES)


def run(command: list[str]) -> tuple[float, float]:
    """Seconds of the processor and peak MiB of one process. Raises CalledProcessError where it fails."""
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime, weight(usage)


def weight(usage: resource.struct_rusage) -> float:
    """Linux counts kibibytes, macOS bytes."""
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    sys.exit(main())
