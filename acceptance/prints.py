"""Prints of a published set, as one file: a line that says what it is of and how it was made, then nothing but hashes.

Behind the header stand, little-endian and in the order of the set's records: one identity of 8 bytes each; one byte
each, how many runs are kept of it; the runs, 4 bytes each, rising within a record. `text.runs` says what is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from spec_lang.paths import PathError, regular

LONGEST_HEADER = 1 << 16
LONGEST = 1 << 30
"""Bytes beyond which a file is not read."""
MOST = 10_000_000
"""Records of one set."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^\P{C}+$")]
"""A line without control characters: it is shown in reports."""


class PrintsError(Exception):
    """A file that holds no prints; str() says what is wrong and what to do."""


class Header(BaseModel):
    """What the prints are of, and every parameter of how they were made."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sftspec_prints: Literal[1] = 1
    algorithm: Literal["runs_1"] = "runs_1"
    """Which words, which hashes: `text.runs`. Another way of making them has another name."""
    run: int = Field(ge=2, le=50)
    """Words in a run."""
    keep: int = Field(ge=8, le=255)
    """Runs kept of a record at most: those with the smallest hashes."""
    common: int = Field(ge=1, le=1_000)
    """A run that more records of the set share is not kept: it is not theirs."""
    name: Word
    license: Word
    source: Word
    """Where the set was published."""
    version: Word
    fields: tuple[Word, ...] = Field(min_length=1, max_length=100)
    """The fields of the set whose texts were taken."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the file the records were read from."""
    records: int = Field(ge=0, le=MOST)
    runs: int = Field(ge=0)
    """Runs kept of all records together."""


@dataclass(frozen=True, slots=True)
class Prints:
    """A header and its hashes."""

    header: Header
    identities: npt.NDArray[np.uint64]
    """(records,): equal for records whose texts are equal; 0 where a record has no words."""
    counts: npt.NDArray[np.uint8]
    """(records,): runs kept."""
    runs: npt.NDArray[np.uint32]
    """Flat, rising within each record."""

    @property
    def title(self) -> str:
        """`GSM8K train (MIT)`"""
        return f"{self.header.name} ({self.header.license})"

    def dumps(self) -> bytes:
        """The file."""
        arrays: Sequence[npt.NDArray[Any]] = (self.identities, self.counts, self.runs)
        parts = [array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays]
        return self.header.model_dump_json().encode() + b"\n" + b"".join(parts)


def read(folder: Path, name: str, run: int) -> Prints:
    """The prints in a file that a contract names, made with the runs that it asks for. Raises PrintsError."""
    try:
        with regular(folder, name).at.open("rb") as stream:
            found = parse(stream.read(LONGEST + 1), name)
    except PathError as error:
        raise PrintsError(str(error)) from error
    except OSError as error:
        raise PrintsError(f"`{name}` cannot be read ({error.strerror}); check its permissions") from error
    if found.header.run != run:
        raise PrintsError(
            f"`{name}` holds runs of {found.header.run} words, the clause asks for {run}; make them equal"
        )
    return found


def parse(data: bytes, name: str) -> Prints:
    """Bytes to prints; sizes and order are held against the header. Raises PrintsError."""
    if len(data) > LONGEST:
        raise PrintsError(f"{name}: longer than {LONGEST >> 20} MiB; keep fewer runs, or part the set")
    header, start = _header(data, name)
    sizes = (header.records * 8, header.records, header.runs * 4)
    if len(data) - start != sum(sizes):
        message = f"{len(data) - start:,} bytes of hashes, its header says {sum(sizes):,}"
        raise PrintsError(f"{name}: {message}; the file is damaged: get it again, or make it anew")
    at = (start, start + sizes[0], start + sizes[0] + sizes[1])
    identities = np.frombuffer(data, "<u8", header.records, at[0]).astype(np.uint64)
    counts = np.frombuffer(data, "<u1", header.records, at[1])
    runs = np.frombuffer(data, "<u4", header.runs, at[2]).astype(np.uint32)
    if not _orderly(header, counts, runs):
        raise PrintsError(f"{name}: the hashes are not as its header says; make the file anew")
    return Prints(header, identities, counts, runs)


def _header(data: bytes, name: str) -> tuple[Header, int]:
    """The header and where the hashes begin."""
    end = data.find(b"\n", 0, LONGEST_HEADER)
    anew = "make the file with `sftspec prints`"
    if end < 0:
        raise PrintsError(f"{name}: does not begin with a line that says what the prints are of; {anew}")
    try:
        return Header.model_validate_json(data[:end]), end + 1
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = str(first["loc"][0]) if first["loc"] and first["loc"][0] in Header.model_fields else "the first line"
        raise PrintsError(f"{name}: {where}: {first['msg'][:200]}; {anew}") from None


def _orderly(header: Header, counts: npt.NDArray[np.uint8], runs: npt.NDArray[np.uint32]) -> bool:
    """Counts that add up, runs that rise within each record, and none that more than `common` records have."""
    if int(counts.sum(dtype=np.int64)) != header.runs or (counts > header.keep).any():
        return False
    owners = np.repeat(np.arange(header.records), counts)
    rising = (owners[1:] != owners[:-1]) | (runs[1:] > runs[:-1])
    ordered = np.sort(runs)
    return bool(rising.all()) and not (ordered[header.common :] == ordered[: -header.common or None]).any()
