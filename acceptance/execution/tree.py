"""A tar archive of the delivery to a repository in memory, strictly; and that to a folder of plain files."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import zstandard

from acceptance.delivery import folder as folders

MIB = 1 << 20
MOST_PACKED = 256 * MIB
MOST_BYTES = 256 * MIB
MOST_ENTRIES = 20_000


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


class Unfit(Exception):
    """A delivered archive, patch or name that is not one the sandbox takes; str() says why, free of delivered text."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a repository, or a link to another one in it."""

    data: bytes
    executable: bool = False
    link: str = ""
    """Where it leads, relative to its own folder; empty for a file."""


Tree = dict[str, Item]
"""Path in the repository, with `/` -> what is there. Folders are implied."""


def read(folder: Path, path: str, sha256: str) -> Tree:
    """The repository in an archive of the delivery. Raises Unfit."""
    try:
        with folders.open_safely(folder, path) as file:
            packed = file.read(MOST_PACKED + 1)
    except (OSError, folders.Unsafe):
        raise Unfit("the archive is not in the delivery as a plain file") from None
    if len(packed) > MOST_PACKED:
        raise Unfit(f"the archive is longer than {MOST_PACKED // MIB} MiB")
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise Unfit("the archive is not the one whose sha256 the record states")
    return unpack(packed)


def unpack(packed: bytes) -> Tree:
    """A tar archive, plain or packed by gzip or zstd. Raises Unfit for anything but plain files and inner links."""
    tree: Tree = {}
    try:
        with tarfile.open(fileobj=_Bounded(_opened(packed)), mode="r|") as archive:
            for number, member in enumerate(archive):
                if number >= MOST_ENTRIES:
                    raise Unfit(f"the archive has more than {MOST_ENTRIES:,} entries")
                path = _path(member.name)
                if path and not member.isdir():
                    if path in tree:
                        raise Unfit("the archive holds one name twice")
                    tree[path] = _item(archive, member, path)
    except (tarfile.TarError, OSError, EOFError, zlib.error, zstandard.ZstdError, ValueError) as error:
        raise Unfit(f"the archive is damaged or no tar archive ({type(error).__name__})") from error
    if not tree:
        raise Unfit("the archive holds no file")
    _refuse_tangles(tree)
    return tree


def _opened(packed: bytes) -> Readable:
    raw = io.BytesIO(packed)
    if packed.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor(max_window_size=128 * MIB).stream_reader(raw)
    return raw


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than an archive may unpack to."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(min(size, MIB) if size >= 0 else MIB)
        self.given += len(data)
        if self.given > MOST_BYTES + 1_024 * MOST_ENTRIES:
            raise Unfit(f"the archive unpacks to more than {MOST_BYTES // MIB} MiB")
        return data


def _path(name: str) -> str:
    """The name without a leading `./`; empty for the top folder itself. Raises Unfit."""
    path = name.rstrip("/")
    while path.startswith("./"):
        path = path[2:]
    if path in ("", "."):
        return ""
    reason = folders.why_unsafe(path)
    if reason:
        raise Unfit(f"a name in the archive is refused: {reason}")
    return path


def _item(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> Item:
    if member.issym():
        if not leads_to(path, member.linkname):
            raise Unfit("a link in the archive leads out of it")
        return Item(b"", link=member.linkname)
    if not member.isreg() or member.issparse():
        raise Unfit("the archive holds a device, a hard link or another entry that is no plain file")
    file = archive.extractfile(member)
    data = file.read() if file is not None else b""
    if len(data) != member.size:
        raise Unfit("the archive is cut short")
    return Item(data, bool(member.mode & 0o100))


def leads_to(path: str, target: str) -> str:
    """The path that a relative link at `path` names; empty where it leads out or steps back on its way."""
    if not target or target.startswith("/") or "\\" in target or not target.isprintable() or len(target) > 1_000:
        return ""
    parts = [part for part in target.split("/") if part not in ("", ".")]
    up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    above = PurePosixPath(path).parent.parts
    if up > len(above) or ".." in parts[up:]:
        return ""
    return "/".join([*above[: len(above) - up], *parts[up:]]) or "."


def _refuse_tangles(tree: Tree) -> None:
    """No name is both file and folder, and no link leads to or through another: so none leads out. Raises Unfit."""
    for path, item in tree.items():
        if any(str(parent) in tree for parent in PurePosixPath(path).parents):
            raise Unfit("the archive holds one name both as a file and as a folder")
        goal = PurePosixPath(leads_to(path, item.link)) if item.link else PurePosixPath()
        if any(str(step) in tree and tree[str(step)].link for step in (goal, *goal.parents)):
            raise Unfit("a link in the archive leads to another link")


def write(tree: Tree, folder: Path) -> None:
    """Writes a repository into an empty folder: first all files, then the links, which nothing is written through."""
    for path, item in tree.items():
        if not item.link:
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(item.data)
            place.chmod(0o755 if item.executable else 0o644)
    for path, item in tree.items():
        if item.link:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(item.link)
    for here, _, _ in os.walk(folder):
        Path(here).chmod(0o755)


def digest(tree: Tree) -> bytes:
    """Equal for equal repositories."""
    found = hashlib.sha256()
    for part in _parts(tree):
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def _parts(tree: Tree) -> Iterator[bytes]:
    for path in sorted(tree):
        item = tree[path]
        yield from (path.encode(), item.link.encode(), b"x" if item.executable else b"-", item.data)
