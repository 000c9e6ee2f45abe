"""What `validate` holds for each further record stays small, and what goes to disk comes back as it was."""

from __future__ import annotations

import errno
import json
import tempfile
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.deal import open_deal, renderers
from acceptance.delivery.evidence import lines
from acceptance.delivery.findings import Reading
from acceptance.engine import readers
from acceptance.engine.evaluation import evaluate
from acceptance.engine.strata import Strata
from acceptance.ledger import Ledger
from acceptance.measures import _marks
from acceptance.rendering import counting
from acceptance.tables import ABSENT, Batch, Delivered, Origin
from acceptance.text.ngrams import positions
from acceptance.values import spill, stored
from acceptance.values.dealt import firsts, repeating, sizes_of
from acceptance.values.exact import counted, objects
from acceptance.values.exact import given as given_values
from acceptance.values.spill import Numbers
from acceptance.values.stored import Exact
from benchmarks import chats

Blocks = list[list[int]]
MOST = 50
"""Bytes for each further record, with everything on; `docs/performance.md` has what was measured."""
FIRST, FEW, MANY = 300, 1_500, 6_000
Finish = Callable[[Strata], None]


def rows(made: list[dict[str, Any]], count: int) -> Iterator[Batch]:
    """Short records with keys, openings and near copies of their own."""
    for start in range(0, count, 500):
        batch = [
            Delivered(made[at % len(made)] | {"id": f"CH-{at:07d}"}) for at in range(start, min(start + 500, count))
        ]
        for at, row in enumerate(batch, start):
            opening = " ".join(f"{at // 4}{letter}" for letter in "abcdefghijklmnopqrs") + f" {at % 4}"
            row["input"] = row["input"] | {"opening": opening, "system": None}
            row["target"] = {
                "messages": [
                    {"role": "user", "content": "What?"},
                    {"role": "assistant", "content": "It is so, and no more."},
                ]
            }
        yield Batch("Chat", start, batch, [Origin("part-01.jsonl", at + 1) for at in range(start, start + len(batch))])


def peak(folder: Path, count: int) -> tuple[int, Ledger]:
    """Bytes that Python and numpy hold at most from the end of the pass on, while so many records are judged.

    What the pass itself holds beside, such as a batch, is larger and does not grow; it would cover the rest.
    """
    deal = open_deal(folder / "chats.sftspec")
    made, authors = (
        [json.loads(line) for line in (folder / "delivery" / name).read_text("utf-8").splitlines()]
        for name in ("part-01.jsonl", "authors.jsonl")
    )
    author = Batch("Author", 0, authors, [Origin("authors.jsonl", at + 1) for at in range(len(authors))])
    tables: dict[str, Any] = {"Chat": lambda: rows(made, count), "Author": lambda: iter([author])}
    evidence = {"lines": lambda: lines(Reading(good=Counter({("Chat", "part-01.jsonl"): count})))}
    tracemalloc.start()
    try:
        judged = evaluate(deal.contract, tables, folder=folder, evidence=evidence, renderer=renderers(deal))
        return tracemalloc.get_traced_memory()[1], judged.ledger
    finally:
        tracemalloc.stop()


def test_memory_hardly_grows_with_the_number_of_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds are low here, so that few records reach them; the first pass loads what is loaded once."""
    finish: Finish = Strata.finish

    def begun(strata: Strata) -> None:
        if strata.table == "Chat":
            tracemalloc.reset_peak()
        finish(strata)

    monkeypatch.setattr(Strata, "finish", begun)
    bounds = {spill: ("HELD", "LITTLE", "PIECE"), readers: ("MOST",), counting: ("MOST",), _marks: ("LATEST",)}
    for module, names in bounds.items():
        for name in names:
            monkeypatch.setattr(module, name, 1 << 11)
    monkeypatch.setattr(spill, "ROWS", 1 << 8)
    chats.make(tmp_path / "made", 50)
    _, (few, _), (many, ledger) = (peak(tmp_path / "made", count) for count in (FIRST, FEW, MANY))
    assert (many - few) / (MANY - FEW) < MOST
    assert {entry.clause: entry.dropped for entry in ledger.entries if entry.dropped} == {"quality.near_copies": 4_500}


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=9), max_size=9),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=9),
    st.sampled_from([(1 << 20, 1 << 20, 100), (40, 5, 2), (0, 1, 0)]),
    st.booleans(),
)
def test_numbers_come_back_from_disk(blocks: Blocks, gaps: list[tuple[int, int]], size: Any, share: bool) -> None:
    """gaps: numbers between one range and the next, and in it. Of two that share a file, each has its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("HELD", "PIECE", "NEAR"), size, strict=True):
            patch.setattr(spill, name, value)
        patch.setattr(spill, "LITTLE", size[0])
        numbers, other = Numbers(np.int32, share), Numbers(np.int64, share)
        flat = np.array([one for block in blocks for one in block], dtype=np.int32)
        for block in blocks:
            numbers.append(np.array(block, dtype=np.int32))
            other.append(np.array(block[1:]))
        assert other.whole().tolist() == [one for block in blocks for one in block[1:]]
        assert len(numbers) == len(flat) and [one for piece in numbers.pieces() for one in piece] == flat.tolist()
        ends = np.cumsum(np.array(gaps, dtype=np.int64).reshape(-1, 2).reshape(-1))[1::2]
        lengths = np.array([length for _, length in gaps], dtype=np.int64)[ends <= len(flat)]
        starts = ends[ends <= len(flat)] - lengths
        assert numbers.ranges(starts, lengths).tolist() == flat[positions(starts, lengths)].tolist()


VALUES = st.one_of(st.booleans(), st.integers(-1, 2), st.sampled_from([2**63, Decimal("0.5"), Decimal(1), "a", ABSENT]))


@given(st.lists(st.lists(VALUES, max_size=4), max_size=4), st.integers(0, 4), st.booleans())
def test_exact_values_come_back_from_disk(batches: list[list[Any]], cut: int, logical: bool) -> None:
    """Whatever comes first, a truth is no number and a number keeps its value; in two parts as in one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "LITTLE", 0)
        first, later = Exact(logical), Exact(logical)
        for at, batch in enumerate(batches):
            known = np.array([one != "a" for one in batch], dtype=np.bool_)
            (first if at < cut else later).append([one is True for one in batch] if logical else batch, known)
        first.extend(later)
        found, flat = first.column(), [one for batch in batches for one in batch]
        assert found.known.tolist() == [one != "a" for one in flat]
        expected = [one is True for one in flat] if logical else flat
        assert [(type(one) is bool, one) for one in objects(found)] == [(type(one) is bool, one) for one in expected]


TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", b"a", ABSENT]), max_size=4), max_size=4)


@given(TEXTS, st.integers(0, 4), st.sampled_from([0, 2, 9]))
def test_of_many_texts_it_is_known_which_are_the_same(batches: list[list[Any]], cut: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "MOST", most)
        first, later = Exact(logical=False), Exact(logical=False)
        for at, batch in enumerate(batches):
            (first if at < cut else later).append(batch, np.ones(len(batch), dtype=np.bool_))
        first.extend(later)
        column, flat = first.column(), [one for batch in batches for one in batch]
    assert given_values(column, column.values).tolist() == [one is not ABSENT for one in flat]
    assert [column.values.tolist().index(one) for one in column.values] == [flat.index(one) for one in flat]
    _, counts = counted(column, column.known)
    assert sorted(counts.tolist()) == sorted(Counter(one for one in flat if one is not ABSENT).values())


@given(st.lists(st.integers(0, 5), max_size=30), st.sampled_from([1, 4, 1 << 17]))
def test_rows_that_repeat_one_are_found_in_all_partitions(hashes: list[int], piece: int) -> None:
    def parts() -> Iterator[list[Any]]:
        for at in range(0, len(hashes), 7):
            part = np.array(hashes[at : at + 7], dtype=np.uint64)
            yield [part // np.uint64(2), part % np.uint64(2), np.arange(at, at + len(part))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "PIECE", piece)
        patch.setattr(spill, "ROWS", piece)
        found = firsts(parts(), len(hashes))
    assert found.tolist() == [hashes.index(one) for one in hashes]
    sizes = Counter(Counter(found.tolist()).values())
    assert sizes_of(found[repeating(found)]) == {size: count for size, count in sizes.items() if size > 1}


def test_columns_share_one_file_which_is_gone_with_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "LITTLE", 0)
    first, later = Numbers(np.int8, share=True), Numbers(np.int8, share=True)
    for numbers in (first, later, first):
        numbers.append(np.arange(3))
    assert first.file is later.file and first.whole().tolist() == [0, 1, 2, 0, 1, 2]
    kept = weakref.ref(first.file)
    del first, numbers
    assert kept() is later.file
    del later
    assert kept() is None


def test_a_full_disk_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    numbers = Numbers(np.uint64)
    numbers.file = spill.Temporary()
    numbers.file.file = Full()  # type: ignore[assignment]
    monkeypatch.setattr(spill, "HELD", 0)
    with pytest.raises(
        OSError, match=r"No space left on device\); make room there, or name another folder in TMPDIR"
    ) as told:
        numbers.append(np.zeros(9, dtype=np.uint64))
    assert told.value.filename == tempfile.gettempdir()


def test_a_temporary_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = spill.Temporary()
    file.write(b"of a delivery")
    file.flush()
    assert file.read(2, 3) == b"a " and [*tmp_path.iterdir()] == []
