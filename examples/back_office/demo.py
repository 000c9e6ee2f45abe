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
SCORES = "--workers 2 --reuse out/demo/scores"


def main() -> int:
    """Run the story; exit 1 where a step ends other than it should."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    take_private("private")
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
    certify("examples/back_office/delivery", "good", "private", 0)
    chapter("Another delivery is another attempt, and the contract allows one.")
    damage("null")
    certify("out/demo/null", "never", "private", 1)
    chapter("Had it come first: it looks right and teaches nothing. Of the first trial only the base is known.")
    take_private("instead")
    certify("out/demo/null", "null-trial", "instead", 1)
    chapter("Anyone verifies the certificate, offline.")
    verify = f"--contract {CONTRACT} --delivery examples/back_office/delivery"
    sftspec(f"verify out/demo/good/certificate.json {verify}", 0)
    chapter("After one byte has changed, nobody does.")
    change_one_byte(OUT / "good", OUT / "forged")
    sftspec(f"verify out/demo/forged/certificate.json {verify}", 1)


def take_private(name: str) -> None:
    """What the buyer holds, as it was before the first trial. A checkout lets others read it; a deal must not."""
    shutil.copytree(HERE / "private", OUT / name)
    for path in (OUT / name).iterdir():
        path.chmod(0o600)


def certify(delivery: str, out: str, private: str, wanted: int) -> None:
    """Certify with the runner's and the buyer's key."""
    keys = f"--key out/demo/{private}/runner.pem --key out/demo/{private}/buyer.pem"
    secrets = f"--secrets out/demo/{private}/secrets.json"
    sftspec(f"certify {CONTRACT} {delivery} --out out/demo/{out} {keys} {secrets} {SCORES}", wanted)


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
