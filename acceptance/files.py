"""Bytes to a file that is whole or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from acceptance.errors import USAGE, Refused


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the target and move into place, so that a full disk or Ctrl-C leaves nothing that looks whole.

    Raises OSError that names `path`.
    """
    with whole(path) as partial, partial.open("xb") as stream:  # "x" follows no link that somebody put there
        stream.write(data)


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


def read_whole(path: Path, longest: int) -> bytes:
    """The bytes of a file that ends: a longer one, or one without an end, is not read on. Raises OSError."""
    with path.open("rb") as stream:
        data = stream.read(longest + 1)
    if len(data) > longest:
        raise OSError(errno.EFBIG, f"is longer than {longest:,} bytes", str(path))
    return data


def can_hold(path: Path) -> None:
    """Try where the path's folder is or will be made, before the work whose result goes there. Leaves nothing.

    Raises Refused.
    """
    try:
        if path.exists() and not path.is_file():
            what = "is a folder" if path.is_dir() else "is no plain file"
            raise Refused(f"{path}: {what}; name a file to be written, or move it away", USAGE)
        folder = next(above for above in path.parents if os.path.lexists(above))
        if not folder.is_dir():
            raise Refused(f"{path}: cannot be written ({folder} is no folder); name another place", USAGE)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refused(f"{path}: cannot be written ({error.strerror}); name another place", USAGE) from error


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _remove(partial: Path) -> None:
    with suppress(OSError):  # where its folder is no folder, nothing was written
        partial.unlink(missing_ok=True)
