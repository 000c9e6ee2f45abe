"""Two dates to whether the first lies before the second; an absent first date never expires.

Where the second is absent nobody can tell: absent. Raises Malformed for what is no date.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def expired(until: Any, on: Any) -> Any:
    if until is ABSENT:
        return False
    if on is ABSENT:
        return ABSENT
    if not isinstance(until, date) or not isinstance(on, date):
        raise Malformed
    return until < on  # on its last day it is still valid


MEASURE = RowFunction(lambda use: expired)
