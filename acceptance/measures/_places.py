"""Row numbers to where they stand in the delivery, and in which lot, in a few bytes per row."""

from __future__ import annotations

from array import array
from typing import Self

import numpy as np
import numpy.typing as npt

from acceptance.tables import Batch


class Places:
    """File, line and lot of every row met so far."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.files = array("i")
        self.lines = array("q")
        self.numbers = array("i")

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, batch: Batch) -> None:
        """Remembers the rows of a batch."""
        for origin in batch.origins:
            self.files.append(self.names.setdefault(origin.file, len(self.names)))
            self.lines.append(origin.line)
            self.numbers.append(origin.lot)

    def merge(self, later: Self) -> None:
        """Appends the places of the rows right after these."""
        renumbered = [self.names.setdefault(name, len(self.names)) for name in later.names]
        self.files.extend(renumbered[file] for file in later.files)
        self.lines.extend(later.lines)
        self.numbers.extend(later.numbers)

    def lots(self) -> npt.NDArray[np.int64]:
        """The lot of each row."""
        return np.array(self.numbers, dtype=np.int64)

    def __getitem__(self, row: int) -> str:
        """`part-01.jsonl:17`"""
        names = list(self.names)
        return f"{names[self.files[row]]}:{self.lines[row]}"
