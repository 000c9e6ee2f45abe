"""The small functions of a row's values: what they answer for given, absent and malformed ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from support import use

from acceptance.measures import MEASURES
from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed


def call(measure: str, *values: Any) -> Any:
    found = MEASURES[measure]
    assert isinstance(found, RowFunction)
    return found.make(use(measure))(*values)


DAY = date(2027, 1, 2)


@pytest.mark.parametrize(
    ("measure", "values", "answer"),
    [
        ("present", ("",), True), ("present", (0,), True), ("present", (ABSENT,), False), ("present", (None,), False),
        ("size", ([1, 2],), 2), ("size", ([],), 0), ("size", (ABSENT,), ABSENT),
        ("chars", ("né\u0301",), 3), ("chars", ("",), 0), ("chars", (ABSENT,), ABSENT),
        ("words", ("  one two\nthree ",), 3), ("words", ("",), 0), ("words", (ABSENT,), ABSENT),
        ("names", ([{"name": "a"}, {"name": "b", "x": 1}],), ["a", "b"]), ("names", (ABSENT,), []),
        ("expired", (date(2027, 1, 1), DAY), True), ("expired", (DAY, DAY), False), ("expired", (ABSENT, DAY), False),
        ("expired", (DAY, ABSENT), ABSENT),
        ("mentions", ("Pay GRIBAL  textiles now", "Gribal Textiles"), True), ("mentions", ("Pay x", "z"), False),
        ("mentions", ("on 2027-01-02", DAY), True), ("mentions", ("£8556.31", Decimal("8556.310")), True),
        ("mentions", ("7 of 9", 9), True), ("mentions", ("a b", ["a", "b"]), True), ("mentions",
        ("a b", ["a", "c"]), False),
        ("mentions", ("a", ABSENT), False), ("mentions", (ABSENT, "a"), False), ("mentions", ("a", ""), False),
    ],
)  # fmt: skip
def test_what_a_function_answers(measure: str, values: tuple[Any, ...], answer: Any) -> None:
    assert call(measure, *values) == answer and type(call(measure, *values)) is type(answer)


@pytest.mark.parametrize(
    ("measure", "values"),
    [("size", ("x",)), ("chars", (1,)), ("words", ([],)), ("names", ([{}],)), ("names", ("x",)), ("expired",
    ("x", DAY)),
     ("mentions", (1, "x"))],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_malformed(measure: str, values: tuple[Any, ...]) -> None:
    with pytest.raises(Malformed):
        call(measure, *values)
