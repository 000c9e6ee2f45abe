"""A member of an archive as its format gives it, before its name is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from acceptance.delivery import limits
from acceptance.delivery.findings import Problem

LINK = Problem("link", "a symbolic link in an archive; it was not followed", "pack the file itself")
HARD_LINK = Problem("link", "a hard link in an archive; it was not followed", "pack the file itself")
SPECIAL = Problem("special", "neither a file nor a folder", "pack plain files only")
ENCRYPTED = Problem("encrypted", "the member is encrypted", "pack it without a password")
METHOD = Problem("corrupt", "the member is packed in a way other than `stored` or `deflate`", "pack it with deflate")
TOO_MANY = Problem(
    "too_many", f"the archive has more than {limits.MAX_MEMBERS:,} members", "pack fewer and larger shards"
)


@dataclass(slots=True)
class Member:
    """One entry of an archive. Where `refusal` is set, its data is not offered."""

    name: str
    refusal: Problem | None = None
    data: Iterator[bytes] = field(default_factory=lambda: iter(()))
    """Its content, once; reading it raises Broken."""
    folder: bool = False


def text_name(name: bytes, encoding: str = "utf-8") -> str:
    """The name as text; a byte that is none in the encoding becomes `\\xNN`, which no safe name holds."""
    return name.decode(encoding, "backslashreplace")
