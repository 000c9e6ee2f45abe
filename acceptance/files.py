"""Bytes to a file that is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the target and move into place, so that a full disk or Ctrl-C leaves nothing that looks whole.

    Raises OSError that names `path`.
    """
    with whole(path) as partial:
        partial.write_bytes(data)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Another path to write to, which takes the place of `path` at the end. Raises OSError that names `path`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        _sync(partial)
        partial.replace(path)
    except OSError as error:
        _remove(partial)
        raise OSError(error.errno, f"cannot be written ({error.strerror})", str(path)) from error
    except BaseException:
        _remove(partial)
        raise


def writable(folder: Path) -> None:
    """Make the folder and try it, before the work whose results go there. Raises OSError that names it."""
    trial = folder / "is-it-writable"
    write_whole(trial, b"")
    trial.unlink()


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _remove(partial: Path) -> None:
    with suppress(OSError):  # where its folder is no folder, nothing was written
        partial.unlink(missing_ok=True)
