"""Archives of shards: members are read in place, named as `part.tar!inner.jsonl:17`; a hostile one is never opened."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from test_delivery import a_contract, kinds, lines_of, rows_of

from acceptance.delivery import evidence, limits
from acceptance.delivery.findings import Reading
from acceptance.delivery.manifest import read_manifest, survey, verify_files, write_manifest
from acceptance.delivery.reader import read
from benchmarks.packing import PACKS, tarred, zipped, zstd
from spec_lang.contract import Contract, FieldDef
from spec_lang.types import File, ListOf, OptionalOf


def put(folder: Path, name: str, body: bytes) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(body)


@pytest.mark.parametrize("name", PACKS)
def test_the_members_of_an_archive_are_shards(tmp_path: Path, name: str) -> None:
    array = b"[" + b",".join(lines_of(3).splitlines()) + b"]"
    long = "d" * 60 + "/" + "x" * 80 + ".jsonl"
    put(tmp_path, name, PACKS[name]({
        "README.md": b"# lot 1", "a.jsonl": lines_of(2_000), "b.json": array, "c.jsonl.gz": gzip.compress(lines_of(2)),
        "d.jsonl.zst": zstd(lines_of(4)), long: lines_of(1), "empty.jsonl": b"",
    }))  # fmt: skip
    manifest = write_manifest(tmp_path, a_contract())
    reading = Reading()
    batches = list(read(tmp_path, read_manifest(tmp_path), a_contract(), "R", reading))
    places = [(origin.file, origin.line) for batch in batches for origin in batch.origins]
    assert [entry.records for entry in manifest.files()] == [len(places)] == [2_010]
    assert places[1_999] == (f"{name}!a.jsonl", 2_000) and places[2_002] == (f"{name}!b.json", 3)
    assert places[-1] == (f"{name}!{long}", 1)
    assert not reading.counts and not verify_files(tmp_path, manifest)


@pytest.mark.parametrize("name", PACKS)
def test_a_bad_line_of_a_member_is_named(tmp_path: Path, name: str) -> None:
    bad = lines_of(3) + b'{"id":"caf\xe9"}\n' + lines_of(1)
    put(tmp_path, name, PACKS[name]({"a.jsonl": lines_of(2), "b.jsonl": bad, "c.jsonl": lines_of(1)}))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 7 and kinds(reading) == {(f"{name}!b.jsonl", 4): "utf8"}


REFUSED_NAMES = {
    "../evil.jsonl": "unsafe_path", "/etc/evil.jsonl": "unsafe_path", "a\\evil.jsonl": "unsafe_path",
    "C:evil.jsonl": "unsafe_path", "a/../../evil.jsonl": "unsafe_path", "a\x1b[2J.jsonl": "unsafe_path",
    "A.jsonl": "name_collision", "inner.tar": "nested", "inner.jsonl.zip": "nested", "inner.tgz": "nested",
    "x.parquet": "nested", "load.py": "file_type", "model.pkl": "file_type",
}  # fmt: skip


@pytest.mark.parametrize("pack", ["part.tar", "part.zip"])
@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_a_member_that_does_not_belong_is_refused_and_the_rest_is_read(tmp_path: Path, pack: str, name: str) -> None:
    put(tmp_path, pack, PACKS[pack]({"a.jsonl": lines_of(2), name: lines_of(5), "z.jsonl": lines_of(3)}))
    manifest = write_manifest(tmp_path, a_contract())
    rows, reading = rows_of(tmp_path, manifest=manifest)
    assert len(rows) == 5 == next(manifest.files()).records
    assert [(one.file, one.kind) for one in reading.files] == [(f"{pack}!{name}", REFUSED_NAMES[name])]
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(["manifest.json", pack])
    table = [row for batch in evidence.files(reading.files, manifest) for row in batch.rows]
    assert len(table) == 1 and table[0]["message"] and table[0]["help"]


@pytest.mark.parametrize("body", [tarred({"a.jsonl": lines_of(1)}), zipped({"a.jsonl": lines_of(1)}), b"PAR1" * 9])
def test_an_archive_that_calls_itself_a_shard_is_refused(tmp_path: Path, body: bytes) -> None:
    put(tmp_path, "part.tar", tarred({"a.jsonl": lines_of(2), "b.jsonl": body, "c.jsonl.gz": gzip.compress(body)}))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 2 and [one.kind for one in reading.files] == ["nested", "nested"]


@pytest.mark.parametrize(
    ("kind", "found"),
    [(tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "link"), (tarfile.CHRTYPE, "special"), (tarfile.FIFOTYPE, "special")],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes, found: str) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in ("a.jsonl", "c.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = len(lines_of(2))
            archive.addfile(member, io.BytesIO(lines_of(2)))
        odd = tarfile.TarInfo("b.jsonl")
        odd.type, odd.linkname = kind, "/etc/passwd"
        archive.addfile(odd)
    put(tmp_path, "part.tar", made.getvalue())
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 4 and [(one.file, one.kind) for one in reading.files] == [("part.tar!b.jsonl", found)]


def test_links_and_locks_in_a_zip_are_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("link.jsonl")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.jsonl", lines_of(2))
    body = bytearray(made.getvalue())
    locked = body.rfind(b"PK\x01\x02")
    body[locked + 8] |= 1
    put(tmp_path, "part.zip", bytes(body))
    rows, reading = rows_of(tmp_path)
    assert not rows and [one.kind for one in reading.files] == ["link", "encrypted"]


def cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "tar cut in a member": ("part.tar", cut(tarred({"a.jsonl": lines_of(9_000)})), "truncated"),
    "tar without its end": ("part.tar", tarred({"a.jsonl": lines_of(1)})[:1024], "truncated"),
    "empty tar file": ("part.tar", b"", "truncated"),
    "text as tar": ("part.tar", lines_of(90), "corrupt"),
    "tar with more behind": ("part.tar", tarred({"a.jsonl": lines_of(1)}) + lines_of(50), "trailing"),
    "tar with a damaged header": ("part.tar", tarred({"a.jsonl": lines_of(1)}).replace(b"ustar", b"vstar"), "corrupt"),
    "tar.gz cut": ("part.tar.gz", cut(gzip.compress(tarred({"a.jsonl": lines_of(90_000)}))), "truncated"),
    "zip cut": ("part.zip", cut(zipped({"a.jsonl": lines_of(9_000)})), "truncated"),
    "zip with text before": ("part.zip", b"#!/bin/sh\n" + zipped({"a.jsonl": lines_of(1)}), "corrupt"),
    "zip with text behind": ("part.zip", zipped({"a.jsonl": lines_of(1)}) + b"x", "corrupt"),
    "zip in gzip": ("part.zip.gz", gzip.compress(zipped({"a.jsonl": lines_of(1)})), "nested"),
    "pointer": ("part.tar.zst", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "lfs_pointer"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_archive_is_one_finding(tmp_path: Path, name: str) -> None:
    file, body, kind = BROKEN[name]
    put(tmp_path, file, body)
    manifest = write_manifest(tmp_path, a_contract())
    _, reading = rows_of(tmp_path, manifest=manifest)
    assert [finding.kind for finding in reading.findings] == [kind]
    assert sum(len(batch) for batch in evidence.lines(reading)) == reading.rows("R") + 1
    assert not verify_files(tmp_path, manifest)


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    body = zipped({"a.jsonl": lines_of(90), "b.jsonl": lines_of(80)})
    first = body.find(b"PK\x01\x02")
    second = body.rfind(b"PK\x01\x02")
    overlapping = body[:second] + body[first : first + 46] + b"b.jsonl" + body[second + 53 :]
    put(tmp_path, "part.zip", overlapping)
    assert rows_of(tmp_path)[1].counts == {"bomb": 1}


def test_a_member_must_be_what_the_directory_says(tmp_path: Path) -> None:
    good = zipped({"a.jsonl": lines_of(90), "b.jsonl": lines_of(80)})
    crc = struct.pack("<L", zlib.crc32(lines_of(90)))
    put(tmp_path, "crc.zip", good.replace(crc, b"\0\0\0\0"))
    put(tmp_path, "name.zip", good.replace(b"a.jsonl", b"x.jsonl", 1))
    rows, reading = rows_of(tmp_path)
    assert kinds(reading) == {("crc.zip!a.jsonl", 91): "corrupt", ("name.zip!a.jsonl", 1): "corrupt"}
    assert len(rows) == 90 + 80 + 80


@pytest.mark.parametrize("name", ["part.zip", "part.tar.gz", "part.tar.zst"])
@pytest.mark.parametrize("inner", ["a.jsonl", "a.jsonl.gz"])
def test_a_bomb_is_stopped_on_any_level(tmp_path: Path, name: str, inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATIO_FROM", 4 << 20)
    body = b" " * (32 << 20)
    put(tmp_path, name, PACKS[name]({inner: gzip.compress(body) if inner.endswith("gz") else body}))
    rows, reading = rows_of(tmp_path)
    assert not rows and reading.counts == {"bomb": 1}


def test_too_many_members_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMBERS", 20)
    files = {f"{number}.jsonl": lines_of(1) for number in range(30)}
    put(tmp_path, "a.tar", tarred(files))
    put(tmp_path, "b.zip", zipped(files))
    rows, reading = rows_of(tmp_path)
    assert len(rows) == 20 and kinds(reading) == {("a.tar", 0): "too_many", ("b.zip", 0): "too_many"}


def test_a_huge_header_of_a_tar_is_not_held(tmp_path: Path) -> None:
    member = tarfile.TarInfo("long")
    member.type, member.size = tarfile.XHDTYPE, 1 << 40
    put(tmp_path, "part.tar", member.tobuf() + b"x" * 5_000)
    assert kinds(rows_of(tmp_path)[1]) == {("part.tar", 0): "corrupt"}


def test_where_the_contract_names_files_archives_are_attachments(tmp_path: Path) -> None:
    put(tmp_path, "part.tar", tarred({"a.jsonl": lines_of(2)}))
    plain = a_contract()
    for type_ in (File(), ListOf(item=OptionalOf(item=File(media=("image/png", "application/zip"))))):
        shape = plain.shapes[0].model_copy(update={"fields": (FieldDef(name="snapshot", type=type_),)})
        contract: Contract = plain.model_copy(update={"shapes": (shape, *plain.shapes[1:])})
        assert [entry.table for entry in survey(tmp_path, contract).files()] == [""]
    shape = plain.shapes[0].model_copy(update={"fields": (FieldDef(name="picture", type=File(media=("image/png",))),)})
    for contract in (plain, plain.model_copy(update={"shapes": (shape, *plain.shapes[1:])})):
        assert [entry.table for entry in survey(tmp_path, contract).files()] == ["R"]
