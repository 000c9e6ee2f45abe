"""How records are cut into shards, archives, compressions and formats changes no verdict, count or finding."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from test_archives import tarred, zipped, zstd

from acceptance.delivery import parquet as reader
from acceptance.delivery.manifest import write_manifest
from acceptance.ledger import Ledger

MAKE = Path(__file__).resolve().parent.parent / "examples" / "back_office" / "make"
sys.path.insert(0, str(MAKE))

import planting  # noqa: E402
import trying  # noqa: E402
from harness import Bench, ledger, write  # noqa: E402
from plants import PLANTS  # noqa: E402

Records = list[dict[str, Any]]
Cut = Callable[[Records], dict[str, bytes]]
DEFECTS = (
    "typo key",
    "unknown word",
    "copy in other case and spacing",
    "e-mail address",
    "self identity",
    "target cut",
)
PLACE = re.compile(r"\S*part\S*:\d+|[ab]\.\S*:\d+")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return trying.bench(tmp_path_factory.mktemp("deal"))


def jsonl(records: Records) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def array(records: Records) -> bytes:
    return json.dumps(records, indent=1).encode()


def single(record: dict[str, Any]) -> bytes:
    return json.dumps(record, indent=2).encode()


def parquet(records: Records) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), made, row_group_size=50)
    return made.getvalue()


def shards(records: Records, size: int) -> dict[str, bytes]:
    return {f"part-{at:04d}.jsonl": jsonl(records[at : at + size]) for at in range(0, len(records), size)}


CUTS: dict[str, Cut] = {
    "shards of seven": lambda records: shards(records, 7),
    "one array": lambda records: {"part.json": array(records)},
    "a file each": lambda records: {f"part-{at:04d}.json": single(record) for at, record in enumerate(records)},
    "a run each, packed": lambda records: {
        "part.tar": tarred({f"{at:04d}.traj": single(record) for at, record in enumerate(records)})
    },
    "gzip": lambda records: {"part.jsonl.gz": gzip.compress(jsonl(records))},
    "zstd": lambda records: {"part.jsonl.zst": zstd(jsonl(records))},
    "CRLF, no last line end": lambda records: {"part.jsonl": jsonl(records).replace(b"\n", b"\r\n")[:-2]},
    "tar": lambda records: {"part.tar": tarred(shards(records, 40))},
    "tar.zst": lambda records: {"part.tar.zst": zstd(tarred(shards(records, 9)))},
    "zip": lambda records: {"a.zip": zipped(shards(records[:80], 30)), "b.jsonl": jsonl(records[80:])},
    "Parquet": lambda records: {"part.parquet": parquet(records)},
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("defects", [(), DEFECTS], ids=["clean", "with defects"])
def test_a_cut_changes_nothing(cut: str, defects: tuple[str, ...], bench: Bench, tmp_path: Path) -> None:
    if cut == "Parquet" and reader.is_missing():
        pytest.skip("the extra `parquet` is not installed")
    records = bench.clean
    assert set(defects) <= {plant.name for plant in PLANTS if plant.when == "records"}
    for plant in PLANTS:
        records = plant.plant(records, Random(plant.name)) if plant.name in defects else records
    whole = judged(bench, tmp_path / "whole", {"part.jsonl": jsonl(records)})
    other = judged(bench, tmp_path / "other", CUTS[cut](records))
    assert whole.verdict(trying.STAGES) == ("breached" if defects else "met")
    assert said(other) == said(whole)


def judged(bench: Bench, folder: Path, shards: dict[str, bytes]) -> Ledger:
    tables = {path: body for path, body in planting.files(bench.clean, bench.clean).items() if "part" not in path}
    write(folder, tables | shards)
    write_manifest(folder, bench.deal.contract)
    return ledger(bench, folder)


def said(ledger: Ledger) -> dict[str, Any]:
    """All but where; how many files and lines there are is another matter."""
    return {
        entry.clause: (
            entry.verdict,
            entry.marked,
            entry.dropped,
            entry.unjudged,
            entry.observed if "line" not in entry.observed and "file" not in entry.observed else "",
            [(finding.path, PLACE.sub("elsewhere", finding.message), finding.help) for finding in entry.findings],
        )
        for entry in ledger.entries
    }


def test_without_the_extra_nothing_is_decided_and_nothing_breached(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    judged(bench, tmp_path, {"part.parquet": parquet(bench.clean)})
    monkeypatch.setattr(reader, "is_missing", lambda: True)
    found = ledger(bench, tmp_path)
    decided = [entry for entry in found.entries if entry.stage in trying.STAGES]
    assert {entry.verdict for entry in decided} == {"undecided"} and found.verdict(trying.STAGES) == "undecided"
    assert all(
        "part.parquet was not read" in one.reason and "pip install '.[parquet]'" in one.reason for one in decided
    )
