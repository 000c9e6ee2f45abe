"""Rows to a mark: the value of a field, such as the key, is that of an earlier row; an absent value repeats nothing."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from acceptance.measures._copies import Copies
from acceptance.measures.duplicate import canonical
from acceptance.measures.protocol import RowMark, Use
from acceptance.measures.well_formed import steps_of
from acceptance.tables import ABSENT
from acceptance.values.dealt import NOTHING, SIZE


class Repeated(Copies):
    """The digest of the field's value as delivered, whatever its type: `well_formed` judges that."""

    message = "has the same value as {0}"
    help = "give each row its own value, or remove the copy"

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.steps = steps_of(use.call)
        self.path = ".".join(("$", *self.steps))
        self.expected = "a value that no earlier row has"

    def digest(self, row: dict[str, object]) -> bytes:
        value: Any = row
        for step in self.steps:
            value = value.get(step, ABSENT) if isinstance(value, Mapping) else ABSENT
        if value is ABSENT:
            return NOTHING
        return blake2b(canonical(value, str), digest_size=SIZE).digest()


MEASURE = RowMark(Repeated)
