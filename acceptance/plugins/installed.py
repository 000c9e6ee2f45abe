"""The name of a plug-in to what is installed under it: version, digest of its files, signatures. Nothing is imported.

A plug-in is a distribution with an entry point in the group `sftspec.measures`, `token_scan = "token_scan:MEASURES"`,
and a file of signatures, `token_scan.sftspec`, in the package or beside the module that the entry point names.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackagePath, entry_points
from pathlib import Path

GROUP = "sftspec.measures"
MOST_BYTES = 1 << 30


class Unusable(Exception):
    """A plug-in that is not installed, or not in a way that can be pinned; str() says why and what to do."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One plug-in as it is installed."""

    name: str
    version: str
    sha256: str
    """Of the sorted lines `sha256 path` of all its files, those of pip and Python's caches left out."""
    root: Path
    """The folder from which its module is imported."""
    module: str
    attribute: str
    file: Path
    """The module's own file."""
    signatures: str
    """The text of `<name>.sftspec`."""

    def line(self, folder: str) -> str:
        """How a contract uses it."""
        return f'use plugin "{folder}{self.name}.sftspec" version "{self.version}" sha256 "{self.sha256}"'


def find(name: str) -> Installed:
    """The plug-in of this name. Raises Unusable."""
    points = [point for point in entry_points(group=GROUP) if point.name == name]
    if not points:
        raise Unusable(f"plug-in {name} is not installed; install the package that brings it")
    if len({(point.dist.name, point.value) if point.dist else None for point in points}) > 1:
        raise Unusable(f"two installed packages bring a plug-in {name}; remove one")
    point = points[0]
    if point.dist is None:
        raise Unusable(f"plug-in {name} belongs to no installed package; install it with pip")
    return _read(point, point.dist)


def _read(point: EntryPoint, dist: Distribution) -> Installed:
    files = {path.as_posix(): path for path in dist.files or () if _counts(path)}
    top = point.module.replace(".", "/")
    module = next((files[name] for name in (f"{top}.py", f"{top}/__init__.py") if name in files), None)
    beside = f"{top}/" if module is not None and module.name == "__init__.py" else ""
    signatures = files.get(f"{beside}{point.name}.sftspec")
    if module is None or signatures is None:
        what = f"its module {point.module}" if module is None else f"{beside}{point.name}.sftspec"
        help = "install it as a wheel, not in editable mode"
        raise Unusable(f"plug-in {point.name}: {what} is not among the files of {dist.name} {dist.version}; {help}")
    root = Path(str(dist.locate_file(""))).resolve()
    try:
        return Installed(
            point.name, dist.version, _digest(files, root), root, point.module, point.attr,
            root / module, (root / signatures).read_text("utf-8"),
        )  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"plug-in {point.name} cannot be read ({error}); install it again") from error


def _counts(path: PackagePath) -> bool:
    return not (path.parts[0].endswith(".dist-info") or "__pycache__" in path.parts or path.suffix == ".pyc")


def _digest(files: dict[str, PackagePath], root: Path) -> str:
    """Raises OSError for a file that is gone, leads elsewhere or makes the whole too large."""
    total, lines = 0, []
    for name in sorted(files):
        at = root / files[name]
        if ".." in files[name].parts or not at.resolve().is_relative_to(root):
            raise OSError(f"{name} leads out of the package")
        total += at.stat().st_size
        if total > MOST_BYTES:
            raise OSError(f"its files are larger than {MOST_BYTES >> 20} MiB")
        with at.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()} {name}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()
