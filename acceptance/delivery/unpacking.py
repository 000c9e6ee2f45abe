"""Compressed bytes to their content, in chunks of bounded size: gzip (RFC 1952), deflate (RFC 1951), zstd (RFC 8878).

Where the content breaks off or is damaged, Broken is raised behind the bytes that could be read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import zstandard

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem
from acceptance.delivery.streams import Broken, Budget, Stream

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
INPUT = 1 << 15
SKIPPABLE, SKIPPABLE_MASK = 0x184D2A50, 0xFFFFFFF0
BLOCK = 1 << 17
"""Bytes that a block of zstd makes at most."""

TRUNCATED = Problem("truncated", "the compressed file breaks off", "compress and send the file again")
CORRUPT = Problem("corrupt", "the compressed file is damaged", "compress and send the file again")


def compression(start: bytes) -> str:
    """The ending that names the compression of a file that starts like this."""
    return ".gz" if start.startswith(GZIP) else ".zst" if start.startswith(ZSTD) else ""


def unpacked(ending: str, source: Stream, budget: Budget) -> Stream:
    """The content of a stream in the compression named. Reading it raises Broken."""
    return Stream({".gz": gunzip, ".zst": unzstd}[ending](source, budget)) if ending else source


def gunzip(source: Stream, budget: Budget) -> Iterator[bytes]:
    """All members of a gzip file, and NUL behind them."""
    while start := source.peek(1):
        if start == b"\0":
            if not source.only_zeros():
                raise Broken(CORRUPT)
            return
        yield from inflate(source, budget, 31)


def inflate(source: Stream, budget: Budget, format: int) -> Iterator[bytes]:
    """One deflated run, wrapped as `format` says (31 gzip, -15 bare); what stands behind it stays in the source."""
    run = zlib.decompressobj(format)
    while not run.eof:
        data = run.unconsumed_tail or source.some(INPUT)
        try:
            chunk = run.decompress(data, limits.CHUNK)
        except zlib.error:
            raise Broken(CORRUPT) from None
        budget.spend(len(chunk))
        if chunk:
            yield chunk
        elif not data and not run.eof:
            raise Broken(TRUNCATED)
    source.put_back(run.unused_data)


def unzstd(source: Stream, budget: Budget) -> Iterator[bytes]:
    """All frames of a zstd file."""
    while start := source.read(4):
        if int.from_bytes(start, "little") & SKIPPABLE_MASK == SKIPPABLE and len(start) == 4:
            size = int.from_bytes(_exactly(source, 4), "little")
            if sum(map(len, source.pieces(size))) < size:
                raise Broken(TRUNCATED)
        elif start == ZSTD:
            yield from _frame(source, budget)
        else:
            raise Broken(TRUNCATED if ZSTD.startswith(start) else CORRUPT)


def _frame(source: Stream, budget: Budget) -> Iterator[bytes]:
    """Fed block by block: each makes at most BLOCK bytes, whatever it claims."""
    run = zstandard.ZstdDecompressor(max_window_size=limits.MAX_WINDOW).decompressobj()
    flags = _exactly(source, 1)
    single, checksum = flags[0] >> 5 & 1, flags[0] >> 2 & 1
    rest = (0, 1, 2, 4)[flags[0] & 3] + (1 - single) + (single, 2, 4, 8)[flags[0] >> 6]
    data, last = ZSTD + flags + _exactly(source, rest), False
    while not last:
        header = _exactly(source, 3)
        number = int.from_bytes(header, "little")
        last, kind, size = bool(number & 1), number >> 1 & 3, number >> 3
        if size > BLOCK or kind == 3:
            raise Broken(CORRUPT)
        data += header + _exactly(source, 1 if kind == 1 else size)
        if last:
            data += _exactly(source, 4 * checksum)
        try:
            chunk = run.decompress(data)
        except zstandard.ZstdError:
            raise Broken(CORRUPT) from None
        data = b""
        budget.spend(len(chunk))
        if chunk:
            yield chunk
    if not run.eof:
        raise Broken(CORRUPT)


def _exactly(source: Stream, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise Broken(TRUNCATED)
    return data
