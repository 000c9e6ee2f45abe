"""Deliveries that are made to break a reader, each to what `sftspec validate` says of it, in what time and memory.

    python -m benchmarks.monsters                     all of them: half an hour, 12 GiB of disk at a time
    python -m benchmarks.monsters --only bomb         those whose name holds the word
    python -m benchmarks.monsters --size 0.01         small ones, for a first look
    python -m benchmarks.monsters --write             the table into docs/robustness.md

Each is validated by a whole process, after `sftspec manifest` was one. Memory is that of all its processes together.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.hordes import MONSTERS, Monster
from benchmarks.packing import jsonl
from examples.support_chat import chats

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1 << 30
PATIENCE = 600.0
"""Seconds after which a process is killed, and the monster has won."""
SAID = 88
"""Characters of what is said that the table shows."""
HEAD = ("monster", "exit", "says", "seconds", "peak MiB", "manifest: exit", "seconds", "peak MiB")


@dataclass(frozen=True, slots=True)
class Ran:
    """One process: its exit code, what it said, wall seconds, and bytes of memory of it and its children at most."""

    code: int
    said: str
    complained: str
    seconds: float
    peak: int


def main() -> int:
    """Print a line per monster; exit 1 where one was no verdict, took too much memory or ended in a traceback."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows, lost = [], []
    for monster in MONSTERS:
        if options.only in monster.name:
            row, wrong = met(monster, options.size)
            rows.append(row)
            lost += [f"{monster.name}: {wrong}"] if wrong else []
            print(" | ".join(row), flush=True)
            if options.write:
                tables.put("monsters", HEAD, rows)
    print("\n".join(lost))
    return int(bool(lost))


def met(monster: Monster, size: float = 1.0) -> tuple[list[str], str]:
    """The monster's row, and what is wrong with how it was met; empty where nothing is."""
    with tempfile.TemporaryDirectory() as folder:
        deal, delivery = Path(folder) / "deal", Path(folder) / "delivery"
        lay_deal(deal)
        delivery.mkdir()
        (delivery / "agents.jsonl").write_bytes(jsonl(chats.agents()))
        (delivery / "works.jsonl").write_bytes(jsonl(chats.works()))
        monster.make(delivery, size)
        before = listing(Path(folder))
        listed = run("manifest", deal, delivery, Path(folder))
        if not (delivery / "manifest.json").exists():
            by_hand(delivery)
        receipt = Path(folder) / "receipt.json"
        validated = run(
            "validate", deal, delivery, Path(folder), "--receipt", receipt, "--html", Path(folder) / "page.html"
        )
        row = [
            monster.name,
            str(validated.code),
            first(validated, delivery),
            f"{validated.seconds:.1f}",
            f"{validated.peak >> 20:,}",
            str(listed.code),
            f"{listed.seconds:.1f}",
            f"{listed.peak >> 20:,}",
        ]
        written = sum(path.stat().st_size for path in (receipt, Path(folder) / "page.html") if path.exists())
        strays = listing(Path(folder)) - before - {"receipt.json", "page.html", "delivery/manifest.json"}
        return row, "; ".join(
            filter(
                None,
                (
                    wrong(listed),
                    wrong(validated),
                    f"strays {strays}" if strays else "",
                    f"{written:,} bytes of reports" if written > 16 << 20 else "",
                ),
            )
        )


def wrong(ran: Ran) -> str:
    if ran.code not in (0, 1, 4) or "Traceback" in ran.complained or "error[" in ran.complained:
        return f"exit {ran.code}: {ran.complained[-300:]}"
    return f"{ran.peak >> 20:,} MiB" if ran.peak > MEMORY else ""


def lay_deal(folder: Path) -> None:
    """The help desk's deal, whose records here may hold any JSON and attachments as well."""
    folder.mkdir()
    here = ROOT / "examples/support_chat"
    for name in ("chat.jinja", "tokenizer.json"):
        (folder / name).write_bytes((here / name).read_bytes())
    text = (here / "support_chat.sftspec").read_text("utf-8")
    documents = '    documents: [Text] 1..3 "What the answer may rest on"\n'
    text = text.replace(documents, documents + '    files: [File("image/png")]?\n    data: Json?\n')
    (folder / "support_chat.sftspec").write_text(text, "utf-8")


def by_hand(delivery: Path) -> None:
    """A manifest as a vendor would write it who wants in: every plain file, as it is."""
    entries = []
    for path in sorted(path for path in delivery.rglob("*") if path.is_file() and not path.is_symlink()):
        name = path.relative_to(delivery).as_posix()
        table = {"agents.jsonl": "Agent", "works.jsonl": "Work"}.get(name, "Chat" if "part" in name else "")
        body = path.read_bytes()
        entries.append(
            {"path": name, "table": table, "records": 1, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        )
    sheet = {"sftspec_manifest": 1, "contract": "support_chat", "lots": [{"lot": 1, "files": entries}]}
    (delivery / "manifest.json").write_text(json.dumps(sheet))


def run(verb: str, deal: Path, delivery: Path, folder: Path, *more: object) -> Ran:
    command = [sys.executable, "-m", "acceptance.cli", verb, deal / "support_chat.sftspec", delivery, *more]
    said, complained = folder / "said", folder / "complained"
    begun, peak = time.monotonic(), 0
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    with said.open("wb") as out, complained.open("wb") as err:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=err, cwd=folder, env=environment)
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            time.sleep(0.05)
            if time.monotonic() - begun > PATIENCE:
                process.kill()
    told = [path.read_bytes()[: 1 << 20].decode("utf-8", "replace") for path in (said, complained)]
    said.unlink(), complained.unlink()
    return Ran(process.returncode, *told, time.monotonic() - begun, peak)


def memory(pid: int) -> int:
    """Bytes that a process and all below it hold now."""
    with suppress(OSError, IndexError, ValueError):
        own = int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) << 10
        return own + sum(map(memory, map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())))
    return 0


def listing(folder: Path) -> set[str]:
    return {os.path.relpath(os.path.join(here, name), folder) for here, _, names in os.walk(folder) for name in names}  # noqa: PTH118


def first(ran: Ran, delivery: Path) -> str:
    """The first finding, or the first line of what was said instead."""
    lines = [line.strip() for line in ran.said.splitlines() if line.startswith("    ") and str(delivery) in line]
    line = (lines or ran.complained.splitlines() or [""])[0]
    line = line.replace(f"{delivery}", "").replace("sftspec: ", "").lstrip("/: ")
    return line if len(line) <= SAID else f"{line[:SAID]}..."


if __name__ == "__main__":
    sys.exit(main())
