"""A zip file to its members, by its central directory alone (APPNOTE 4.3): stored or deflated, never overlapping.

Anything in which two readers could see two different archives is refused: bytes before the first member or between
directory and end, names that differ between directory and member, members that share bytes.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem
from acceptance.delivery.members import ENCRYPTED, LINK, METHOD, SPECIAL, TOO_MANY, Member, text_name
from acceptance.delivery.streams import Broken, Budget, Stream
from acceptance.delivery.unpacking import inflate

STARTS = (b"PK\x03\x04", b"PK\x05\x06")
END, END64, LOCATOR64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
ENTRY, LOCAL = struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
FULL = 0xFFFFFFFF
STORED, DEFLATED = 0, 8
UNIX = 3

TRUNCATED = Problem("truncated", "the archive has no directory at its end; it may break off", "send the archive again")
CORRUPT = Problem("corrupt", "the archive is damaged", "pack and send the archive again")
OVERLAP = Problem("bomb", "members of the archive share their bytes", "pack and send the archive again")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the central directory."""

    raw_name: bytes
    name: str
    made_by: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int


def members(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    """Each member in the directory's order. Raises Broken."""
    entries, end = _directory(file)
    _do_not_overlap(entries, end)
    for entry in entries:
        if entry.name.endswith("/"):
            yield Member(entry.name.rstrip("/"), folder=True)
            continue
        refusal = _refusal(entry)
        yield Member(entry.name, refusal) if refusal else Member(entry.name, data=_data(file, entry, budget))


def _refusal(entry: Entry) -> Problem | None:
    mode = entry.attributes >> 16 if entry.made_by >> 8 == UNIX else 0
    if stat.S_ISLNK(mode):
        return LINK
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return SPECIAL
    if entry.flags & 1:
        return ENCRYPTED
    return None if entry.method in (STORED, DEFLATED) else METHOD


def _data(file: BinaryIO, entry: Entry, budget: Budget) -> Iterator[bytes]:
    """The content of a member, held against its size and checksum."""
    source = Stream(_bytes(file, _start(file, entry), entry.packed, budget))
    made, crc = 0, 0
    for chunk in inflate(source, budget, -15) if entry.method == DEFLATED else source.chunks():
        made, crc = made + len(chunk), zlib.crc32(chunk, crc)
        if made > entry.size:
            raise Broken(CORRUPT)
        yield chunk
    if made != entry.size or crc != entry.crc or source.peek(1):
        raise Broken(CORRUPT)


def _bytes(file: BinaryIO, start: int, size: int, budget: Budget) -> Iterator[bytes]:
    """A stretch of the file; other stretches may be read in between."""
    while size:
        file.seek(start)
        piece = file.read(min(size, limits.CHUNK))
        if not piece:
            raise Broken(CORRUPT)
        budget.take(len(piece))
        start, size = start + len(piece), size - len(piece)
        yield piece


def _start(file: BinaryIO, entry: Entry) -> int:
    """Where a member's data starts, behind a local header that agrees with the directory."""
    file.seek(entry.offset)
    fields = _fields(LOCAL, file.read(LOCAL.size), b"PK\x03\x04")
    name_size, extra = fields[-2:]
    if file.read(name_size) != entry.raw_name or fields[3] != entry.method:
        raise Broken(CORRUPT)
    return entry.offset + LOCAL.size + name_size + extra


def _directory(file: BinaryIO) -> tuple[list[Entry], int]:
    """The entries, and where the directory starts. It must end where its end record starts."""
    count, size, offset, end = _end(file)
    if offset + size != end:
        raise Broken(CORRUPT)
    if size > limits.MAX_DIRECTORY or count > limits.MAX_MEMBERS:
        raise Broken(TOO_MANY)
    file.seek(offset)
    data, at, entries = file.read(size), 0, list[Entry]()
    for _ in range(count):
        entry, at = _entry(data, at)
        entries.append(entry)
    if at != size:
        raise Broken(CORRUPT)
    return entries, offset


def _end(file: BinaryIO) -> tuple[int, int, int, int]:
    """(entries, bytes, offset) of the central directory, and where its end record starts."""
    total = file.seek(0, 2)
    back = min(total, END.size + 0xFFFF)
    file.seek(total - back)
    tail = file.read(back)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END.size:
        raise Broken(TRUNCATED)
    _, disk, first, here, count, size, offset, comment = END.unpack_from(tail, at)
    if at + END.size + comment != len(tail) or disk or first or here != count:
        raise Broken(CORRUPT)
    end = total - back + at
    if FULL not in (size, offset) and count != 0xFFFF:
        return count, size, offset, end
    return _end64(file, end)


def _end64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    if end < LOCATOR64.size:
        raise Broken(CORRUPT)
    file.seek(end - LOCATOR64.size)
    _, disk, at, disks = _fields(LOCATOR64, file.read(LOCATOR64.size), b"PK\x06\x07")
    if at != end - LOCATOR64.size - END64.size or disk or disks > 1:
        raise Broken(CORRUPT)
    file.seek(at)
    found = _fields(END64, file.read(END64.size), b"PK\x06\x06")
    here, count, size, offset = found[6:]
    if found[4] or found[5] or here != count:
        raise Broken(CORRUPT)
    return count, size, offset, at


def _entry(data: bytes, at: int) -> tuple[Entry, int]:
    """The entry of the directory that starts at a byte, and where the next one does."""
    fields = _fields(ENTRY, data[at : at + ENTRY.size], b"PK\x01\x02")
    made_by, flags, method, crc, packed, size = fields[1], fields[3], fields[4], *fields[7:10]
    names, extras, comments, attributes, offset = fields[10], fields[11], fields[12], *fields[15:]
    start = at + ENTRY.size
    extra, end = start + names, start + names + extras + comments
    if end > len(data):
        raise Broken(CORRUPT)
    raw = data[start:extra]
    name = text_name(raw, "utf-8" if flags & 0x800 else "cp437")
    entry = Entry(raw, name, made_by, flags, method, crc, packed, size, attributes, offset)
    return _widened(entry, data[extra : extra + extras]), end


def _widened(entry: Entry, extra: bytes) -> Entry:
    """With the numbers that zip64 keeps in an extra field, in the order size, packed, offset."""
    wide = [name for name in ("size", "packed", "offset") if getattr(entry, name) == FULL]
    while wide and len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind == 1 and size >= 8 * len(wide) and len(extra) >= 4 + size:
            numbers = struct.unpack_from(f"<{len(wide)}Q", extra, 4)
            return replace(entry, **dict(zip(wide, numbers, strict=True)))
        extra = extra[4 + size :]
    if wide:
        raise Broken(CORRUPT)
    return entry


def _do_not_overlap(entries: list[Entry], end: int) -> None:
    """Each member's header and data end before the next one starts, the last one before the directory."""
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < at:
            raise Broken(OVERLAP)
        at = entry.offset + LOCAL.size + len(entry.raw_name) + entry.packed
    if at > end or (entries and min(entry.offset for entry in entries)):
        raise Broken(CORRUPT)


def _fields(format: struct.Struct, data: bytes, magic: bytes) -> tuple[int, ...]:
    """The numbers of a structure that must be whole and start with its magic, that included."""
    if len(data) < format.size or not data.startswith(magic):
        raise Broken(CORRUPT)
    found: tuple[int, ...] = format.unpack(data)
    return found
