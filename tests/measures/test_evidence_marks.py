"""`readable` and `as_listed`: what reading found as marks on the tables `lines` and `files`, with place and repair."""

from __future__ import annotations

from collections.abc import Iterable

from support import use

from acceptance.delivery import evidence
from acceptance.delivery.findings import FileFinding, Problem, Reading
from acceptance.delivery.manifest import Entry, Lot, Manifest
from acceptance.measures import as_listed, readable
from acceptance.measures.protocol import RowMark
from acceptance.tables import Batch, Column

FILES = tuple(Entry(path=f"{n}.jsonl", table="R", records=1, bytes=1, sha256="0" * 64) for n in "ab")
MANIFEST = Manifest(contract="c", lots=(Lot(lot=1, files=FILES),))


def marks(measure: RowMark, batches: Iterable[Batch]) -> tuple[Column, list[tuple[str, int]]]:
    marker, places = measure.make(use("readable")), []
    for batch in batches:
        marker.add(batch)
        places += [(origin.file, origin.line) for origin in batch.origins]
    return marker.finish(), places


def test_a_clean_delivery_is_all_true() -> None:
    reading = Reading()
    reading.good["R", "a.jsonl"] = 25_000
    for measure, batches in ((readable, evidence.lines(reading)), (as_listed, evidence.files([], MANIFEST))):
        column, _ = marks(measure.MEASURE, batches)
        assert column.values.all() and column.known.all() and not column.details and len(column.values) in (25_000, 2)


def test_a_bad_line_is_false_with_message_and_repair() -> None:
    reading = Reading()
    reading.good["R", "a.jsonl"] = 3
    reading.add("R", "a.jsonl", 2, Problem("bom", "a mark", "remove it"))
    reading.add("R", "a.jsonl", 3, Problem("separator", "U+2028", "write \\n", warning=True))
    column, places = marks(readable.MEASURE, evidence.lines(reading))
    assert column.values.tolist() == [False, True, True, True] and places[0] == ("a.jsonl", 2)
    assert (column.details[0].message, column.details[0].help) == ("a mark", "remove it")


def test_each_file_finding_counts_once() -> None:
    found = [
        FileFinding("b.jsonl", "missing", "not here", "send it"),
        FileFinding("x.pkl", "extra", "extra", "remove it"),
    ]
    column, places = marks(as_listed.MEASURE, evidence.files(found, MANIFEST))
    assert column.values.tolist() == [False, False, True]
    assert places == [("b.jsonl", 0), ("x.pkl", 0), ("a.jsonl", 0)]
