"""The story of one procurement on the terminal: every step is a command that you can run yourself."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "out" / "demo"
CONTRACT = "examples/back_office/back_office.sftspec"
KEYS = "--key examples/back_office/private/runner.pem --key examples/back_office/private/buyer.pem"
SCORES = "--workers 2 --reuse out/demo/scores"


def main() -> int:
    """Run the story; exit 1 where a step ends other than it should."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    started = time.monotonic()
    story()
    print(f"\nThe demo took {time.monotonic() - started:.0f} s. Read the report: {OUT / 'good' / 'report.html'}")
    return 0


def story() -> None:
    """The steps, each with the exit code that it must have."""
    chapter("The buyer's contract is sound.")
    sftspec(f"check {CONTRACT}", 0)
    chapter("A draft with four mistakes gets four messages.")
    sftspec("check examples/back_office/broken.sftspec", 1)
    chapter("The vendor's delivery meets the delivery-stage clauses.")
    sftspec(f"validate {CONTRACT} examples/back_office/delivery --receipt out/demo/receipt.json", 0)
    chapter("A damaged delivery is refused, and every defect is named.")
    damage("careless")
    sftspec(f"validate {CONTRACT} out/demo/careless", 1)
    chapter("The evaluation team certifies: five seeds for the delivery, five for what the buyer trains on today.")
    sftspec(f"certify {CONTRACT} examples/back_office/delivery --out out/demo/good {KEYS} {SCORES}", 0)
    chapter("A delivery that looks right and teaches nothing is not certified. Base and reference are not run again.")
    damage("null")
    sftspec(f"certify {CONTRACT} out/demo/null --out out/demo/null-trial {KEYS} {SCORES}", 1)
    chapter("Anyone verifies the certificate, offline.")
    verify = f"--contract {CONTRACT} --delivery examples/back_office/delivery"
    sftspec(f"verify out/demo/good/certificate.json {verify}", 0)
    chapter("After one byte has changed, nobody does.")
    change_one_byte(OUT / "good", OUT / "forged")
    sftspec(f"verify out/demo/forged/certificate.json {verify}", 1)


def chapter(title: str) -> None:
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)


def sftspec(line: str, wanted: int) -> None:
    """Run `sftspec` as a user would, and show it."""
    run([sys.executable, "-m", "acceptance.cli", *shlex.split(line)], f"sftspec {line}", wanted)


def damage(name: str) -> None:
    """Make a damaged delivery from the good one."""
    script = "examples/back_office/make/damage.py"
    run([sys.executable, script, name, f"out/demo/{name}"], f"python {script} {name} out/demo/{name}", 0)


def run(command: list[str], shown: str, wanted: int) -> None:
    print(f"$ {shown}", flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code != wanted:
        sys.exit(f"the demo stops here: exit code {code}, {wanted} was expected")


def change_one_byte(certified: Path, forged: Path) -> None:
    """A copy of the certificate in which one byte in the middle is another."""
    shutil.copytree(certified, forged)
    path = forged / "certificate.json"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
