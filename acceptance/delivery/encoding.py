"""The bytes of one line to text, or what is wrong with them as UTF-8."""

from __future__ import annotations

from acceptance.delivery.findings import Problem

BOM = b"\xef\xbb\xbf"
BOMS = {BOM: "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}

TOO_LONG = Problem("too_long", "longer than 8 MiB", "split or shorten the record")
NUL = Problem("nul", "a NUL byte", "remove it; the file may be UTF-16: save it as UTF-8")
MARK = Problem("bom", "a byte order mark stands before the record", "save as UTF-8 without BOM")
UTF16 = Problem("utf16", "the file is UTF-16", "save it as UTF-8 without BOM; nothing of it was read")

SEPARATORS = {
    "\u2028": "U+2028 (line separator)",
    "\u2029": "U+2029 (paragraph separator)",
    "\x85": "U+0085 (next line)",
}
MARKS = tuple(mark.encode() for mark in SEPARATORS)


def is_utf16(start: bytes) -> bool:
    """Whether a file that starts like this is UTF-16 or UTF-32: a mark, or NUL in a third of the bytes."""
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) * 3 > max(len(start), 1)


def decode(raw: bytes) -> tuple[str | None, Problem | None]:
    """The text of strict UTF-8 without marks and NUL; else None and why."""
    if raw.startswith(BOM):
        return None, MARK
    if b"\0" in raw:
        return None, NUL
    try:
        return raw.decode("utf-8", "strict"), None
    except UnicodeDecodeError as error:
        return None, _not_utf8(raw, error.start)


def has_separators(raw: bytes) -> bool:
    """Whether the bytes hold one of SEPARATORS; its last byte is looked for first, which is quick."""
    return any(mark[-1:] in raw and mark in raw for mark in MARKS)


def separators(text: str) -> tuple[Problem, ...]:
    """Warnings about characters at which some readers split a line."""
    if text.isascii():
        return ()
    return tuple(
        Problem(
            "separator",
            f"{name} stands in the line; some readers split it there",
            "write \\n, or leave it out",
            warning=True,
        )
        for mark, name in SEPARATORS.items()
        if mark in text
    )


def _not_utf8(raw: bytes, offset: int) -> Problem:
    if raw[offset] == 0xED and offset + 1 < len(raw) and raw[offset + 1] >= 0xA0:
        return Problem(
            "surrogate", f"byte {offset + 1} starts a surrogate (CESU-8)", "write the whole character in UTF-8"
        )
    return Problem("utf8", f"byte {offset + 1} is not UTF-8", "save the file as UTF-8", f"0x{raw[offset]:02X}")
