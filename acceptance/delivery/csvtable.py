"""Lines of a CSV file (RFC 4180) to rows: header checked against the fields, cells typed by them."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from typing import Any, Literal

import re2

from acceptance.delivery.encoding import TOO_LONG, decode
from acceptance.delivery.findings import Problem
from acceptance.delivery.limits import MAX_LINE
from spec_lang.contract import FieldDef, Shape
from spec_lang.types import File, ListOf, Money, Quantity, RecordOf, Scalar, bare

QUOTES = Problem("syntax", "a quoted cell has no end", "close the quote; write a quote in a cell as two quotes")
WHOLE = re2.compile(r"-?(0|[1-9][0-9]{0,18})")
NUMBER = re2.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")

Cells = tuple[list[str] | None, Problem | None]


def records(lines: Iterator[bytes | None]) -> Iterator[tuple[int, bytes | None, Problem | None]]:
    """(first line, bytes, None) of each CSV record, which may hold line breaks inside quotes; else what is wrong.

    Where a quoted cell goes on beyond the longest record nothing behind it can be read.
    """
    pending, first, quoted = bytearray(), 0, False
    for number, line in enumerate(lines, 1):
        first = first or number
        if quoted and (line is None or len(pending) + len(line) > MAX_LINE):
            break
        if line is None:
            yield first, None, TOO_LONG
            first = 0
            continue
        pending += line
        quoted ^= line.count(b'"') % 2 == 1
        if quoted:
            pending += b"\n"
        else:
            yield first, bytes(pending), None
            pending, first = bytearray(), 0
    if first:
        yield first, None, QUOTES


def cells(raw: bytes) -> Cells:
    """The cells of one record, or what is wrong with its bytes."""
    text, problem = decode(raw)
    if text is None:
        return None, problem
    if not text:
        return None, Problem("blank", "an empty line", "remove it")
    if any(letter < " " and letter not in "\t\r\n" for letter in text):
        return None, Problem("control", "a raw control character", "remove it")
    if '"' not in text:
        return text.split(","), None
    try:
        return next(csv.reader([text], strict=True)), None
    except (csv.Error, StopIteration):
        return None, Problem("syntax", "the quotes of a cell are not RFC 4180", "write a quote in a cell as two quotes")


def header(found: list[str], shape: Shape) -> Problem | None:
    """What is wrong with the names in the first line, if anything is."""
    expected = [field.name for field in shape.fields]
    optional = {field.name for field in shape.fields if field.default is not None or field.type.kind == "optional"}
    missing = [name for name in expected if name not in found and name not in optional]
    advice = f"name the columns {', '.join(expected)}"
    nested = [field.name for field in shape.fields if field.name not in optional and _conversion(field) is None]
    if nested:
        advice = f"send JSON Lines: a CSV cell cannot hold a list or a group, such as {', '.join(nested)}"
    if len(set(found)) != len(found):
        return Problem("header", "a column name occurs twice", advice, str(found))
    if missing:
        return Problem("header", f"the header lacks {', '.join(missing)}", advice)
    if strange := [name for name in found if name not in expected]:
        return Problem("header", "the header has a column that the contract does not know", advice, str(strange))
    return None


class Converter:
    """Rows of one CSV file: cells in the header's order to values of the fields' types."""

    def __init__(self, names: list[str], shape: Shape) -> None:
        fields = {field.name: field for field in shape.fields}
        self.columns = [(name, _conversion(fields[name])) for name in names]

    def row(self, values: list[str]) -> tuple[dict[str, Any] | None, Problem | None]:
        """The row; an empty cell is an absent field."""
        if len(values) != len(self.columns):
            return None, Problem(
                "cells",
                f"{len(values)} cells where the header has {len(self.columns)}",
                "quote a cell that holds a comma",
            )
        row = {}
        for (name, convert), value in zip(self.columns, values, strict=True):
            if convert is None and value:
                return None, Problem(
                    "list_cell", f"`{name}` is a list or a group; a CSV cell cannot hold it", "send JSON Lines"
                )
            if convert is not None and value:
                row[name] = convert(value)
        return row, None


def _conversion(field: FieldDef) -> Callable[[str], Any] | None:
    """How a cell becomes a value; None for lists and groups. A cell that does not fit stays text, and is malformed."""
    type_ = bare(field.type)
    if isinstance(type_, ListOf | RecordOf | File | Money):
        return None
    if isinstance(type_, Quantity):
        return number
    if isinstance(type_, Scalar):
        return {"Int": whole, "Number": number, "Bool": boolean}.get(type_.name, str)
    return str


def whole(cell: str) -> int | str:
    """An integer of 64 bits, else the cell unchanged."""
    if not WHOLE.fullmatch(cell):
        return cell
    return value if -(2**63) <= (value := int(cell)) < 2**63 else cell


def number(cell: str) -> float | int | str:
    """A finite JSON number, else the cell unchanged."""
    if len(cell) > 64 or not NUMBER.fullmatch(cell):
        return cell
    value = whole(cell)
    return value if isinstance(value, int) else (float(cell) if math.isfinite(float(cell)) else cell)


def boolean(cell: str) -> Literal[True, False] | str:
    """`true` or `false`, else the cell unchanged."""
    return cell == "true" if cell in ("true", "false") else cell
