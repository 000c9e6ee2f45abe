"""A delivery folder and its manifest to findings: missing, extra, changed, colliding, linked and forbidden files."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from acceptance.delivery import counting, parquet
from acceptance.delivery import folder as folders
from acceptance.delivery.findings import FileFinding

if TYPE_CHECKING:
    from acceptance.delivery.manifest import Entry, Manifest

ANEW = "put the listed file back, or write the manifest anew"


def compare(folder: Path, manifest: Manifest) -> Iterator[FileFinding]:
    """Every rule, each finding once."""
    present = dict(folders.walk(folder))
    listed = list(manifest.files())
    yield from names_are_plain(listed)
    yield from names_are_unique(present, listed)
    yield from nothing_else_is_here(present, listed)
    yield from files_are_plain(present)
    yield from content_is_listed(folder, present, listed)
    yield from content_comes_once(listed)


def names_are_plain(listed: list[Entry]) -> Iterator[FileFinding]:
    """No listed path leaves the folder."""
    for entry in listed:
        reason = folders.why_unsafe(entry.path)
        if reason:
            yield _finding(entry.path, "unsafe_path", f"the listed path is refused: {reason}", "list plain names only")


def names_are_unique(present: Mapping[str, object], listed: list[Entry]) -> Iterator[FileFinding]:
    """No two names are one name on another file system, and none is listed twice."""
    seen: set[str] = set()
    for entry in listed:
        if entry.path in seen:
            yield _finding(entry.path, "listed_twice", "the manifest lists this file twice", "list each file once")
        seen.add(entry.path)
    folded: dict[str, str] = {}
    for path in sorted({*present, *seen}):
        other = folded.setdefault(normalize("NFC", path).casefold(), path)
        if other != path:
            message = "the name differs from another only in case or accents' encoding"
            yield _finding(path, "name_collision", message, "rename one of them", other)


def nothing_else_is_here(present: Mapping[str, object], listed: list[Entry]) -> Iterator[FileFinding]:
    """Files that the manifest does not list."""
    known = {entry.path for entry in listed} | set(folders.RESERVED)
    for path in present:
        if path not in known:
            yield _finding(
                path, "extra", "the manifest does not list this file", "remove it, or write the manifest anew"
            )


def files_are_plain(present: Mapping[str, object]) -> Iterator[FileFinding]:
    """No links, devices or sockets, and no file types beyond data, documents and media."""
    for path, status in present.items():
        mode = getattr(status, "st_mode", 0)
        if stat.S_ISLNK(mode):
            yield _finding(path, "link", "a symbolic link; it was not followed", "send the file itself")
        elif not stat.S_ISREG(mode):
            yield _finding(path, "special", "not a regular file, or nested too deep", "remove it")
        elif path not in folders.RESERVED and not folders.is_allowed(path):
            message = (
                "a file type that a delivery may not hold; data is .jsonl, .json, .traj, .csv or .parquet, "
                "compressed as .gz or .zst, packed as .tar or .zip"
            )
            yield _finding(path, "file_type", message, "remove it; nothing in a delivery is executed")


def content_is_listed(folder: Path, present: Mapping[str, object], listed: list[Entry]) -> Iterator[FileFinding]:
    """Presence, size, sha256 and number of rows of each listed file."""
    for entry in {entry.path: entry for entry in listed}.values():
        if folders.why_unsafe(entry.path):
            continue
        try:
            yield from _content(folder, entry)
        except FileNotFoundError:
            yield _finding(entry.path, "missing", "the manifest lists this file, but it is not here", "send the file")
        except (OSError, folders.Unsafe):
            if entry.path not in present:  # a link or special file was named above
                yield _finding(entry.path, "unreadable", "the file cannot be read", "send it as a plain file")


def _content(folder: Path, entry: Entry) -> Iterator[FileFinding]:
    counted = bool(entry.table) and not (folders.container(entry.path) == folders.PARQUET and parquet.is_missing())
    found = counting.weigh(folder, entry.path, counted)
    if found.bytes != entry.bytes:
        yield _finding(entry.path, "size", f"{found.bytes:,} bytes, the manifest says {entry.bytes:,}", ANEW)
    elif found.sha256 != entry.sha256:
        yield _finding(entry.path, "sha256", "the content is not the one that the manifest lists", ANEW, found.sha256)
    if counted and found.rows != entry.records:
        yield _finding(entry.path, "count", f"{found.rows:,} rows, the manifest says {entry.records:,}", ANEW)


def content_comes_once(listed: list[Entry]) -> Iterator[FileFinding]:
    """No shard is delivered under two names."""
    first: dict[str, str] = {}
    for entry in listed:
        other = first.setdefault(entry.sha256, entry.path) if entry.records else entry.path
        if other != entry.path:
            yield _finding(entry.path, "same_content", "another file has the same content", "remove one", other)


def lots_in_order(numbers: Mapping[int, str], lots: int) -> Iterator[FileFinding]:
    """No lot beyond those agreed, and none left out before one that is here. `numbers`: each lot's first file."""
    for number, path in sorted(numbers.items()):
        if number > lots:
            agreed = "1 lot is" if lots == 1 else f"{lots} lots are"
            yield _finding(path, "lot", f"lot {number}, but {agreed} agreed", f"number the lots from 1 to {lots}")
    here = [number for number in numbers if number <= lots]
    for missing in (one for one in range(1, max(here, default=1)) if one not in numbers):
        message = f"lot {missing} holds no records, and lot {max(here)} is here"
        yield _finding(f"lot-{missing}", "lot", message, "send all lots so far, each in its folder")


def _finding(path: str, kind: str, message: str, help: str, found: str = "") -> FileFinding:
    return FileFinding(path, kind, message, help, found)
