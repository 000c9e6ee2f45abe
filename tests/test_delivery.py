"""Hostile deliveries: each planted defect of bytes, JSON, archives, files is named with its place; nothing raises."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.delivery import csvtable, evidence, limits, shards, structure
from acceptance.delivery.findings import Reading
from acceptance.delivery.inventory import lots_in_order
from acceptance.delivery.manifest import (
    BadManifest,
    Manifest,
    digest,
    lots,
    read_manifest,
    survey,
    verify_files,
    write_manifest,
)
from acceptance.delivery.reader import read
from acceptance.errors import Refused
from spec_lang.contract import Contract, FieldDef, Shape, TableDef
from spec_lang.types import BOOL, DATE, INT, NUMBER, TEXT, ListOf, OptionalOf, RecordOf

REAL = Path(os.environ.get("SFTSPEC_REAL_DATA") or "absent")


def a_contract() -> Contract:
    record = Shape(name="R", fields=(FieldDef(name="id", type=TEXT), FieldDef(name="n", type=OptionalOf(item=INT))))
    people = (
        FieldDef(name="id", type=TEXT),
        FieldDef(name="age", type=OptionalOf(item=INT)),
        FieldDef(name="score", type=OptionalOf(item=NUMBER)),
        FieldDef(name="active", type=OptionalOf(item=BOOL)),
        FieldDef(name="since", type=OptionalOf(item=DATE)),
        FieldDef(name="langs", type=OptionalOf(item=ListOf(item=TEXT))),
    )
    return Contract(
        name="c", version="1", buyer="b", vendor="v", record="R",
        tables=(TableDef(name="R", shape="R"), TableDef(name="P", shape="P", file="people.csv")),
        shapes=(record, Shape(name="P", fields=people)), clauses=(),
    )  # fmt: skip


def lines_of(count: int) -> bytes:
    return b"".join(json.dumps({"id": f"r{i}", "n": i}).encode() + b"\n" for i in range(count))


def rows_of(folder: Path, table: str = "R", manifest: Manifest | None = None) -> tuple[list[Any], Reading]:
    reading = Reading()
    manifest = manifest or survey(folder, a_contract())
    batches = list(read(folder, manifest, a_contract(), table, reading))
    starts = [batch.start for batch in batches]
    assert starts == [sum(len(b) for b in batches[:i]) for i in range(len(batches))]
    return [row for batch in batches for row in batch.rows], reading


def kinds(reading: Reading) -> dict[tuple[str, int], str]:
    return {(finding.file, finding.line): finding.kind for finding in reading.findings}


# ------------------------------------------------------------------------------------------------- clean twins


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.json", "a.json.gz"])
def test_a_clean_shard_is_read_in_silence(tmp_path: Path, name: str) -> None:
    data = lines_of(2_500)
    if ".json" in name and ".jsonl" not in name:
        data = b"[\n " + b",\n ".join(data.splitlines()) + b"\n]\n"
    (tmp_path / name).write_bytes(pack(name, data))
    manifest = write_manifest(tmp_path, a_contract())
    rows, reading = rows_of(tmp_path, manifest=read_manifest(tmp_path))
    assert len(rows) == 2_500 and rows[-1] == {"id": "r2499", "n": 2499}
    assert not reading.counts and not verify_files(tmp_path, manifest)
    assert [entry.records for entry in manifest.files()] == [2_500]


def pack(name: str, data: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(data)
    return zstandard.ZstdCompressor().compress(data) if name.endswith(".zst") else data


def test_unusual_but_legal_json_is_silent(tmp_path: Path) -> None:
    deep = b"[" * 62 + b"]" * 62
    (tmp_path / "a.jsonl").write_bytes(
        b'{"id":"\\ud83d\\ude00","n":9223372036854775807}\n'
        b'  {"id" : "tab\\tand \\\\" , "n" : -1.5e3}\t\n'
        b'{"id":"[[[[{{{{","x":' + deep + b"}\n"
        b'{"id":"Ni\xc3\xb1o"}'
    )
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 4 and not reading.findings


def test_several_members_and_frames_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines_of(3)) + gzip.compress(lines_of(2)))
    compress = zstandard.ZstdCompressor(write_checksum=True).compress
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    (tmp_path / "b.jsonl.zst").write_bytes(compress(lines_of(3)) + skippable + compress(lines_of(2)))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 10 and not reading.counts


# ------------------------------------------------------------------------------------------------- one bad line

BAD_LINES: dict[str, tuple[bytes, str]] = {
    "Latin-1": (b'{"id":"caf\xe9"}', "utf8"),
    "CESU-8": (b'{"id":"\xed\xa0\xbd\xed\xb8\x80"}', "surrogate"),
    "lone surrogate": (b'{"id":"\\ud83d"}', "surrogate"),
    "lone surrogate in a key": (b'{"\\uDC00":1}', "surrogate"),
    "BOM": (b'\xef\xbb\xbf{"id":"a"}', "bom"),
    "NUL": (b'{"id":"a\x00b"}', "nul"),
    "raw control byte": (b'{"id":"a\x1bb"}', "syntax"),
    "raw tab in a string": (b'{"id":"a\tb"}', "syntax"),
    "illegal escape": (b'{"id":"\\d{2}"}', "syntax"),
    "duplicate key": (b'{"id":"a","id":"b"}', "duplicate_key"),
    "duplicate key inside": (b'{"id":"a","m":[{"role":"user","role":"assistant"}]}', "duplicate_key"),
    "NaN": (b'{"id":NaN}', "not_finite"),
    "Infinity": (b'{"id":-Infinity}', "not_finite"),
    "1e999": (b'{"id":1e999}', "not_finite"),
    "big integer": (b'{"id":9223372036854775808}', "big_integer"),
    "5,000 digits": (b'{"id":' + b"1" * 5_000 + b"}", "big_integer"),
    "long float": (b'{"id":0.' + b"1" * 5_000 + b"}", "big_integer"),
    "depth": (b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "depth"),
    "depth, never closed": (b'{"a":' * 70_000, "depth"),
    "array row": (b"[1,2]", "not_object"),
    "text row": (b'"hello"', "not_object"),
    "blank": (b"", "blank"),
    "comment": (b"// note", "comment"),
    "two records": (b'{"id":"a"}{"id":"b"}', "syntax"),
    "single quotes": (b"{'id':'a'}", "syntax"),
    "trailing comma": (b'{"id":"a",}', "syntax"),
    "cut off": (b'{"id":"a', "syntax"),
    "too long": (b'{"id":"' + b"a" * (8 << 20) + b'"}', "too_long"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    bad, kind = BAD_LINES[name]
    (tmp_path / "a.jsonl").write_bytes(lines_of(3) + bad + b"\n" + lines_of(2))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 5
    assert kinds(reading) == {("a.jsonl", 4): kind}
    finding = reading.findings[0]
    assert finding.message and finding.help and finding.table == "R"
    marked = [(o.file, o.line) for b in evidence.lines(reading) for r, o in zip(b.rows, b.origins, strict=True) if r]
    assert marked == [("a.jsonl", 4)] and sum(len(b) for b in evidence.lines(reading)) == 6


def test_a_mark_at_the_start_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + lines_of(3))
    assert kinds(rows_of(tmp_path)[1]) == {("a.jsonl", 1): "bom"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_one_finding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines_of(30).decode().encode(encoding))
    rows, reading = rows_of(tmp_path)
    assert not rows and kinds(reading) == {("a.jsonl", 1): "utf16"}


def test_separators_warn_but_never_split(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"id":"a\u2028b\u2029c\x85d"}\n'.encode())
    rows, reading = rows_of(tmp_path)
    assert rows == [{"id": "a\u2028b\u2029c\x85d"}]
    assert reading.counts == {"separator": 3} and len(evidence.warnings(reading)) == 3
    assert all(not row for batch in evidence.lines(reading) for row in batch.rows)


def test_mixed_line_endings_warn_once_at_the_first_change(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines_of(3) + lines_of(2).replace(b"\n", b"\r\n"))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 5 and kinds(reading) == {("a.jsonl", 4): "line_endings"}


def test_elements_of_an_array_are_judged_one_by_one(tmp_path: Path) -> None:
    good = b'{"id":"a, ] \\" \\\\","n":[1,{"x":2}]}'
    (tmp_path / "a.json").write_bytes(b"[" + good + b',{"id":NaN}, 7 ,' + good + b"]")
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 2
    assert kinds(reading) == {("a.json", 2): "not_finite", ("a.json", 3): "not_object"}


@pytest.mark.parametrize(
    ("data", "kind", "line"),
    [(b'[{"id":"a"}', "truncated", 1), (b'[{"id":"a"}]{"id":"b"}', "trailing", 2), (b'[{"id":"a"},]', "blank", 2)],
)
def test_an_array_ends_as_it_should(tmp_path: Path, data: bytes, kind: str, line: int) -> None:
    (tmp_path / "a.json").write_bytes(data)
    assert kinds(rows_of(tmp_path)[1]) == {("a.json", line): kind}


ONE = b'{\n "id": "a",\n "n": 1\n}\n'


@pytest.mark.parametrize("name", ["a.json", "a.traj", "a.traj.gz"])
def test_one_object_over_many_lines_is_one_record(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(pack(name, ONE))
    manifest = write_manifest(tmp_path, a_contract())
    rows, reading = rows_of(tmp_path)
    assert rows == [{"id": "a", "n": 1}] and not reading.counts and not reading.files
    assert [entry.records for entry in manifest.files()] == [1]


def test_one_object_in_one_line_is_no_lie(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"id": "a", "n": 1}\n')
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 1 and not reading.files


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ONE[:-3], "syntax"),
        (ONE + ONE, "syntax"),
        (b"\xef\xbb\xbf" + ONE, "bom"),
        (ONE.replace(b'"n"', b'"id"'), "duplicate_key"),
        (b"{\n" + b'"a": {' * 70 + b"}" * 71, "depth"),
        (b"{\n" + b" " * (8 << 20) + b"}", "too_long"),
    ],
)
def test_one_object_is_read_as_strictly_as_a_line(tmp_path: Path, data: bytes, kind: str) -> None:
    (tmp_path / "a.traj").write_bytes(data)
    rows, reading = rows_of(tmp_path)
    assert not rows and kinds(reading) == {("a.traj", 1): kind}


def test_a_brace_alone_costs_json_lines_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{\n" + lines_of(3))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 3 and kinds(reading) == {("a.jsonl", 1): "syntax"}


# ------------------------------------------------------------------------------------------------- whole files


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_truncated_archive_is_read_up_to_the_break(tmp_path: Path, name: str) -> None:
    data = b"".join(json.dumps({"id": os.urandom(40).hex()}).encode() + b"\n" for _ in range(5_000))
    (tmp_path / name).write_bytes(pack(name, data)[:-2_000])
    rows, reading = rows_of(tmp_path)
    assert 1_000 < len(rows) < 5_000
    assert reading.counts["truncated"] == 1 and reading.findings[-1].line == len(rows) + 1


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_damaged_archive_is_named(tmp_path: Path, name: str) -> None:
    data = bytearray(pack(name, lines_of(5_000)))
    data[40:60] = b"\xff" * 20
    (tmp_path / name).write_bytes(data)
    assert {"corrupt", "truncated"} & set(rows_of(tmp_path)[1].counts)


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_a_bomb_is_stopped(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATIO_FROM", 4 << 20)
    (tmp_path / name).write_bytes(pack(name, b" " * (32 << 20)))
    rows, reading = rows_of(tmp_path)
    assert not rows and reading.counts == {"bomb": 1}


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    assert kinds(rows_of(tmp_path)[1]) == {("a.jsonl.gz", 1): "lfs_pointer"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", lines_of(2)),
        ("a.jsonl", b'[{"id":"a"},{"id":"b"}]'),
        ("a.jsonl.gz", lines_of(2)),
        ("a.jsonl", gzip.compress(lines_of(2), mtime=0)),
        ("a.jsonl.gz", pack("a.zst", lines_of(2))),
    ],
)
def test_a_name_that_lies_is_named_and_still_read(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 2 and [finding.kind for finding in reading.files] == ["extension"]


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=300),
    name=st.sampled_from(["a.jsonl", "a.json", "a.traj", "people.csv", "a.jsonl.gz", "a.jsonl.zst"]),
)
def test_arbitrary_bytes_give_findings_never_an_exception(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(data)
    manifest = survey(folder, a_contract())
    for table in ("R", "P"):
        _, reading = rows_of(folder, table, manifest)
        assert sum(len(batch) for batch in evidence.lines(reading)) == reading.rows(table) + sum(reading.bad.values())
    assert not verify_files(folder, manifest)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=5), lambda x: st.lists(x, max_size=3), max_leaves=12)
)
def test_depth_and_elements_equal_a_slow_reference(value: Any) -> None:
    def depth(inner: Any) -> int:
        return 1 + max(map(depth, inner), default=0) if isinstance(inner, list) else 0

    text = json.dumps([value, value], ensure_ascii=False).encode()
    assert structure.depth(text) == depth([value, value])
    for size in (1, 2, 3, 7, 1_000):
        chunks = [text[i : i + size] for i in range(0, len(text), size)]
        assert [json.loads(raw or b"0") for raw in structure.elements(chunks, 10_000)] == [value, value]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=6).filter(lambda line: b"\n" not in line), max_size=6), st.integers(1, 9))
def test_lines_do_not_depend_on_chunks(lines: list[bytes], size: int) -> None:
    data = b"\n".join(lines)
    chunks = iter([data[i : i + size] for i in range(0, len(data), size)])
    expected = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    assert [line and line.removesuffix(b"\r") for line in shards.lines(chunks)] == (
        expected[:-1] if data.endswith(b"\n") or not data else expected
    )


def test_findings_are_bounded_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"x\n" * 20_000)
    reading = rows_of(tmp_path)[1]
    assert reading.counts == {"syntax": 20_000} and len(reading.findings) == 200
    assert sum(bool(row) for batch in evidence.lines(reading) for row in batch.rows) == 20_000


# ------------------------------------------------------------------------------------------------- CSV


def people(folder: Path, data: str) -> tuple[list[Any], Reading]:
    (folder / "people.csv").write_bytes(data.encode())
    return rows_of(folder, "P")


def test_cells_become_values_of_their_types(tmp_path: Path) -> None:
    rows, reading = people(
        tmp_path, 'id,age,score,active,since\r\n"a, ""b""",7,1.5,true,2026-12-01\r\n"two\nlines",x,,false,\r\n'
    )
    assert rows[0] == {"id": 'a, "b"', "age": 7, "score": 1.5, "active": True, "since": "2026-12-01"}
    assert rows[1] == {"id": "two\nlines", "age": "x", "active": False}
    assert reading.counts.total() <= 1  # the line feed inside the quotes


@pytest.mark.parametrize(
    ("data", "kind", "line"),
    [
        ("id,age\na,1,2\n", "cells", 2),
        ("age\n1\n", "header", 1),
        ("id,id\n1,2\n", "header", 1),
        ("id,shoe\n1,2\n", "header", 1),
        ("id,langs\na,en;de\n", "list_cell", 2),
        ('id,age\n"a,1\nb,2\n', "syntax", 2),
        ('id,age\n"a"x,1\n', "syntax", 2),
        ("id\na\n\nb\n", "blank", 3),
        ("\ufeffid\na\n", "bom", 1),
        ("id\na\x1b[31m\n", "control", 2),
    ],
)
def test_a_bad_csv_line_is_named(tmp_path: Path, data: str, kind: str, line: int) -> None:
    assert kinds(people(tmp_path, data)[1]) == {("people.csv", line): kind}


def test_a_header_of_a_record_with_groups_is_told_to_be_json_lines() -> None:
    """Naming the columns would not help: no cell holds a group."""
    grouped = (FieldDef(name="id", type=TEXT), FieldDef(name="input", type=RecordOf(name="R.input")))
    found = csvtable.header(["id", "text"], Shape(name="R", fields=grouped))
    assert found is not None
    assert found.help == "send JSON Lines: a CSV cell cannot hold a list or a group, such as input"


# ------------------------------------------------------------------------------------------------- the folder


def test_tables_lots_and_attachments_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "lot-2").mkdir()
    for name in ("part-01.jsonl", "people.csv", "README.md", "lot-2/part-02.jsonl", "lot-2/people.csv"):
        (tmp_path / name).write_text(f"id\n{name}\n" if name.endswith("csv") else json.dumps({"id": name}))
    manifest = write_manifest(tmp_path, a_contract())
    assert [(lot.lot, [(e.path, e.table, e.records) for e in lot.files]) for lot in manifest.lots] == [
        (1, [("README.md", "", 0), ("part-01.jsonl", "R", 1), ("people.csv", "P", 1)]),
        (2, [("lot-2/part-02.jsonl", "R", 1), ("lot-2/people.csv", "P", 1)]),
    ]
    batches = list(read(tmp_path, manifest, a_contract(), "R", Reading()))
    assert [(o.file, o.line, o.lot) for b in batches for o in b.origins] == [
        ("part-01.jsonl", 1, 1), ("lot-2/part-02.jsonl", 1, 2)]  # fmt: skip
    assert verify_files(tmp_path, read_manifest(tmp_path)) == [] and len(digest(tmp_path)) == 64


def found(folder: Path, manifest: Manifest | None = None) -> set[tuple[str, str]]:
    return {(finding.file, finding.kind) for finding in verify_files(folder, manifest or read_manifest(folder))}


def delivered(folder: Path) -> Manifest:
    (folder / "a.jsonl").write_bytes(lines_of(3))
    (folder / "b.jsonl").write_bytes(lines_of(4))
    return write_manifest(folder, a_contract())


def test_changed_missing_and_extra_files_are_named(tmp_path: Path) -> None:
    delivered(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(lines_of(2))
    (tmp_path / "b.jsonl").unlink()
    (tmp_path / "c.jsonl").write_bytes(b"")
    assert found(tmp_path) == {
        ("a.jsonl", "size"), ("a.jsonl", "count"), ("b.jsonl", "missing"), ("c.jsonl", "extra"),
    }  # fmt: skip


def test_content_changed_within_its_size_is_named(tmp_path: Path) -> None:
    delivered(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(lines_of(3).replace(b"r1", b"r9"))
    assert found(tmp_path) == {("a.jsonl", "sha256")}


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "a/../b.jsonl", "C:\\x", "a\nb", "./a.jsonl", "a//b", ""]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    entry = next(delivered(tmp_path).files()).model_dump()
    raw = {"sftspec_manifest": 1, "contract": "c", "lots": [{"lot": 1, "files": [{**entry, "path": path}]}]}
    (tmp_path / "manifest.json").write_text(json.dumps(raw))
    assert (path, "unsafe_path") in found(tmp_path)
    assert rows_of(tmp_path, manifest=read_manifest(tmp_path))[0] == []


def test_links_and_special_files_are_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.jsonl").write_bytes(lines_of(9))
    folder = tmp_path / "delivery"
    folder.mkdir()
    manifest = delivered(folder)
    (folder / "a.jsonl").unlink()
    (folder / "a.jsonl").symlink_to(outside / "x.jsonl")
    (folder / "sub").symlink_to(outside)
    os.mkfifo(folder / "pipe.jsonl")
    entry = next(manifest.files()).model_copy(update={"path": "sub/x.jsonl"})
    lots = (manifest.lots[0].model_copy(update={"files": (*manifest.lots[0].files, entry)}),)
    manifest = manifest.model_copy(update={"lots": lots})
    assert {("a.jsonl", "link"), ("sub", "link"), ("pipe.jsonl", "special"), ("sub/x.jsonl", "unreadable")} <= found(
        folder, manifest
    )
    assert len(rows_of(folder, manifest=manifest)[0]) == 4  # b.jsonl only
    assert [e.path for e in survey(folder, a_contract()).files()] == ["b.jsonl"]


@pytest.mark.parametrize(
    "name", ["model.pkl", "loader.py", "lib.so", "run.sh", "a.rar", "a.7z", "x.jinja", ".DS_Store"]
)
def test_a_file_type_that_does_not_belong_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    delivered(tmp_path)
    assert found(tmp_path) == {(name, "extra"), (name, "file_type")}


def test_colliding_names_and_a_shard_sent_twice_are_named(tmp_path: Path) -> None:
    delivered(tmp_path)
    (tmp_path / "A.jsonl").write_bytes(lines_of(3))
    write_manifest(tmp_path, a_contract())
    assert found(tmp_path) == {("a.jsonl", "name_collision"), ("a.jsonl", "same_content")}


def test_a_name_in_another_encoding_of_accents_collides(tmp_path: Path) -> None:
    delivered(tmp_path)
    for name in ("Ni\u00f1o.jsonl", "nin\u0303o.jsonl"):
        (tmp_path / name).write_bytes(json.dumps({"id": name}).encode())
    write_manifest(tmp_path, a_contract())
    assert found(tmp_path) == {("nin\u0303o.jsonl", "name_collision")} or found(tmp_path) == {
        ("Ni\u00f1o.jsonl", "name_collision")
    }


def test_a_name_that_is_not_utf8_is_shown_and_never_opened(tmp_path: Path) -> None:
    delivered(tmp_path)
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.jsonl")).write_bytes(lines_of(9))
    assert found(tmp_path) == {("caf\\xe9.jsonl", "extra")}
    assert {entry.path for entry in survey(tmp_path, a_contract()).files()} == {"a.jsonl", "b.jsonl"}


def test_a_hard_link_is_judged_as_what_it_is_a_shard_sent_twice(tmp_path: Path) -> None:
    delivered(tmp_path)
    os.link(tmp_path / "a.jsonl", tmp_path / "c.jsonl")
    write_manifest(tmp_path, a_contract())
    assert found(tmp_path) == {("c.jsonl", "same_content")}


def test_too_many_files_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = delivered(tmp_path)
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    for judge in (lambda: survey(tmp_path, a_contract()), lambda: verify_files(tmp_path, manifest)):
        with pytest.raises(Refused, match="more than 2 files and folders"):
            judge()


BAD_MANIFESTS = [
    b"", b"[]", b"{", b'{"sftspec_manifest":2,"contract":"c","lots":[]}', b'{"sftspec_manifest":1,"contract":"c"}',
    b'{"sftspec_manifest":1,"contract":"c","lots":[],"x":1}', b'{"contract":"a","contract":"b","lots":[]}',
    b'{"sftspec_manifest":1,"contract":"c","lots":[{"lot":2,"files":[]},{"lot":1,"files":[]}]}',
    b'{"sftspec_manifest":1,"contract":"c","lots":[{"lot":1,"files":[{"path":"a","table":"R","records":-1}]}]}',
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD_MANIFESTS)
def test_a_manifest_is_read_strictly(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(raw)
    with pytest.raises(BadManifest, match=r"manifest\.json.*write the manifest anew"):
        read_manifest(tmp_path)


def test_a_delivery_without_a_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match=r"no manifest\.json"):
        read_manifest(tmp_path)


def test_writing_a_manifest_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "manifest.json").symlink_to(target)
    delivered(folder)
    assert target.read_text() == "precious" and not (folder / "manifest.json").is_symlink()


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason="published data is not here")
@pytest.mark.parametrize(
    ("name", "rows", "lies"),
    [
        ("gsm8k_train.jsonl", 7_473, 0), ("HumanEval.jsonl.gz", 164, 0), ("BFCL_v4_simple_python.json", 400, 1),
        ("tau_bench_gpt-4o-airline.json", 200, 0), ("toolformer_dedupe_only.json", 7_673, 0),
    ],
)  # fmt: skip
def test_published_files_are_read_whole(tmp_path: Path, name: str, rows: int, lies: int) -> None:
    (tmp_path / name).write_bytes((REAL / name).read_bytes())
    read_rows, reading = rows_of(tmp_path)
    assert len(read_rows) == rows and not reading.findings and len(reading.files) == lies


def test_the_page_on_deliveries_names_every_limit_as_it_is() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "deliveries.md").read_text("utf-8")
    units = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    listed = re.findall(r"^\| `([A-Z_]+)` \| ([0-9,]+) ?(\w*) \|", page, re.M)
    stated = {name: int(number.replace(",", "")) * units[unit] for name, number, unit in listed}
    ours = {"CHUNK", "MAX_SILENCE"}
    assert stated == {name: value for name, value in vars(limits).items() if name.isupper() and name not in ours}


@pytest.mark.parametrize(
    ("folders", "objected"),
    [
        ((1, 2, 3), []),
        ((1,), []),
        ((1, 2, 6), [("lot-6/part.jsonl", "lot 6, but 3 lots are agreed")]),
        ((1, 3), [("lot-2", "lot 2 holds no records, and lot 3 is here")]),
        ((2,), [("lot-1", "lot 1 holds no records, and lot 2 is here")]),
    ],
)
def test_the_lots_are_those_agreed_on_and_come_in_order(
    folders: tuple[int, ...], objected: list[tuple[str, str]], tmp_path: Path
) -> None:
    for number in folders:
        (tmp_path / f"lot-{number}").mkdir()
        (tmp_path / f"lot-{number}" / "part.jsonl").write_text(f'{{"id": "{number}"}}\n')
    numbers = lots(survey(tmp_path, a_contract()), "R")
    assert [(one.file, one.message) for one in lots_in_order(numbers, 3)] == objected
