"""A value to whether it is given: neither absent nor null."""

from __future__ import annotations

from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT


def present(value: Any) -> bool:
    return value is not ABSENT and value is not None


MEASURE = RowFunction(lambda use: present)
