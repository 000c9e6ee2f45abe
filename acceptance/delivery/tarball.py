"""The bytes of a tar archive to its members, in one pass: ustar, pax and GNU long names, and nothing that is vague.

What two readers could take for two different archives is refused: sparse members, links that hold data, global headers
that rename.
"""

from __future__ import annotations

from collections.abc import Iterator

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem
from acceptance.delivery.members import HARD_LINK, LINK, SPECIAL, Member, text_name
from acceptance.delivery.streams import Broken, Stream

BLOCK = 512
CHECKSUM = slice(148, 156)
REGULAR, FOLDER = (b"0", b"\0", b"7"), b"5"
REFUSED = {b"1": HARD_LINK, b"2": LINK, b"3": SPECIAL, b"4": SPECIAL, b"6": SPECIAL}

TRUNCATED = Problem("truncated", "the archive breaks off before its end", "pack and send the archive again")
CORRUPT = Problem("corrupt", "the archive is damaged", "pack and send the archive again")
VAGUE = Problem(
    "corrupt", "the archive has a header that readers take differently", "pack it again with plain files only"
)
TRAILING = Problem("trailing", "more follows behind the end of the archive", "pack and send the archive again")


def is_tar(start: bytes) -> bool:
    """Whether a file that starts like this is a tar archive: its first header adds up."""
    return len(start) == BLOCK and _adds_up(start)


def members(source: Stream) -> Iterator[Member]:
    """Each member but folders; its data must be read before the next one is asked for. Raises Broken."""
    long: dict[str, bytes] = {}
    end = Broken(TRUNCATED)  # one and the same, however often it is met
    while (header := _exactly(source, BLOCK, end)).strip(b"\0"):
        if not _adds_up(header):
            raise Broken(CORRUPT)
        kind, size = header[156:157], _number(header[124:136])
        if kind in (b"x", b"g", b"L", b"K"):
            long |= _extended(kind, _held(source, size, end))
            continue
        size = _decimal(long["size"]) if "size" in long else size
        name = text_name(long.get("path") or _name(header))
        long = {}
        if kind == FOLDER or (kind in REGULAR and name.endswith("/")):
            yield Member(name.rstrip("/"), folder=True)
            kind = FOLDER
        elif kind in REFUSED:
            yield Member(name, REFUSED[kind])
        elif kind not in REGULAR:
            raise Broken(VAGUE)
        if size and kind not in REGULAR:
            raise Broken(VAGUE)
        if kind in REGULAR:
            yield from _regular(source, name, size, end)
    if not source.only_zeros():
        raise Broken(TRAILING)


def _regular(source: Stream, name: str, size: int, end: Broken) -> Iterator[Member]:
    left = [size]

    def data() -> Iterator[bytes]:
        for piece in source.pieces(size):
            left[0] -= len(piece)
            yield piece
        if left[0]:
            raise end

    pieces = data()
    yield Member(name, data=pieces)
    for _ in pieces:  # what nobody read
        pass
    source.read(-size % BLOCK)


def _exactly(source: Stream, size: int, end: Broken) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise end
    return data


def _held(source: Stream, size: int, end: Broken) -> bytes:
    if size > limits.MAX_HEADER:
        raise Broken(VAGUE)
    data = _exactly(source, size, end)
    source.read(-size % BLOCK)
    return data


def _extended(kind: bytes, data: bytes) -> dict[str, bytes]:
    """What an extended header says of the next member: `path`, `size`."""
    if kind == b"K":
        return {}
    if kind == b"L":
        return {"path": data.rstrip(b"\0")}
    found = _records(data)
    if any(name.startswith("GNU.sparse") for name in found) or (kind == b"g" and {"path", "size"} & set(found)):
        raise Broken(VAGUE)
    return {name: found[name] for name in ("path", "size") if name in found}


def _records(data: bytes) -> dict[str, bytes]:
    """The records `length name=value\\n` of a pax header."""
    found: dict[str, bytes] = {}
    while data:
        digits, space, _ = data[:8].partition(b" ")
        size = _decimal(digits)
        name, equals, value = data[len(digits) + 1 : size].partition(b"=")
        if not space or not equals or not value.endswith(b"\n") or size > len(data):
            raise Broken(CORRUPT)
        found[name.decode("latin-1")] = value[:-1]
        data = data[size:]
    return found


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    return prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name


def _number(field: bytes) -> int:
    """Octal digits, or base 256 behind a set bit."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ") or b"0"
    if not digits.isdigit() or digits.strip(b"01234567"):
        raise Broken(CORRUPT)
    return int(digits, 8)


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 20:
        raise Broken(CORRUPT)
    return int(digits)


def _adds_up(header: bytes) -> bool:
    digits = header[CHECKSUM].strip(b"\0 ")
    if not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(header) - sum(header[CHECKSUM]) + 8 * 32
