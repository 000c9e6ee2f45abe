"""`sftspec plugin`: an installed plug-in to its file of signatures and the line by which a contract uses it."""

from __future__ import annotations

import argparse
from pathlib import Path

from acceptance.errors import MET, USAGE, Refused
from acceptance.files import can_hold, write_whole
from acceptance.plugins.installed import Unusable, find


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 where there is no such plug-in, or none that can be pinned. The plug-in is read, not imported."""
    try:
        found = find(arguments.name)
    except Unusable as error:
        raise Refused(str(error), code=USAGE) from error
    folder = arguments.out or Path()
    path = folder / f"{found.name}.sftspec"
    can_hold(path)
    write_whole(path, found.signatures.encode())
    print(f"{path}: the signatures of {found.name} {found.version}; in the contract:")
    print(found.line(f"{folder.as_posix()}/" if arguments.out and not folder.is_absolute() else ""))
    return MET
