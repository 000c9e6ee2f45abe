"""Sound deliveries in every container, with bytes, records, files and manifests changed, from manifest to reports."""

from __future__ import annotations

import base64
import gzip
import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from acceptance.deal import Deal, open_deal
from acceptance.delivery import evidence
from acceptance.delivery import manifest as manifests
from acceptance.delivery.findings import Reading
from acceptance.delivery.reader import read
from acceptance.errors import FAILED, Refused
from acceptance.report.view import View
from acceptance.validation import Delivery, decide, open_delivery
from benchmarks.fuzz_child import Files, Room, Wrong
from benchmarks.fuzz_reports import Reports, quiet
from benchmarks.mutations import changed, hostile, hostile_text, mutated, written
from benchmarks.packing import PACKS, array, jsonl, parquet, tarred, zstd
from examples.booking_runs import runs
from examples.support_chat import chats

ROOT = Path(__file__).resolve().parent.parent
MANIFEST, HERE = "manifest.json", "delivery/"
DOCUMENTS = '    documents: [Text] 1..3 "What the answer may rest on"\n'
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NAMES = (
    "a\n.jsonl",
    "\x1b[2J.jsonl",
    "\u202egnp.jsonl",
    "a;b&c.jsonl",
    "-rf.jsonl",
    "%2e%2e.jsonl",
    "É.jsonl",
    "é.jsonl",
    "a\udcff.jsonl",
    "x" * 240 + ".jsonl",
    ".hidden.jsonl",
    "load.py",
    "model.pkl",
    "lot-2/p.jsonl",
    "lot-0/p.jsonl",
    "lot-999999/p.jsonl",
    "d/" * 12 + "p.jsonl",
    "a.jsonl.gz.zst",
    "receipt.json",
    "works.csv",
    "LICENSE",
)


class Deals:
    """The deals that are delivered under, each with the sound files of a small delivery."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "deals"
        self.deals: dict[str, Deal] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.tables: dict[str, Files] = {}
        self._chats()
        self._runs()

    def _chats(self) -> None:
        """The help desk, whose records here have attachments and any JSON as well."""
        more = DOCUMENTS + '    files: [File("image/png")]?\n    data: Json?\n'
        self._open("support_chat", ("chat.jinja", "tokenizer.json"), lambda text: text.replace(DOCUMENTS, more))
        rows = chats.delivery()[:10]
        told = {"path": "pictures/1.png", "sha256": hashlib.sha256(PICTURE).hexdigest(), "size": len(PICTURE),
                "media_type": "image/png"}  # fmt: skip
        for at, row in enumerate(rows):
            row["input"] |= {"files": [told], "data": {"at": at, "x": [None, 1.5]}} if at % 3 else {}
        self.rows["support_chat"] = rows
        self.tables["support_chat"] = {
            "agents.jsonl": jsonl(chats.agents()), "works.jsonl": jsonl(chats.works()), "pictures/1.png": PICTURE,
        }  # fmt: skip

    def _runs(self) -> None:
        """The booking agent, one of whose tables is CSV."""
        self._open("booking_runs", ("runs.jinja", "tokenizer.json"))
        self.rows["booking_runs"] = runs.delivery(8)
        works = 'id,license,holder\nW1,MIT,"One, Two"\nW2,Apache-2.0,"a ""b"""\n'
        self.tables["booking_runs"] = {"people.jsonl": jsonl(runs.people()), "works.csv": works.encode()}

    def _open(self, name: str, beside: tuple[str, ...], change: Callable[[str], str] = str) -> None:
        here = self.folder / name
        here.mkdir(parents=True, exist_ok=True)
        for file in beside:
            shutil.copy(ROOT / "examples" / name / file, here)
        contract = here / f"{name}.sftspec"
        contract.write_text(change((ROOT / "examples" / name / contract.name).read_text("utf-8")), "utf-8")
        self.deals[name] = open_deal(contract)


class Part:
    """Deliveries as strangers send them."""

    def __init__(self, folder: Path) -> None:
        self.deals = Deals(folder)
        self.reports = Reports()

    def draw(self, rng: Random) -> Files:
        """The files of a delivery, and which deal it is for."""
        deal = rng.choice(sorted(self.deals.deals))
        rows = list(self.deals.rows[deal])
        if rng.random() < 0.5:
            for _ in range(rng.choice((1, 1, 4))):
                rows[at] = mutated(rows[at := rng.randrange(len(rows))], rng)
        files = self._packed(rows, rng) | self.deals.tables[deal]
        act = rng.random()
        if act < 0.45:
            name = rng.choice(sorted(files))
            files[name] = changed(files[name], rng)
        elif act < 0.55:
            files[rng.choice(NAMES)] = files[rng.choice(sorted(files))]
        elif act < 0.60:
            name = rng.choice(sorted(files))
            files[rng.choice(NAMES)] = files.pop(name)
        elif act < 0.75:
            files[MANIFEST] = self._listed(deal, files, rng)
        depth = rng.choice((b"read", b"read", b"decided", b"reported"))
        return {f"{HERE}{name}": body for name, body in files.items()} | {"deal": deal.encode(), "depth": depth}

    def _packed(self, rows: list[Any], rng: Random) -> Files:
        """The rows as one shard or several, in one of all containers, one in another here and there."""
        body = b"".join(written(row) + b"\n" for row in rows)
        kind = rng.choice(("jsonl", "json", "gz", "zst", "parquet", "archive", "archive"))
        if kind == "parquet":
            with suppress(Exception):  # rows that no table can hold
                return {"part-1.parquet": parquet(rows, 7)}
        if kind == "archive":
            name = rng.choice(sorted(PACKS))
            members = {
                "a.jsonl": body,
                "d/b.json": array(body),
                "c.jsonl.gz": gzip.compress(body),
                "e.jsonl.zst": zstd(body),
            }
            members = {one: members[one] for one in sorted(members) if rng.random() < 0.6}
            if rng.random() < 0.1:
                members[hostile_text(rng)[:90] + ".jsonl"] = body
            if rng.random() < 0.1:
                members["inner.tar"] = tarred({"a.jsonl": body})
            with suppress(ValueError, IndexError):  # names that no archive takes
                return {name: PACKS[name](members)}
        return {
            "json": {"part-1.json": array(body)}, "gz": {"part-1.jsonl.gz": gzip.compress(body)},
            "zst": {"part-1.jsonl.zst": zstd(body[: len(body) // 2]) + zstd(body[len(body) // 2 :])},
        }.get(kind, {"part-1.jsonl": body, "lot-1/part-2.jsonl": body[: len(body) // 2]})  # fmt: skip

    def _listed(self, deal: str, files: Files, rng: Random) -> bytes:
        """A manifest that says what is not so."""
        entries = [{"path": name, "table": rng.choice(("", self.deals.deals[deal].contract.record, "Agent", "Nobody")),
                    "records": rng.choice((0, 10, 10**9)), "bytes": len(body),
                    "sha256": hashlib.sha256(body).hexdigest()} for name, body in sorted(files.items())]  # fmt: skip
        entries += [
            dict(
                rng.choice(entries),
                path=rng.choice(("../../etc/passwd", "/etc/passwd", "a/../b", hostile_text(rng), MANIFEST)),
            )
        ]
        sheet: Any = {"sftspec_manifest": 1, "contract": deal, "lots": [{"lot": 1, "files": entries}]}
        for _ in range(rng.choice((0, 1, 3))):
            sheet = mutated(sheet, rng)
        return written(sheet if rng.random() < 0.95 else hostile(rng))

    def play(self, files: Files, room: Room) -> None:
        delivered = {
            name.removeprefix("delivery/"): body for name, body in files.items() if name.startswith("delivery/")
        }
        deal = self.deals.deals.get(files.get("deal", b"").decode("utf-8", "replace"))
        if deal is None:
            return
        lay(delivered, room.given)
        try:
            if MANIFEST not in delivered:
                manifests.write_manifest(room.given, deal.contract)
            with room.kept():
                delivery = open_delivery(room.given, deal)
                if files.get("depth") == b"read":
                    accounted(delivery, deal)
                    return
                outcome = decide(deal, delivery, ("delivery",), show_values=True)
                if files.get("depth") == b"reported":
                    view = View(outcome.ledger, deal.contract, folder="delivery", figures=outcome.figures)
                    self.reports.sound(view, room.out)
        except Refused as refused:
            told(refused)


def accounted(delivery: Delivery, deal: Deal) -> None:
    """Every line is a row or a finding, in each table."""
    for table in deal.contract.tables:
        reading = Reading()
        batches = list(read(delivery.folder, delivery.manifest, deal.contract, table.name, reading))
        rows = sum(map(len, batches))
        listed = sum(len(batch) for batch in evidence.lines(reading))
        if (rows, listed) != (reading.rows(table.name), rows + sum(reading.bad.values())):
            raise Wrong(f"a line is lost: {rows} rows, {listed} lines")
    manifests.verify_files(delivery.folder, delivery.manifest)


def lay(files: Files, folder: Path) -> None:
    """Writes the files, but for those that no file system takes."""
    for name, body in files.items():
        path = folder / name
        with suppress(OSError, ValueError):
            if path.resolve().is_relative_to(folder.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)


def told(refused: Refused) -> None:
    """A refusal is the delivery's fault, or the user's, and acts on nobody's terminal."""
    if refused.code == FAILED:
        raise Wrong(f"a delivery is taken for a failure of the tool: {refused}")
    quiet("".join(str(refused).split("\n")), "refusal")
