"""A file of a delivery to the bytes of its entries: decompressed, cut into lines or array elements, within limits."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

import zstandard

from acceptance.delivery import structure
from acceptance.delivery.findings import Problem

CHUNK = 1 << 20
MAX_LINE = 8 << 20
"""Bytes of one line, array element or CSV row."""
MAX_RATIO = 200
"""Decompressed to compressed size, beyond the first RATIO_FROM bytes; real text stays far below."""
RATIO_FROM = 64 << 20
MAX_FILE = 64 << 30
"""Decompressed bytes of one file."""

GZIP, ZSTD, LFS = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"version https://git-lfs"

TOO_LONG = Problem("too_long", "longer than 8 MiB", "split or shorten the record")
TRUNCATED = Problem("truncated", "the compressed file breaks off", "compress and send the file again")
CORRUPT = Problem("corrupt", "the compressed file is damaged", "compress and send the file again")
BOMB = Problem("bomb", "the file unpacks to far more than it holds; reading stopped", "send it less compressed")
POINTER = Problem("lfs_pointer", "a Git LFS pointer stands in place of the data", "run `git lfs pull`, then send")
UNCLOSED = Problem("truncated", "the JSON array breaks off before its `]`", "send the whole file again")
TRAILING = Problem("trailing", "more follows behind the JSON array", "send one array, or one record per line")


class Broken(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class Shard:
    """One open file: what its first bytes show it to be, and its entries, once."""

    file: BinaryIO
    lies: str = ""
    """How the content differs from what the name's ending says; empty where it does not. Set by `sniff`."""
    layout: str = ""
    """`array` or `lines`, once it is known."""
    endings: dict[str, int] = field(default_factory=dict)
    """First line of each kind of line ending met (`LF`, `CRLF`)."""

    def sniff(self, name: str) -> Iterator[bytes]:
        """The decompressed chunks of the file. Raises Broken, also while they are read."""
        magic = self.file.read(len(LFS))
        self.file.seek(0)
        if magic == LFS:
            raise Broken(POINTER)
        found = ".gz" if magic.startswith(GZIP) else ".zst" if magic.startswith(ZSTD) else ""
        named = next((ending for ending in (".gz", ".zst") if name.lower().endswith(ending)), "")
        if found != named:
            self.lies = f"the content is {_compression(found)}, the name says {_compression(named)}"
        return {".gz": gunzip, ".zst": unzstd, "": _plain}[found](self.file)

    def lines(self, chunks: Iterator[bytes]) -> Iterator[bytes | None]:
        """Lines without their ending, split at LF only; None for one that is too long."""
        for number, line in enumerate(_lines(chunks), 1):
            if line is not None and line.endswith(b"\r"):
                self.endings.setdefault("CRLF", number)
                yield line[:-1]
            else:
                self.endings.setdefault("LF", number)
                yield line


def peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first two bytes that are not white space (near the start), and all chunks again."""
    first = next(chunks, b"")
    return b"".join(first[:4096].split())[:2], chain((first,), chunks)


def is_array(start: bytes) -> bool:
    """Whether a file that starts like this is one JSON array of records, rather than a record per line."""
    return start in (b"[{", b"[]", b"[")


def elements(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """The elements of a file that is one JSON array. Raises Broken."""
    try:
        yield from structure.elements(chunks, MAX_LINE)
    except structure.Unclosed as error:
        raise Broken(UNCLOSED if str(error) == "unclosed" else TRAILING) from None


def _compression(ending: str) -> str:
    return {".gz": "gzip", ".zst": "zstd", "": "uncompressed"}[ending]


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    rest = bytearray()
    for chunk in chunks:
        first, *more = chunk.split(b"\n")
        rest += first[: max(0, MAX_LINE + 1 - len(rest))]
        if more:
            yield bytes(rest) if len(rest) <= MAX_LINE else None
            yield from more[:-1]
            rest = bytearray(more[-1])
    if rest:
        yield bytes(rest) if len(rest) <= MAX_LINE else None


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _within_limits(made: int, file: BinaryIO) -> int:
    if made > MAX_FILE or (made > RATIO_FROM and made > MAX_RATIO * max(1, file.tell())):
        raise Broken(BOMB)
    return made


def gunzip(file: BinaryIO) -> Iterator[bytes]:
    """All members of a gzip file, in chunks of bounded size. Raises Broken."""
    made, data = 0, file.read(1 << 15)
    while data:
        member = zlib.decompressobj(31)
        while not member.eof:
            if not data:
                raise Broken(TRUNCATED)
            try:
                chunk = member.decompress(data, CHUNK)
            except zlib.error:
                raise Broken(CORRUPT) from None
            made = _within_limits(made + len(chunk), file)
            if chunk:
                yield chunk
            data = member.unconsumed_tail or (b"" if member.eof else file.read(1 << 15))
        data = (member.unused_data or file.read(1 << 15)).lstrip(b"\0") or file.read(1 << 15)


def unzstd(file: BinaryIO) -> Iterator[bytes]:
    """All frames of a zstd file, in chunks of bounded size. Raises Broken."""
    whole = frames_are_whole(file)
    file.seek(0)
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        file, read_across_frames=True, closefd=False
    )
    made = 0
    try:
        while chunk := reader.read(CHUNK):
            made = _within_limits(made + len(chunk), file)
            yield chunk
    except zstandard.ZstdError:
        raise Broken(CORRUPT if whole else TRUNCATED) from None
    if not whole:  # the library ends silently where a frame breaks off
        raise Broken(TRUNCATED)


def frames_are_whole(file: BinaryIO) -> bool:
    """Whether every zstd frame of the file ends with its last block and checksum (RFC 8878, section 3.1)."""
    size = file.seek(0, 2)
    file.seek(0)
    while file.tell() < size:
        head = file.read(5)
        if len(head) < 5:
            return False
        if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # skippable frame
            file.seek(-1, 1)
            file.seek(int.from_bytes(file.read(4), "little"), 1)
            continue
        flags = head[4]
        single = flags >> 5 & 1
        file.seek((0, 1, 2, 4)[flags & 3] + (1 - single) + (single, 2, 4, 8)[flags >> 6], 1)
        last = False
        while not last:
            block = file.read(3)
            if len(block) < 3:
                return False
            header = int.from_bytes(block, "little")
            last = bool(header & 1)
            file.seek(1 if header >> 1 & 3 == 1 else header >> 3, 1)
        file.seek(4 * (flags >> 2 & 1), 1)
    return file.tell() == size
