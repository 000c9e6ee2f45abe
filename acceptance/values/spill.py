"""Texts of a column too large to hold: written to a temporary file as they pass, read again in delivered order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from acceptance.tables import Column
from acceptance.values.exact import Mask


@dataclass(slots=True)
class Texts(Column):
    """A column of texts on disk. `values` holds each text's bytes of UTF-8, -1 where it is absent."""

    file: IO[bytes] = field(default_factory=lambda: _temporary())

    def chosen(self, rows: Mask) -> Iterator[bytes]:
        """The texts of some rows, one after the other."""
        self.file.seek(0)
        for length, wanted in zip(self.values.tolist(), (rows & self.known).tolist(), strict=True):
            if length < 0:
                continue
            text = self.file.read(length)
            if wanted:
                yield text


def _temporary() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="sftspec-")  # gone with its column


class Spill:
    """Takes texts one by one; `finish` gives the column."""

    def __init__(self) -> None:
        self.file = _temporary()
        self.lengths: list[int] = []

    def add(self, text: str | None) -> None:
        """Writes one text; None for one that is absent or malformed."""
        data = None if text is None else text.encode("utf-8", "surrogatepass")
        self.lengths.append(-1 if data is None else self.file.write(data))

    def finish(self, known: Mask) -> Texts:
        return Texts(np.array(self.lengths, dtype=np.int64), known, file=self.file)
