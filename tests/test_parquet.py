"""Parquet: the same records as JSON Lines give the same rows; a hostile file ends its own process and nothing else."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_delivery import a_contract, kinds, rows_of

from acceptance.delivery import limits, parquet
from acceptance.delivery.manifest import survey, verify_files, write_manifest
from acceptance.errors import Refused

pa = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
pq = pytest.importorskip("pyarrow.parquet")


def write(folder: Path, columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> None:
    pq.write_table(pa.table(columns), folder / name, **options)


def first(folder: Path, **columns: Any) -> Any:
    """How the first cell of a column `x` is read."""
    write(folder, columns)
    rows, reading = rows_of(folder)
    assert not reading.counts, reading.findings
    return rows[0].get("x", "absent")


UTC, BERLIN = datetime.UTC, "Europe/Berlin"
MOMENT = datetime.datetime(2026, 12, 1, 23, 30, 0, 250_000, tzinfo=UTC)
CELLS: dict[str, tuple[Any, Any]] = {
    "text": (pa.array(["a\n\u2028\x00é"]), "a\n\u2028\x00é"),
    "large text": (pa.array(["a"], pa.large_string()), "a"),
    "words": (pa.array(["a", "b", "a"]).dictionary_encode().slice(1), "b"),
    "null": (pa.array([None], pa.string()), "absent"),
    "only nulls": (pa.array([None], pa.null()), "absent"),
    "whole": (pa.array([-(2**63)]), -(2**63)),
    "small whole": (pa.array([200], pa.uint8()), 200),
    "number": (pa.array([0.1]), 0.1),
    "single": (pa.array([0.1], pa.float32()), 0.1),
    "truth": (pa.array([True]), True),
    "date": (pa.array([datetime.date(2026, 12, 1)]), "2026-12-01"),
    "64-bit date": (pa.array([datetime.date(2026, 12, 1)], pa.date64()), "2026-12-01"),
    "instant": (pa.array([MOMENT], pa.timestamp("us", BERLIN)), "2026-12-01T23:30:00.25Z"),
    "instant in ns": (pa.array([MOMENT], pa.timestamp("ns", "UTC")), "2026-12-01T23:30:00.25Z"),
    "before 1970": (pa.array([-1], pa.timestamp("ms", "UTC")), "1969-12-31T23:59:59.999Z"),
    "local time": (pa.array([0], pa.timestamp("s")), "1970-01-01T00:00:00"),
    "clock": (pa.array([3_661], pa.time32("s")), "01:01:01"),
    "decimal": (pa.array([decimal.Decimal("12.50")], pa.decimal128(9, 2)), 12.5),
    "whole decimal": (pa.array([decimal.Decimal("12")], pa.decimal128(9, 0)), 12),
    "list": (pa.array([[1, None, 3]]), [1, None, 3]),
    "empty list": (pa.array([[]], pa.list_(pa.int64())), []),
    "fixed list": (pa.array([[1, 2]], pa.list_(pa.int64(), 2)), [1, 2]),
    "group": (pa.array([{"a": 1, "b": None}]), {"a": 1}),
    "empty group": (pa.array([{"a": None}], pa.struct([("a", pa.int64())])), {}),
    "absent group": (pa.array([None], pa.struct([("a", pa.int64())])), "absent"),
    "deep": (pa.array([[{"a": [{"b": "c"}, None]}], None]), [{"a": [{"b": "c"}, None]}]),
    "sliced": (pa.array([[{"a": 1}], [{"a": 2}, {"a": None}]]).slice(1), [{"a": 2}, {}]),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_the_json_value_it_stands_for(tmp_path: Path, name: str) -> None:
    cells, value = CELLS[name]
    found = first(tmp_path, id=pa.array(["r"] * len(cells)), x=cells)
    assert found == value and type(found) is type(value)


BAD = {
    "not a number": (pa.array([1.0, float("nan")]), "not_finite"),
    "infinity": (pa.array([1.0, float("inf")]), "not_finite"),
    "beyond 64 bits": (pa.array([1, 2**63], pa.uint64()), "big_integer"),
    "bytes that are no text": (pa.array([b"a", b"caf\xe9"]).view(pa.string()), "utf8"),
    "a long row": (pa.array(["a", "b" * (9 << 20)]), "too_long"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_a_finding_at_its_row_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    cells, kind = BAD[name]
    write(tmp_path, {"id": ["a", "b"], "x": cells})
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 1 and kinds(reading) == {("a.parquet", 2): kind}


UNFIT = {
    "bytes": ({"x": pa.array([b"a"])}, "column"),
    "durations": ({"x": pa.array([1], pa.duration("s"))}, "column"),
    "maps": ({"x": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))}, "column"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_column_without_a_json_form_is_one_finding(tmp_path: Path, name: str) -> None:
    columns, kind = UNFIT[name]
    write(tmp_path, columns)
    assert kinds(rows_of(tmp_path)[1]) == {("a.parquet", 1): kind}


def test_two_columns_of_one_name_are_a_finding(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["id", "id"])
    pq.write_table(table, tmp_path / "a.parquet")
    assert kinds(rows_of(tmp_path)[1]) == {("a.parquet", 1): "duplicate_key"}


@pytest.mark.parametrize("options", [{}, {"compression": "zstd"}, {"row_group_size": 700}, {"use_dictionary": False}])
def test_a_clean_file_is_read_in_silence(tmp_path: Path, options: dict[str, Any]) -> None:
    write(tmp_path, {"id": [f"r{i}" for i in range(2_500)], "n": range(2_500)}, **options)
    manifest = write_manifest(tmp_path, a_contract())
    rows, reading = rows_of(tmp_path, manifest=manifest)
    assert rows == [{"id": f"r{i}", "n": i} for i in range(2_500)]
    assert not reading.counts and not verify_files(tmp_path, manifest)
    assert [entry.records for entry in manifest.files()] == [2_500]


def test_a_table_may_come_as_parquet(tmp_path: Path) -> None:
    write(tmp_path, {"id": ["a"], "langs": [["en", "de"]]}, "people.parquet")
    assert rows_of(tmp_path, "P")[0] == [{"id": "a", "langs": ["en", "de"]}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json.gz"])
def test_a_name_that_hides_parquet_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"id": ["a"]}, name)
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 1 and [one.kind for one in reading.files] == ["extension"]


values = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8"), max_size=6) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["id", "n", "x"]), values, min_size=1), min_size=1, max_size=5))
def test_records_are_the_same_as_json_lines_and_as_parquet(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    """What Arrow can hold at all, that is lists and columns of one type."""
    try:
        table = pa.Table.from_pylist(records, schema=None).select(sorted({key for one in records for key in one}))
    except (pa.ArrowException, KeyError, OverflowError):
        return
    folder = tmp_path_factory.mktemp("twice")
    try:
        pq.write_table(table, folder / "a.parquet")
    except pa.ArrowNotImplementedError:  # a group without fields
        return
    (folder / "b.jsonl").write_text("".join(json.dumps(one) + "\n" for one in table.to_pylist()))
    rows, reading = rows_of(folder)
    assert not reading.counts
    half = len(rows) // 2
    assert rows[:half] == [bare(row) for row in rows[half:]]


def bare(value: Any) -> Any:
    """Without keys whose value is null."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items() if inner is not None}
    return [bare(inner) for inner in value] if isinstance(value, list) else value


# ------------------------------------------------------------------------------------------------- hostile


@pytest.mark.parametrize("cut", [8, 500, -1])
def test_a_cut_file_is_corrupt_and_the_next_one_is_read(tmp_path: Path, cut: int) -> None:
    write(tmp_path, {"id": [f"r{i}" for i in range(200)]})
    write(tmp_path, {"id": ["z"]}, "b.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:cut])
    rows, reading = rows_of(tmp_path)
    assert rows == [{"id": "z"}] and kinds(reading) == {("a.parquet", 1): "corrupt"}


def test_a_file_that_needs_too_much_memory_is_corrupt(tmp_path: Path) -> None:
    """300 MiB of one letter in a few kB; as text and as JSON they are held several times."""
    text = pa.array(["a" * (300 << 20)], pa.large_string())
    write(tmp_path, {"id": text}, compression="zstd", use_dictionary=False)
    assert (tmp_path / "a.parquet").stat().st_size < 1 << 20
    write(tmp_path, {"id": ["z"]}, "b.parquet")
    rows, reading = rows_of(tmp_path)
    assert rows == [{"id": "z"}] and kinds(reading) == {("a.parquet", 1): "corrupt"}


def test_a_word_repeated_without_end_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dictionary makes a million rows of 1 kB cost 5 kB."""
    monkeypatch.setattr(limits, "RATIO_FROM", 4 << 20)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["a" * 1_000]))
    write(tmp_path, {"id": column}, compression="zstd")
    assert rows_of(tmp_path)[1].counts == {"bomb": 1}
    assert not [reader for reader in parquet._readers if reader.busy]


# ------------------------------------------------------------------------------------------------- without the extra


def test_without_the_extra_the_message_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"id": ["a"]})
    manifest = survey(tmp_path, a_contract())
    monkeypatch.setattr(parquet, "is_missing", lambda: True)
    assert not verify_files(tmp_path, manifest)
    with pytest.raises(Refused, match=r"a\.parquet.*\.\[parquet\]"):
        survey(tmp_path, a_contract())
