"""A drawn sample to a sheet that reviewers fill in, and a filled sheet back to marks; anything but the draw is refused.

A sheet is CSV. It names records and shows none, so that no text of a delivery reaches a spreadsheet.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from acceptance.delivery import csvtable
from acceptance.delivery.encoding import BOM
from acceptance.errors import BREACHED, Refused
from acceptance.reviewing.drawing import Drawn, Place
from acceptance.statistics.reviews import Reviewed

COLUMNS = ("draw", "row", "file", "line", "record", "reviewer", "defective", "note")
MARKS = {"yes": True, "no": False, "": None}
MOST_BYTES = 64 << 20
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""Starts at which a spreadsheet would compute what is meant as text."""

Row = tuple[int, Mapping[str, str]]
"""(line of the sheet, cells by column)"""


def name(rubric: str) -> str:
    """What the sheet of a rubric is called."""
    return f"{rubric.removesuffix(Path(rubric).suffix).replace('/', '-')}.csv"


def blank(drawn: Drawn) -> bytes:
    """The sheet as reviewers get it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, place in enumerate(drawn.places, 1):
        writer.writerow((drawn.name, number, *_cells(place), "", "", ""))
    return text.getvalue().encode()


def read(paths: Sequence[Path], samples: Sequence[Drawn]) -> dict[str, Reviewed]:
    """Rubric -> what its sheet says. Raises Refused, OSError."""
    found: dict[str, Reviewed] = {}
    for path in paths:
        rubric, reviewed = filled(_bytes(path), str(path), samples)
        if rubric in found:
            raise Refused(f"{path}: a second sheet for `{rubric}`; a sample is judged once", code=BREACHED)
        found[rubric] = reviewed
    return found


def filled(data: bytes, name: str, samples: Sequence[Drawn]) -> tuple[str, Reviewed]:
    """(rubric, its marks in the order drawn). Raises Refused."""
    rows = list(_rows(data, name))
    drawn = _which(rows, name, samples)
    marks: dict[int, bool | None] = {}
    lines: dict[int, int] = {}
    for line, row in rows:
        number = _number(row, f"{name}:{line}", drawn)
        if number in lines:
            _refuse(f"{name}:{line}", f"row {number} stands on line {lines[number]} already; keep one of them")
        lines[number], marks[number] = line, _mark(row, f"{name}:{line}")
    missing = [number for number in range(1, len(drawn.places) + 1) if number not in marks]
    if missing:
        told = ", ".join(map(str, missing[:5])) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        _refuse(name, f"row {told} of the draw is missing; put it back, with `defective` empty where nobody has looked")
    in_order = tuple(marks[number] for number in range(1, len(drawn.places) + 1))
    return drawn.rubric, Reviewed(drawn.rows, in_order, hashlib.sha256(data).hexdigest(), drawn.name)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        _refuse(str(path), "longer than 64 MiB; this is no sheet of reviews")
    return data


def _rows(data: bytes, name: str) -> Iterator[Row]:
    """Raises Refused for what is no CSV of these columns; lines without anything are let be."""
    lines = (line.removesuffix(b"\r") for line in data.removeprefix(BOM).split(b"\n"))
    header = False
    for line, raw, problem in csvtable.records(lines):
        if raw is not None and not raw.strip(b", "):
            continue
        cells, problem = csvtable.cells(raw) if raw is not None else (None, problem)
        if cells is None:
            _refuse(f"{name}:{line}", f"{problem.message}; {problem.help}" if problem else "this is no CSV")
        if not header:
            _columns(cells, f"{name}:{line}")
            header = True
        elif len(cells) != len(COLUMNS):
            _refuse(f"{name}:{line}", f"{len(cells)} cells where there are {len(COLUMNS)}; quote a note with a comma")
        else:
            yield line, dict(zip(COLUMNS, cells, strict=True))


def _columns(cells: list[str], place: str) -> None:
    if tuple(cells) != COLUMNS:
        repair = "part cells by commas" if len(cells) == 1 and ";" in cells[0] else "keep the columns as drawn"
        _refuse(place, f"the columns are not {', '.join(COLUMNS)}; {repair}")


def _which(rows: list[Row], name: str, samples: Sequence[Drawn]) -> Drawn:
    """The sample that every row of the sheet says it is of."""
    said = {row["draw"] for _, row in rows}
    found = [one for one in samples if said == {one.name}]
    if not found:
        known = {one.name for one in samples}
        line, row = next(((line, row) for line, row in rows if row["draw"] not in known), (0, None))
        if row is not None or not rows:
            message = (
                "not drawn for this contract, lock, delivery, attempt and its accepted rows; draw it anew with "
                "`sftspec sample`, and give --execute and --plugin both times or neither time"
            )
            _refuse(f"{name}:{line}" if line else name, message)
        _refuse(name, "holds rows of two draws; keep each in its own sheet")
    return found[0]


def _number(row: Mapping[str, str], place: str, drawn: Drawn) -> int:
    """The row's number in the draw, all of what was drawn standing there as it was."""
    text = row["row"]
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if not 1 <= number <= len(drawn.places):
        _refuse(place, f"`row` is no number from 1 to {len(drawn.places)}; restore the row as drawn")
    if (row["file"], row["line"], row["record"]) != _cells(drawn.places[number - 1]):
        _refuse(place, f"row {number} names another record than was drawn; restore `file`, `line` and `record`")
    return number


def _mark(row: Mapping[str, str], place: str) -> bool | None:
    word = row["defective"].strip().casefold()
    if word not in MARKS:
        _refuse(place, "`defective` is `yes`, `no`, or empty where nobody has looked")
    if word and not row["reviewer"].strip():
        _refuse(place, "judged by nobody; name the reviewer")
    return MARKS[word]


def _cells(place: Place) -> tuple[str, str, str]:
    file = f"'{place.file}" if place.file.startswith(FORMULA) else place.file
    return file, str(place.line), place.record


def _refuse(place: str, message: str) -> NoReturn:
    raise Refused(f"{place}: {message}", code=BREACHED)
