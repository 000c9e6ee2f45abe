"""A delivery's folder and the digest of its certified manifest in, every file that is another now out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from acceptance.delivery import counting, inventory, manifest
from acceptance.delivery import folder as folders
from acceptance.delivery.manifest import BadManifest, Manifest


def differences(delivery: Path, stated: str) -> Iterator[str]:
    """What is not as certified: the manifest, a file it lists, a file it does not list."""
    try:
        if manifest.digest(delivery) != stated:
            yield "manifest.json is not that of the certified delivery"
            return
        listed = manifest.read_manifest(delivery)
    except BadManifest as error:
        yield str(error)
        return
    yield from _files(delivery, listed)


def _files(delivery: Path, listed: Manifest) -> Iterator[str]:
    for entry in listed.files():
        try:
            found = counting.weigh(delivery, entry.path)
        except (OSError, folders.Unsafe) as error:
            yield f"{entry.path}: cannot be read ({error}); restore the delivered file"
            continue
        if (found.bytes, found.sha256) != (entry.bytes, entry.sha256):
            yield f"{entry.path}: is not the file that was certified; restore the delivered one"
    present = dict(folders.walk(delivery))
    for finding in inventory.nothing_else_is_here(present, list(listed.files())):
        yield f"{finding.file}: {finding.message}"
