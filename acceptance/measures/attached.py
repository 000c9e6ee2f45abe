"""Whether every File in a row names a file of the delivery and says truly what it weighs and of what type it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from acceptance.fields.nested import Nested
from acceptance.measures._marks import Marks
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Attachment, Batch, Detail, Malformed
from acceptance.values import media
from spec_lang.types import File, RecordOf, Type

Find = Callable[[str], Attachment | None]


class Attached(Marks):
    """Unknown where a File is not what its type asks for: the type clause says so. Details for the first such rows."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract = use.contract
        self.nested = Nested(use.contract, lambda type_: isinstance(type_, File))

    def add(self, batch: Batch) -> None:
        find: Find | None = batch.cache.get("attachments")
        type_ = RecordOf(name=self.contract.table(batch.table).shape)
        for row in batch.rows:
            try:
                stated = list(self._files(row, type_))
            except Malformed:
                self.put(None)
                continue
            if stated and find is None:
                self.put(None)
                continue
            detail = next((found for path, file in stated if find and (found := objection(file, path, find))), None)
            self.put(detail is None, detail)

    def _files(self, row: Any, type_: Type) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every File of a row, with its path. Raises Malformed for one that does not state path, hash and type."""
        for path, value, inner in self.nested.within(row, type_, "$"):
            if not isinstance(inner, File) or value is None:
                continue
            if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in TEXTS):
                raise Malformed
            yield path, value


TEXTS = ("path", "sha256", "media_type")


def objection(file: Mapping[str, Any], path: str, find: Find) -> Detail | None:
    """The first thing that a File says and the delivery does not bear out."""
    found = find(file["path"])
    if found is None:
        message = "names no attachment of the delivery"
        return Detail(f"{path}.path", "a file of the manifest", file["path"], message, "send the file, and list it")
    if file.get("size") != found.size:
        message = f"is not the size of the delivered file: {found.size:,} bytes"
        return Detail(f"{path}.size", str(found.size), str(file.get("size")), message, "state the file that is sent")
    if file["sha256"] != found.sha256:
        message = "is not the hash of the delivered file"
        return Detail(f"{path}.sha256", found.sha256, file["sha256"], message, "state the file that is sent")
    reason = media.objection(file["media_type"], file["path"], found.head)
    if reason:
        message = f"is not the type of the delivered file: {reason}"
        return Detail(f"{path}.media_type", "the file's own type", file["media_type"], message, "correct the type")
    return None


MEASURE = RowMark(Attached)
