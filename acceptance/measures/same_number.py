"""Whether the number that an answer gives is the expected one, exactly or within a tolerance that counts as equal.

Which number of a text that is, and how it is read, is told in `acceptance.text.numerals`. An expected text is read the
same way, so an item may hold a worked solution. Raises Malformed where nothing is expected that is a number.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import Malformed
from acceptance.text.numerals import stated
from acceptance.values.scalar import number


def make(use: Use) -> Callable[[Any, Any], bool]:
    within = Fraction(use.word("within"))

    def same_number(answer: Any, expected: Any) -> bool:
        wanted = stated(expected) if isinstance(expected, str) else Fraction(number(expected))
        if wanted is None:
            raise Malformed
        found = stated(answer) if isinstance(answer, str) else None
        return found is not None and abs(found - wanted) <= within  # "within" includes the tolerance itself

    return same_number


MEASURE = RowFunction(make)
