"""A delivery's manifest: which files belong to it, and what each weighs. Written last: it is there when all is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from acceptance.delivery import counting, inventory, strict
from acceptance.delivery import folder as folders
from acceptance.delivery.findings import FileFinding
from acceptance.files import write_whole
from spec_lang.contract import Contract
from spec_lang.types import File, ListOf, OptionalOf, Type

NAME = "manifest.json"
MAX_BYTES = 64 << 20
LOT = re2.compile(r"lot-?0*([1-9][0-9]{0,5})/.*")


class Sheet(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(Sheet):
    """One file."""

    path: str
    """Relative to the delivery, with `/`."""
    table: str
    """The table whose rows it holds; empty for an attachment."""
    records: int = Field(ge=0)
    """Rows it offers; 0 for an attachment."""
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Lot(Sheet):
    """The files of one lot, in the order in which they are read."""

    lot: int = Field(ge=1)
    files: tuple[Entry, ...]


class Manifest(Sheet):
    """All lots delivered so far."""

    sftspec_manifest: Literal[1] = 1
    contract: str = Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)
    """Name of the contract it was delivered under."""
    lots: tuple[Lot, ...]

    def files(self) -> Iterator[Entry]:
        """Every file of every lot."""
        for lot in self.lots:
            yield from lot.files


class BadManifest(Exception):
    """The delivery has no manifest that can be read; str() says why and what to do."""


def survey(folder: Path, contract: Contract) -> Manifest:
    """What a manifest of the folder as it is now says. Files that may not be delivered are left out.

    Tables go by the file name the contract gives, in any format; any other data file is a shard of the record, and an
    archive holds such shards. Files below `lot-2/` belong to lot 2, all others to lot 1. Raises Refused where there is
    Parquet that cannot be read here.
    """
    lots: dict[int, list[Entry]] = {}
    for path, _ in list(folders.walk(folder)):  # refused before anything is read
        if path in folders.RESERVED or not folders.is_allowed(path):
            continue
        try:
            table = table_of(path, contract)
            found = counting.weigh(folder, path, counted=bool(table))
        except (OSError, folders.Unsafe):
            continue
        entry = Entry(path=path, table=table, records=found.rows, bytes=found.bytes, sha256=found.sha256)
        lots.setdefault(lot_of(path), []).append(entry)
    files = sorted(lots.items())
    return Manifest(contract=contract.name, lots=tuple(Lot(lot=lot, files=tuple(entries)) for lot, entries in files))


def table_of(path: str, contract: Contract) -> str:
    """The table whose rows a file of this name holds; empty for an attachment."""
    if folders.is_archive(path):
        return "" if names_files(contract) else contract.record
    if not folders.is_data(path):
        return ""
    within = path.split("/", 1)[1] if LOT.fullmatch(path) else path
    for table in contract.tables:
        if table.file and folders.base(table.file) == folders.base(within):
            return table.name
    return contract.record


def names_files(contract: Contract) -> bool:
    """Whether a field is a `File` that may be an archive: then archives are what such fields name, and no shards."""
    return any(_may_be_archive(field.type) for shape in contract.shapes for field in shape.fields)


def _may_be_archive(type_: Type) -> bool:
    if isinstance(type_, ListOf | OptionalOf):
        return _may_be_archive(type_.item)
    if not isinstance(type_, File):
        return False
    return not type_.media or any(one.startswith(("application/", "*/")) for one in type_.media)


def lot_of(path: str) -> int:
    """The lot a path belongs to: `lot-2/part-01.jsonl` is of lot 2, any other of lot 1."""
    match = LOT.fullmatch(path)
    return int(match.group(1)) if match else 1


def write_manifest(folder: Path, contract: Contract) -> Manifest:
    """Counts and hashes the folder and writes its manifest, whole or not at all."""
    manifest = survey(folder, contract)
    store(folder, manifest)
    return manifest


def store(folder: Path, manifest: Manifest) -> None:
    """Writes a manifest, whole or not at all."""
    write_whole(folder / NAME, manifest.model_dump_json(indent=1).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest, strictly. Raises BadManifest."""
    value, problem, _ = strict.parse(_raw(folder))
    if value is None:
        raise BadManifest(f"{NAME}: {problem.message if problem else 'empty'}; write the manifest anew")
    try:
        manifest = Manifest.model_validate_json(_raw(folder))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"] if str(step).isidentifier() or isinstance(step, int))
        raise BadManifest(f"{NAME}: {where[:80]}: {first['msg']}; write the manifest anew") from None
    numbers = [lot.lot for lot in manifest.lots]
    if numbers != sorted(set(numbers)):
        raise BadManifest(f"{NAME}: lots are not numbered upwards, each once; write the manifest anew")
    return manifest


def digest(folder: Path) -> str:
    """sha256 of the manifest's bytes, in hex: it names the delivery. Raises BadManifest."""
    return hashlib.sha256(_raw(folder)).hexdigest()


def _raw(folder: Path) -> bytes:
    try:
        with folders.open_safely(folder, NAME) as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadManifest(f"the delivery has no {NAME}; the vendor writes it after the last file") from None
    except (OSError, folders.Unsafe) as error:
        raise BadManifest(f"{NAME} cannot be read: {error}; send it as a plain file") from None
    if len(raw) > MAX_BYTES:
        raise BadManifest(f"{NAME} is longer than 64 MiB; write the manifest anew")
    return raw


def lots(manifest: Manifest, record: str) -> dict[int, str]:
    """The lots that hold rows of the bought record, each with the first file of those."""
    first = ((lot.lot, next((one.path for one in lot.files if one.table == record), "")) for lot in manifest.lots)
    return {number: path for number, path in first if path}


def verify_files(folder: Path, manifest: Manifest) -> list[FileFinding]:
    """Every way in which the folder is not what the manifest lists, in order of path."""
    return sorted(inventory.compare(folder, manifest), key=lambda finding: (finding.file, finding.kind))
