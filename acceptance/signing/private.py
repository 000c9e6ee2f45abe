"""Private files: written so that only their owner reads them, and refused where others could have."""

from __future__ import annotations

import os
from pathlib import Path

OTHERS = 0o077
"""Every permission of group and others; ssh draws the line at the same place."""


def write_private(path: Path, data: bytes) -> None:
    """Create a file that only its owner can read, whole or not at all. Raises FileExistsError rather than overwrite."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:  # a full disk: half a key would look like one, and is never overwritten
        path.unlink(missing_ok=True)
        raise


def exposed(path: Path) -> str:
    """Why a private file is not private; empty where it is. Raises OSError."""
    mode = path.stat().st_mode
    if os.name != "posix" or not mode & OTHERS:
        return ""
    return f"{path}: others on this machine may read it (mode {mode & 0o777:04o}); run `chmod 600 {path}`"
