"""A delivery's manifest to the files that values of type File may name: what each weighs, and how it begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from acceptance.delivery import folder as folders
from acceptance.delivery.manifest import Manifest
from acceptance.tables import Attachment
from acceptance.values.media import HEAD

KEPT = 10_000
"""Beginnings of files that are remembered."""


def attachments(folder: Path, manifest: Manifest) -> Callable[[str], Attachment | None]:
    """By path; None for a file that the manifest does not list or that cannot be opened.

    Sizes and hashes are the manifest's: that they are the files' own is found out when the files are verified.
    """
    listed = {entry.path: entry for entry in manifest.files() if not entry.table}

    @lru_cache(KEPT)
    def find(path: str) -> Attachment | None:
        entry = listed.get(path)
        if entry is None:
            return None
        try:
            with folders.open_safely(folder, path) as file:
                return Attachment(entry.bytes, entry.sha256, file.read(HEAD))
        except (OSError, folders.Unsafe):
            return None

    return find
