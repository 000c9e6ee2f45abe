"""A delivery folder and a path in it, to an open regular file: no link is followed, nothing outside is reached."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from acceptance.delivery import limits
from acceptance.errors import BREACHED, Refused

COMPRESSIONS = (".gz", ".zst")
ARCHIVES = (".tar", ".zip")
PARQUET = ".parquet"
TRAJECTORY = ".traj"
"""A run of an agent, as SWE-agent writes it: one JSON object."""
DATA = (".jsonl", ".json", TRAJECTORY, ".csv", PARQUET)
ATTACHMENTS = (
    ".md", ".txt", ".pdf", ".patch", ".diff",
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".wav", ".mp3", ".flac", ".ogg", ".mp4",
)  # fmt: skip
PLAIN_NAMES = ("license", "notice", "readme", "changes")
RESERVED = ("manifest.json", "receipt.json", "certificate.json")
"""Our own files beside the data; never listed."""


class Unsafe(Exception):
    """A path that must not be opened; str() says why, free of the path."""


@lru_cache
def packing(path: str) -> str:
    """The compression that the name's ending says, as `.gz` or `.zst`; empty where it says none."""
    if path.lower().endswith(".tgz"):
        return ".gz"
    return next((ending for ending in COMPRESSIONS if path.lower().endswith(ending)), "")


@lru_cache
def stem(path: str) -> str:
    """The path without an ending that names a compression; `.tgz` becomes `.tar`."""
    if path.lower().endswith(".tgz"):
        return path[:-3] + "tar"
    return path[: len(path) - len(packing(path))]


def base(path: str) -> str:
    """The path of a shard or table without the endings that name its format."""
    name = stem(path)
    return next((name[: -len(ending)] for ending in DATA if name.lower().endswith(ending)), name)


@lru_cache
def container(path: str) -> str:
    """The ending that names an archive or Parquet; empty for other files."""
    name = stem(path).lower()
    return next((ending for ending in (*ARCHIVES, PARQUET) if name.endswith(ending)), "")


def is_archive(path: str) -> bool:
    """Whether the name is that of an archive."""
    return container(path) in ARCHIVES


def is_data(path: str) -> bool:
    """Whether the name is that of a shard or table."""
    return stem(path).lower().endswith(DATA)


def is_one_value(path: str) -> bool:
    """Whether the name says that the file is one JSON value."""
    return stem(path).lower().endswith((".json", TRAJECTORY))


def is_allowed(path: str) -> bool:
    """Whether the file type may be in a delivery: data, documents and media; nothing that a loader executes."""
    name = path.rsplit("/", 1)[-1].lower()
    return is_data(path) or is_archive(path) or name in PLAIN_NAMES or stem(name).endswith(ATTACHMENTS)


def why_unsafe(path: str) -> str:
    """Why a listed path must not be opened; empty where it may be."""
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or (len(path) > 1 and path[1] == ":"):
        return "it is not a path relative to the delivery, written with `/`"
    if not {"", ".", ".."}.isdisjoint(parts):
        return "it has an empty part, `.` or `..`"
    if len(parts) > limits.MAX_FOLDERS or len(path) > limits.MAX_NAME:
        return "it is too long"
    return "" if path.isprintable() else "it has characters that cannot be seen"


def open_safely(folder: Path, path: str) -> BinaryIO:
    """Opens a regular file below `folder` for reading. Raises Unsafe for links, special files and paths that leave it.

    Each part is opened from its parent, so that nothing can be swapped in between; a FIFO does not block.
    """
    reason = why_unsafe(path)
    if reason:
        raise Unsafe(reason)
    *parents, name = path.split("/")
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for parent in parents:
            below = _open(parent, os.O_DIRECTORY, here)
            os.close(here)
            here = below
        handle = _open(name, os.O_NONBLOCK, here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unsafe("it is not a regular file")
    return os.fdopen(handle, "rb", buffering=0)


def _open(name: str, flags: int, parent: int) -> int:
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=parent)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise Unsafe("it is a link, or not a regular file that can be read") from error


def walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every entry below `folder` that is not a folder, as path with `/` and its lstat; links are not followed.

    Sorted by name; a byte that is not UTF-8 shows as `\\xNN`, and no such file is opened. Raises Refused beyond
    `limits.MAX_FILES` entries.
    """
    pending, seen = [("", folder)], 0
    while pending:
        prefix, here = pending.pop()
        for entry in sorted(islice(os.scandir(here), limits.MAX_FILES + 1), key=lambda entry: entry.name):
            seen += 1
            if seen > limits.MAX_FILES:
                message = f"{folder}: holds more than {limits.MAX_FILES:,} files and folders; send fewer, larger shards"
                raise Refused(message, code=BREACHED)
            path = prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            if entry.is_dir(follow_symlinks=False) and path.count("/") < limits.MAX_FOLDERS:
                pending.append((path + "/", here / entry.name))
            else:
                yield path, entry.stat(follow_symlinks=False)
