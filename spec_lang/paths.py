"""A path as a contract writes it in, a file inside the contract's folder out: nothing else is ever opened."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_FILES = 10_000
"""Files in one named folder."""


class PathError(Exception):
    """A path that leaves the folder, is absent, or is no regular file; str() says what and what to do."""


@dataclass(frozen=True, slots=True)
class Safe:
    """A regular file inside the folder: its name there, with `/` between folders, and where to open it."""

    name: str
    at: Path


def inside(folder: Path, name: str) -> Path:
    """Where `name` lies. Raises PathError unless it is relative and stays in the folder, links followed."""
    parts = PurePosixPath(name).parts
    plain = parts and PurePosixPath(name).as_posix() == name and not {"..", "."} & set(parts)
    if not plain or name.startswith("/") or any(ch in name for ch in "\\:\0\n\r"):
        raise PathError(f"{name!r}: name a file inside the contract's folder, like `data/house.jsonl`")
    try:
        found = (folder / name).resolve()
    except (OSError, RuntimeError) as error:
        raise PathError(f"`{name}`: its links lead in a circle; replace them by the file") from error
    if not found.is_relative_to(folder.resolve()):
        raise PathError(f"`{name}`: leads out of the contract's folder; copy the file into it")
    return found


def regular(folder: Path, name: str) -> Safe:
    """A regular file. Raises PathError for absent files, folders, pipes and devices."""
    at = inside(folder, name)
    mode = _mode(at, name)
    if stat.S_ISDIR(mode):
        raise PathError(f"`{name}`: is a folder; name a file")
    if not stat.S_ISREG(mode):
        raise PathError(f"`{name}`: is not a regular file; replace it by one")
    return Safe(name, at)


def tree(folder: Path, name: str) -> list[Safe]:
    """The file itself, or every file in the folder `name`, sorted. Raises PathError as `regular` does."""
    at = inside(folder, name)
    if not stat.S_ISDIR(_mode(at, name)):
        return [regular(folder, name)]
    names: list[str] = []
    pending = [name]
    while pending:
        parent = pending.pop()
        for entry in _entries(inside(folder, parent), parent):
            child = f"{parent}/{entry.name}"
            if entry.is_dir() and entry.is_symlink():
                raise PathError(f"`{child}`: a link to a folder; replace it by the folder")
            (pending if entry.is_dir() else names).append(child)
        if len(names) + len(pending) > MAX_FILES:
            raise PathError(f"`{name}`: holds more than {MAX_FILES} files; name a folder of its own")
    if not names:
        raise PathError(f"`{name}`: is an empty folder; put its files there")
    return sorted((regular(folder, child) for child in names), key=lambda file: file.name)


def _entries(at: Path, name: str) -> list[Path]:
    try:
        return sorted(at.iterdir())
    except OSError as error:
        raise PathError(f"`{name}`: cannot be read ({error.strerror}); check its permissions") from error


def _mode(at: Path, name: str) -> int:
    try:
        return at.stat().st_mode
    except FileNotFoundError as error:
        raise PathError(f"`{name}`: is not there; put the file beside the contract or correct its name") from error
    except OSError as error:
        raise PathError(f"`{name}`: cannot be read ({error.strerror}); check the path and its permissions") from error
