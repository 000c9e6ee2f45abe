"""A lesson to text for a terminal, to JSON, or to one HTML page: the training text with its loss mask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import escape

from acceptance.ledger import Sheet
from acceptance.rendering.lesson import Lesson, Part, Piece
from acceptance.report.html import page
from acceptance.report.view import safe, spelled

BETWEEN, OPEN, CLOSE = "\u2502", "\u27e6", "\u27e7"
"""Between tokens; around what is trained."""
MARKS = {" ": "\u00b7", "\n": "\u21b5\n", "\t": "\u21e5", "\r": "\u240d"}
"""How white space is shown."""
OWN = frozenset(f"{BETWEEN}{OPEN}{CLOSE}\u00b7\u21b5\u21e5\u240d")
"""Signs that mean something here are spelled out where the text holds them."""
TRAINED, CONTROL, CUT, WARN = "42;30", "35", "31;9", "33"
SIGNS = {"good": "  ok", "bad": "  !!", "unknown": "  ??"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A lesson, the record's name and its place in the delivery."""

    lesson: Lesson
    name: str
    place: str


class Record(Sheet):
    """A record as it is trained on."""

    record: str
    """Its table and key."""
    place: str
    """File and line in the delivery."""
    lesson: Lesson


def as_json(shown: Shown) -> str:
    """ASCII only; every text of the record that is trained on is in it."""
    record = Record(record=shown.name, place=shown.place, lesson=shown.lesson)
    return json.dumps(record.model_dump(mode="json"), indent=2)


def as_html(shown: Shown) -> str:
    """The page; no script, everything escaped."""
    return page("preview.html.jinja", shown=shown, lesson=shown.lesson, visible=lambda text: escape(visible(text)))


def as_text(shown: Shown, color: bool = False) -> str:
    """For a terminal, readable without colours too."""
    lesson = shown.lesson
    head = f"{safe(shown.name)} ({safe(shown.place)}), recipe {lesson.recipe}, template {safe(lesson.template)}"
    count = f"{lesson.length:,} tokens, {lesson.trained:,} trained: {OPEN}{CLOSE} around them, {BETWEEN} between tokens"
    body = "".join(pieces(lesson, color))
    return "\n".join([head, count, "", body, "", *table(lesson), "", *looked_at(lesson, color), *omitted(lesson)])


def pieces(lesson: Lesson, color: bool) -> Iterator[str]:
    """The text with its marks: runs of trained and other tokens, and the line where `max_length` cuts."""
    for cut, inside in groupby(lesson.pieces, key=lambda piece: piece.cut):
        if cut:
            yield f"\n--- what follows is beyond max_length {lesson.max_length:,} (overflow: {lesson.overflow}) ---\n"
        for trained, run in groupby(inside, key=lambda piece: piece.trained):
            words = BETWEEN.join(token(piece, color) for piece in run)
            yield f"{OPEN}{words}{CLOSE}" if trained else words


def token(piece: Piece, color: bool) -> str:
    text = visible(piece.text)
    if len(piece.ids) != 1:
        text = f"{text}({len(piece.ids)} tokens)"
    if not color:
        return text
    codes = [TRAINED] * piece.trained + [CONTROL] * piece.control + [CUT] * piece.cut
    return "\n".join(f"\x1b[{';'.join(codes)}m{line}\x1b[0m" if codes and line else line for line in text.split("\n"))


def visible(text: str) -> str:
    """White space as signs, everything that acts or hides spelled out."""
    return "".join(MARKS.get(one) or (spelled(one, OWN)) for one in text)


def table(lesson: Lesson) -> Iterator[str]:
    """One line per trained part."""
    yield "part  trained tokens  end of turn  from"
    for part in lesson.parts:
        counted = f"{part.tokens:,}" if part.kept == part.tokens else f"{part.kept:,} of {part.tokens:,}"
        yield f"{part.number:>4}  {counted:>14}  {'trained' if part.ends else 'missing':<11}  {fields(part)}".rstrip()


def fields(part: Part) -> str:
    return safe(counted(part.fields))


def counted(paths: dict[str, int]) -> str:
    """`$.source (5), $.input.task`."""
    return ", ".join(path if count == 1 else f"{path} ({count})" for path, count in paths.items())


def looked_at(lesson: Lesson, color: bool) -> Iterator[str]:
    for note in lesson.notes:
        line = f"{SIGNS[note.state]}  {note.what}: {safe(note.text)}"
        yield f"\x1b[{WARN}m{line}\x1b[0m" if color and note.state != "good" else line


def omitted(lesson: Lesson) -> Iterator[str]:
    if lesson.left_out:
        yield ""
        yield f"Texts of the record that are not in it: {safe(counted(lesson.left_out), 2_000)}"
