"""A folder in, a monster of a delivery in it out: few bytes that ask for many, or many things where few are meant."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from benchmarks.packing import jsonl, parquet, tarred, zipped
from examples.support_chat import chats

MIB, GIB = 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Monster:
    """`make` writes it below a folder; a size of 0.01 makes a hundredth of it."""

    name: str
    make: Callable[[Path, float], None]


def one_line(folder: Path, size: float) -> None:
    poured(folder / "part-1.jsonl", b"a" * MIB, int(1024 * size))


def one_text(folder: Path, size: float) -> None:
    """One record whose one text never ends."""
    poured(folder / "part-1.jsonl", b"a" * MIB, int(1024 * size), b'{"id":"', b'"}\n')


def commas(folder: Path, size: float) -> None:
    poured(folder / "part-1.json", b"," * MIB, int(1024 * size), b"[", b"]")


def empty_lines(folder: Path, size: float) -> None:
    poured(folder / "part-1.jsonl", b"\n" * MIB, int(256 * size))


def gzip_bomb(folder: Path, size: float) -> None:
    """One member, as one program would write it."""
    (folder / "part-1.jsonl.gz").write_bytes(deflated(int(10_240 * size)))


def gzip_members(folder: Path, size: float) -> None:
    (folder / "part-1.jsonl.gz").write_bytes(gzip.compress(record_like(64 * MIB)) * int(160 * size))


def zstd_bomb(folder: Path, size: float) -> None:
    (folder / "part-1.jsonl.zst").write_bytes(frames(int(10_240 * size)))


def gzip_in_tar(folder: Path, size: float) -> None:
    (folder / "part-1.tar").write_bytes(tarred({"a.jsonl.gz": deflated(int(10_240 * size))}))


def gzip_in_gzip(folder: Path, size: float) -> None:
    """A bomb in a bomb: each level has an honest ratio of its own."""
    (folder / "part-1.tar.gz").write_bytes(gzip.compress(tarred({"a.jsonl.gz": deflated(int(10_240 * size))})))


def zip_bomb(folder: Path, size: float) -> None:
    with (
        zipfile.ZipFile(folder / "part-1.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.jsonl", "w", force_zip64=True) as member,
    ):
        for _ in range(int(2_560 * size)):
            member.write(record_like(4 * MIB))


def zip_overlapping(folder: Path, size: float) -> None:
    """Members that share bytes, so that few bytes are read again and again: 5,000 names for one body."""
    body = zipped({"0000.jsonl": record_like(2 * MIB)})
    at = body.rindex(b"PK\x01\x02")
    entry, end = body[at : body.rindex(b"PK\x05\x06")], body[body.rindex(b"PK\x05\x06") :]
    count = max(2, int(5_000 * size))
    directory = b"".join(entry.replace(b"0000.jsonl", b"%04d.jsonl" % number) for number in range(count))
    end = end[:8] + struct.pack("<HHII", count, count, len(directory), at) + end[20:]
    (folder / "part-1.zip").write_bytes(body[:at] + directory + end)


def nested(folder: Path, size: float) -> None:
    deep = int(100_000 * size)
    body = b'{"id":' + b"[" * deep + b"]" * deep + b"}\n"
    (folder / "part-1.jsonl").write_bytes(body + body.replace(b"[", b'{"a":').replace(b"]", b"}"))


def many_shards(folder: Path, size: float) -> None:
    row = jsonl(chats.delivery()[:1])
    for number in range(int(100_000 * size)):
        (folder / f"part-{number:06}.jsonl").write_bytes(row)


def many_members(folder: Path, size: float) -> None:
    row = jsonl(chats.delivery()[:1])
    (folder / "part-1.tar").write_bytes(tarred({f"{number:06}.jsonl": row for number in range(int(100_000 * size))}))


def many_attachments(folder: Path, size: float) -> None:
    (folder / "pictures").mkdir()
    for number in range(int(100_000 * size)):
        (folder / "pictures" / f"{number:06}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "part-1.jsonl").write_bytes(jsonl(chats.delivery()[:10]))


def keys(many: int) -> Callable[[Path, float], None]:
    """One object of many keys, where any JSON may stand."""

    def make(folder: Path, size: float) -> None:
        row = chats.delivery()[0]
        row["input"]["data"] = {f"{number:x}": 0 for number in range(int(many * size))}
        (folder / "part-1.jsonl").write_bytes(json.dumps(row, separators=(",", ":")).encode() + b"\n")

    return make


def long_key(folder: Path, size: float) -> None:
    """One key of half a line, and below it as many texts as the other half holds."""
    row = chats.delivery()[0]
    row["input"]["data"] = {"k" * int(4 * MIB * size): ["a@b.co"] * int(400_000 * size)}
    (folder / "part-1.jsonl").write_bytes(json.dumps(row, separators=(",", ":")).encode() + b"\n")


def long_keys(folder: Path, size: float) -> None:
    """Many lines, each of one key, and below it what several clauses object to."""
    with (folder / "part-1.jsonl").open("w") as shard:
        for number in range(int(200 * size)):
            row = chats.delivery()[0] | {"id": f"SC-{number:05}", "k" * 7 * MIB: "mail a@b.co as an AI language model"}
            shard.write(json.dumps(row) + "\n")


def strange_keys(folder: Path, size: float) -> None:
    """As many keys as a line holds, none of which the contract declares."""
    row = chats.delivery()[0] | {f"{number:x}": 0 for number in range(int(800_000 * size))}
    (folder / "part-1.jsonl").write_bytes(json.dumps(row, separators=(",", ":")).encode() + b"\n")


def wide_csv(folder: Path, size: float) -> None:
    (folder / "works.jsonl").unlink()
    names = [f"c{number}" for number in range(int(100_000 * size))]
    row = ",".join("1" for _ in names)
    (folder / "works.csv").write_text("\n".join([",".join(names), *[row] * 100]) + "\n")


def wide_parquet(folder: Path, size: float) -> None:
    names = [f"c{number}" for number in range(int(100_000 * size))]
    (folder / "part-1.parquet").write_bytes(parquet([dict.fromkeys(names, 1)] * 3))


def many_findings(folder: Path, size: float) -> None:
    """Every record is wrong in several fields, and every second line is none."""
    with (folder / "part-1.jsonl").open("w") as shard:
        for number in range(int(100_000 * size)):
            shard.write(json.dumps({"id": number, "input": {"language": 7}, "strange": {"a": number}}) + "\n{\n")


def links(folder: Path, size: float) -> None:
    """Links to their own folder, to each other and out, and a pipe that nobody writes to."""
    (folder / "part-1.jsonl").write_bytes(jsonl(chats.delivery()[:3]))
    for name, target in (
        ("part-2.jsonl", "part-3.jsonl"),
        ("part-3.jsonl", "part-2.jsonl"),
        ("lot-2", "."),
        ("up", ".."),
        ("part-4.jsonl", "/etc/passwd"),
        ("part-5.jsonl", "/dev/zero"),
    ):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "part-6.jsonl")


def long_lines(folder: Path, size: float) -> None:
    """Lines that are each as long as one may be, and so many that they fill a batch."""
    row, whole = chats.delivery()[0], int(200 * size)
    words = " ".join(f"word{number * 7919 % 99_991}" for number in range(700_000))
    with (folder / "part-1.jsonl").open("w") as shard:
        for number in range(whole):
            row["id"] = f"SC-{number:05}"
            row["input"]["data"] = words
            shard.write(json.dumps(row) + "\n")


def text_of(piece: str) -> Callable[[Path, float], None]:
    """One answer of 7 MiB that repeats a piece: food for patterns that go back, and for what compares all with all."""

    def make(folder: Path, size: float) -> None:
        rows = chats.delivery()[:2]
        for message in rows[1]["target"]["messages"]:
            if message["role"] == "assistant":
                message["content"] = piece * int(7 * MIB * size / len(piece.encode())) + "!"
                break
        (folder / "part-1.jsonl").write_bytes(jsonl(rows))

    return make


def long_manifest(folder: Path, size: float) -> None:
    """A list of files that are not there."""
    entry = {"table": "Chat", "records": 1, "bytes": 1, "sha256": "0" * 64}
    entries = [{"path": f"{number}.jsonl", **entry} for number in range(int(400_000 * size))]
    sheet = {"sftspec_manifest": 1, "contract": "support_chat", "lots": [{"lot": 1, "files": entries}]}
    (folder / "manifest.json").write_text(json.dumps(sheet))


def record_like(size: int) -> bytes:
    """Lines that could be records, repeated: packed they are nearly nothing."""
    line = b'{"id":"' + b"a" * 1014 + b'"}\n'
    return line * (size // len(line))


def poured(path: Path, piece: bytes, times: int, before: bytes = b"", after: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(before)
        for _ in range(max(1, times)):
            file.write(piece)
        file.write(after)


def deflated(mebibytes: int) -> bytes:
    """One gzip member of so many MiB: one block, flushed, as often as is needed, with the true checksum behind."""
    piece = record_like(MIB)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    times, check = max(1, mebibytes), 0
    for _ in range(times):
        check = zlib.crc32(piece, check)
    end = struct.pack("<II", check, times * len(piece) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * times + zlib.compressobj(9, zlib.DEFLATED, -15).flush() + end


def frames(mebibytes: int) -> bytes:
    made = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(made, closefd=False) as writer:
        for piece in pieces(mebibytes):
            writer.write(piece)
    return made.getvalue()


def pieces(mebibytes: int) -> Iterator[bytes]:
    piece = record_like(4 * MIB)
    yield from (piece for _ in range(max(1, mebibytes // 4)))


TEXTS = {
    "of one letter": "a",
    "of spaces": " ",
    "of line breaks": "\n",
    "of digits": "4111 1111 ",
    "of at signs": "a@",
    "of addresses": "a.b@c.de ",
    "of fences": "```python\n",
    "of brackets": "[[((",
    "of quotes": "\"'",
    "of base64": "QUtJQUlPU0ZPRE5ON0VYQU1QTEU",
    "of joined emoji": "\U0001f469\u200d",
    "of accents": "e\u0301\u0301",
    "of entities": "&amp;&#38;",
    "of control tokens": "<|end",
    "of sums": "1 + 1 = 2 ",
    "of citations": "[1] [2",
    "of words": "the quick brown ",
    "of Python": "(x for x in y if ",
    "of paths": "/home/a/",
    "of ligatures": "\ufdfa",
    "of JSON": '{"a":[',
    "of thoughts": "<think>",
}
MONSTERS = (
    Monster("1 GiB in a single line", one_line),
    Monster("gzip bomb: 10 GiB in one member", gzip_bomb),
    Monster("100,000 nested arrays, and objects", nested),
    Monster("100,000 tiny shards", many_shards),
    Monster("1,000,000 keys in one object", keys(1_000_000)),
    Monster("800,000 keys in one object", keys(800_000)),
    Monster("100,000 columns of CSV", wide_csv),
    Monster("100,000 columns of Parquet", wide_parquet),
    Monster("100,000 attachments", many_attachments),
    Monster("links in circles, and a pipe", links),
    Monster("zip bomb: 5,000 members that share bytes", zip_overlapping),
    Monster("100,000 members of a tar", many_members),
    Monster("zstd bomb: 10 GiB", zstd_bomb),
    Monster("gzip bomb in tar", gzip_in_tar),
    Monster("1 GiB in one text of one record", one_text),
    Monster("1 GiB of commas in an array", commas),
    Monster("200 lines of 7 MiB", long_lines),
    Monster("100,000 bad records, 100,000 bad lines", many_findings),
    Monster("gzip bomb in tar in gzip", gzip_in_gzip),
    Monster("gzip bomb: 10 GiB in 160 members", gzip_members),
    Monster("zip bomb: 10 GiB in one member", zip_bomb),
    Monster("800,000 keys that nobody declared", strange_keys),
    Monster("400,000 texts below a key of 4 MiB", long_key),
    Monster("200 keys of 7 MiB, and below each a fault", long_keys),
    Monster("a manifest of 400,000 files", long_manifest),
    Monster("268 million empty lines", empty_lines),
    *(Monster(f"7 MiB {name}", text_of(piece)) for name, piece in TEXTS.items()),
)
