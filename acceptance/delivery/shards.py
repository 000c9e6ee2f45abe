"""A file of a delivery to its shards: itself, or the data members of an archive; each to its entries, within limits.

What decides is the content; the name must agree, else the file has a finding and is read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from unicodedata import normalize

from acceptance.delivery import folder as folders
from acceptance.delivery import limits, parquet, structure, tarball, zipped
from acceptance.delivery.encoding import BOM, is_utf16
from acceptance.delivery.findings import FileFinding, Problem
from acceptance.delivery.members import TOO_MANY, Member
from acceptance.delivery.streams import Broken, Budget, Stream, chunks
from acceptance.delivery.unpacking import compression, unpacked

LFS = b"version https://git-lfs"

POINTER = Problem("lfs_pointer", "a Git LFS pointer stands in place of the data", "run `git lfs pull`, then send")
UNCLOSED = Problem("truncated", "the JSON array breaks off before its `]`", "send the whole file again")
TRAILING = Problem("trailing", "more follows behind the JSON array", "send one array, or one record per line")

NESTED = Problem("nested", "an archive or Parquet file in an archive; it was not opened", "send it beside the archive")
TYPE = Problem(
    "file_type", "a file type that an archive of shards may not hold", "pack .jsonl, .json, .traj or .csv only"
)
COLLISION = Problem(
    "name_collision", "another member has this name, or one that differs only in case or accents' encoding", "rename it"
)

WORDS = {".gz": "gzip", ".zst": "zstd", ".tar": "a tar archive", ".zip": "a zip archive", ".parquet": "Parquet"}


@dataclass(slots=True)
class Shard:
    """Entries in one layout, to be read once and before the next shard is asked for."""

    place: str
    """The path of the file, and behind `!` that of the member: `part.tar!inner.jsonl`."""
    stream: Stream
    lies: str = ""
    """How the content differs from what the name's ending says; empty where it does not."""
    layout: str = ""
    """`array`, `object`, `lines`, `csv` or `utf16`, set by `open`; `rows` from the start for Parquet, whose lines we
    write."""
    endings: dict[str, int] = field(default_factory=dict)
    """First line of each kind of line ending met (`LF`, `CRLF`)."""
    count: int = 0
    """Lines read so far, where the layout is lines."""
    total: Callable[[], int] | None = None
    """The number of entries, where the file itself says it. Raises Broken."""

    def open(self) -> None:
        """Finds the layout. Raises Broken where a pointer stands in place of the data."""
        if self.layout:
            return
        start = self.stream.start(4096)
        first = b"".join(start.split())[:2]
        if start.startswith(LFS):
            raise Broken(POINTER)
        if is_utf16(first):
            self.layout = "utf16"
        elif folders.stem(self.place).lower().endswith(".csv"):
            self.layout = "csv"
        elif is_array(first):
            self.layout = "array"
        else:
            self.layout = "object" if folders.is_one_value(self.place) and opens_object(start) else "lines"

    def entries(self) -> Iterator[bytes | None]:
        """Lines without their ending, elements of the array, or the one object; None for one that is too long.

        Raises Broken.
        """
        if self.layout == "object":
            return self._whole()
        return self._elements() if self.layout == "array" else self._lines()

    def misnamed(self) -> str:
        """What is wrong with the name now that the content was seen; empty where nothing is."""
        name = folders.stem(self.place).lower()
        if not self.lies and self.layout == "array" and name.endswith(".jsonl"):
            return "the content is one JSON array, the name says JSON Lines"
        if not self.lies and self.layout == "lines" and folders.is_one_value(name) and self.count > 1:
            return "the content is JSON Lines, the name says JSON"
        return self.lies

    def _whole(self) -> Iterator[bytes | None]:
        whole = bytearray()
        for chunk in self.stream.chunks():
            whole += chunk[: max(0, limits.MAX_LINE + 1 - len(whole))]
        yield bytes(whole) if len(whole) <= limits.MAX_LINE else None

    def _lines(self) -> Iterator[bytes | None]:
        for number, line in enumerate(lines(self.stream.chunks()), 1):
            self.count = number
            if line is not None and line.endswith(b"\r"):
                self.endings.setdefault("CRLF", number)
                yield line[:-1]
            else:
                self.endings.setdefault("LF", number)
                yield line

    def _elements(self) -> Iterator[bytes | None]:
        try:
            yield from structure.elements(self.stream.chunks(), limits.MAX_LINE)
        except structure.Unclosed as error:
            raise Broken(UNCLOSED if str(error) == "unclosed" else TRAILING) from None


def is_array(start: bytes) -> bool:
    """Whether a file that starts like this is one JSON array of records, rather than a record per line."""
    return start in (b"[{", b"[]", b"[")


def opens_object(start: bytes) -> bool:
    """Whether a file that starts like this is one object over many lines: the first line with anything is `{` alone."""
    return start.removeprefix(BOM).lstrip().split(b"\n", 1)[0].strip() == b"{"


def lines(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Cut at LF only; None for a line that is too long. What follows the last LF is a line where it is not empty."""
    rest = bytearray()
    for chunk in chunks:
        first, *more = chunk.split(b"\n")
        rest += first[: max(0, limits.MAX_LINE + 1 - len(rest))]
        if more:
            yield bytes(rest) if len(rest) <= limits.MAX_LINE else None
            yield from more[:-1]
            rest = bytearray(more[-1])
    if rest:
        yield bytes(rest) if len(rest) <= limits.MAX_LINE else None


class Opened:
    """An open file of a delivery. `findings` grows while its shards are read: members that were not."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self.file = file
        self.path = path
        self.findings: list[FileFinding] = []
        self._budget = Budget()

    def shards(self) -> Iterator[Shard]:
        """In the order of the file. Raises Broken, after which no shard follows."""
        stream = Stream(self._packed())
        packing = compression(stream.start(4))
        stream = unpacked(packing, stream, self._budget)
        start = stream.start(tarball.BLOCK)
        named = folders.container(self.path)
        if start.startswith(LFS):
            yield Shard(self.path, stream)
        elif start.startswith(zipped.STARTS) or named == ".zip":
            if packing:
                raise Broken(NESTED)
            yield from self._members(zipped.members(self.file, self._budget), packing, ".zip")
        elif tarball.is_tar(start) or named == ".tar":
            yield from self._members(tarball.members(stream), packing, ".tar")
        elif start.startswith(parquet.MAGIC):
            if packing:
                raise Broken(NESTED)
            yield self._columnar()
        else:
            yield Shard(self.path, stream, lie(self.path, packing, ""))

    def _columnar(self) -> Shard:
        lies = lie(self.path, "", folders.PARQUET)
        if parquet.is_missing():
            raise Broken(Problem("parquet", parquet.MISSING, "install it, or send JSON Lines"))
        self._budget.take(self.file.seek(0, 2))  # it is not read in order
        stream = Stream(parquet.rows(self.file, self._budget))
        return Shard(self.path, stream, lies, "rows", total=lambda: parquet.count(self.file))

    def _packed(self) -> Iterator[bytes]:
        for piece in chunks(self.file):
            self._budget.take(len(piece))
            yield piece

    def _members(self, members: Iterator[Member], packing: str, kind: str) -> Iterator[Shard]:
        lies = lie(self.path, packing, kind)
        if lies:
            self.findings.append(misnamed(self.path, lies))
        names: set[str] = set()
        for number, member in enumerate(members, 1):
            if number > limits.MAX_MEMBERS:
                raise Broken(TOO_MANY)
            problem = self._refusal(member, names)
            if problem:
                self._object(member.name, problem)
            elif folders.is_data(member.name) and not member.folder:
                yield from self._member(member)

    def _member(self, member: Member) -> Iterator[Shard]:
        stream = Stream(member.data)
        place = f"{self.path}!{member.name}"
        packing = compression(stream.start(4))
        stream = unpacked(packing, stream, self._budget)
        start = stream.start(tarball.BLOCK)
        if start.startswith((*zipped.STARTS, parquet.MAGIC)) or tarball.is_tar(start):
            self._object(member.name, NESTED)
        else:
            yield Shard(place, stream, lie(member.name, packing, ""))

    def _refusal(self, member: Member, names: set[str]) -> Problem | None:
        reason = folders.why_unsafe(member.name)
        if reason:
            message = f"the member's name is refused: {reason}"
            return Problem("unsafe_path", message, "pack plain names only")
        folded = normalize("NFC", member.name).casefold()
        if member.folder:
            return None
        if folded in names:
            return COLLISION
        names.add(folded)
        if member.refusal:
            return member.refusal
        if folders.container(member.name):
            return NESTED
        return None if folders.is_allowed(member.name) else TYPE

    def _object(self, name: str, problem: Problem) -> None:
        if len(self.findings) < limits.MAX_PER_KIND:
            place = f"{self.path}!{name[: limits.MAX_NAME]}"
            self.findings.append(FileFinding(place, problem.kind, problem.message, problem.help))


def misnamed(place: str, lies: str) -> FileFinding:
    """A file or member whose name says another format than its content."""
    return FileFinding(place, "extension", lies, "rename the file after its content, write the manifest anew")


def lie(name: str, packing: str, kind: str) -> str:
    """How compression and container differ from what the name says; empty where they do not."""
    named = (folders.packing(name), folders.container(name))
    if (packing, kind) == named:
        return ""
    return f"the content is {_words(packing, kind)}, the name says {_words(*named)}"


def _words(packing: str, kind: str) -> str:
    said = [WORDS[ending] for ending in (kind, packing) if ending]
    return " in ".join(said) or "plain"
