"""The bytes of one record in; the record or what is wrong with it out: stricter than any JSON library is alone."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from acceptance.delivery import structure
from acceptance.delivery.encoding import decode, has_separators, separators
from acceptance.delivery.findings import Problem
from acceptance.delivery.limits import MAX_DEPTH, MAX_TOKEN
from acceptance.tables import strings

BLANK = Problem("blank", "an empty line", "remove it: each line holds one record")
COMMENT = Problem("comment", "a comment", "remove it: JSON has no comments")
DEEP = Problem("depth", f"nested deeper than {MAX_DEPTH} levels", "flatten the record")
NOT_OBJECT = Problem("not_object", "the row is not an object", "write each record as {...}")
SURROGATE = Problem("surrogate", "half of a surrogate pair stands alone", "write the whole character, or \\uFFFD")

SYNTAX = {
    "Expecting value": ("a value is missing here", "write a value, or remove the comma before"),
    "Expecting property name enclosed in double quotes": ("a key in double quotes is missing here", "quote each key"),
    "Expecting ':' delimiter": ("a colon is missing here", "write `:` between key and value"),
    "Expecting ',' delimiter": ("a comma or closing bracket is missing here", "check commas, quotes and brackets"),
    "Unterminated string starting at": ("a string that starts here has no end", "close the string in the same line"),
    "Invalid control character at": ("a raw control character stands in a string", "write it as an escape, e.g. \\n"),
    "Invalid \\escape": ("this escape does not exist in JSON", "write a backslash as two backslashes"),
    "Invalid \\uXXXX escape": ("\\u lacks its four digits", "write four hexadecimal digits"),
    "Extra data": ("more follows behind the record", "write one record per line"),
    "Illegal trailing comma before end of object": ("a comma stands before }", "remove the comma"),
    "Illegal trailing comma before end of array": ("a comma stands before ]", "remove the comma"),
}


COLON = re.compile(rb"\\u003[aA]")
DIGITS, LONG = bytes.maketrans(b"123456789", b"000000000"), b"0" * 19
"""All digits to one, and as many as the largest 64-bit integer has. A number of three shorter runs is not too long."""


class Objection(Exception):
    """Raised by the hooks inside the JSON parser."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse(raw: bytes) -> tuple[dict[str, Any] | None, Problem | None, tuple[Problem, ...]]:
    """(the record, None, warnings), or (None, what is wrong, warnings)."""
    record = quickly(raw)
    return (record, None, ()) if record is not None else closely(raw)


def closely(raw: bytes) -> tuple[dict[str, Any] | None, Problem | None, tuple[Problem, ...]]:
    """What `parse` answers, of any line."""
    text, problem = decode(raw)
    if text is None:
        return None, problem, ()
    warnings = separators(text)
    try:
        return _object(raw, text), None, warnings
    except Objection as objection:
        return None, objection.problem, warnings
    except json.JSONDecodeError as error:
        return None, _syntax(error, text), warnings


def quickly(raw: bytes) -> dict[str, Any] | None:
    """The record, where it is certain that a quick parser read it as strictly as the slow one does; else None.

    Certain is a line that the parser writes again in the very same bytes. So is one, however it is spaced and escaped,
    that is written again with as many colons, so that no key was dropped, and whose numbers fit what holds them.
    """
    if raw[:1] != b"{" or has_separators(raw) or _is_deep(raw):
        return None
    try:
        record: dict[str, Any] = orjson.loads(raw)
        again = orjson.dumps(record, option=orjson.OPT_STRICT_INTEGER)  # within 53 bits
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return record if again == raw or (_keeps_keys(raw, again) and _is_short(raw)) else None


def _keeps_keys(raw: bytes, again: bytes) -> bool:
    """A second value of a key takes a colon away, or more; a colon of a text stays one, unless it was spelled out."""
    if b"\\u003" in raw and COLON.search(raw):
        return False
    return raw.count(b":") == again.count(b":")


def _is_short(raw: bytes) -> bool:
    """Nowhere stand so many digits together as a 64-bit integer may not hold, so no number is too long either."""
    return LONG not in raw.translate(DIGITS)


def _is_deep(raw: bytes) -> bool:
    return raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and structure.depth(raw) > MAX_DEPTH


def _object(raw: bytes, text: str) -> dict[str, Any]:
    if _is_deep(raw):
        raise Objection(DEEP)
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise Objection(NOT_OBJECT)
    if "\\ud" in text or "\\uD" in text:
        _has_whole_characters(value)
    return value


def _syntax(error: json.JSONDecodeError, text: str) -> Problem:
    stripped = text.strip()
    if not stripped:
        return BLANK
    if stripped.startswith(("//", "#", "/*")):
        return COMMENT
    what, repair = SYNTAX.get(error.msg, ("this is not JSON", "write one JSON object per line"))
    if error.msg == "Extra data" and "\r" in text:
        repair = "end lines with LF or CRLF; a CR alone ends no line"
    around = text[max(0, error.pos - 20) : error.pos + 20]
    return Problem("syntax", f"not JSON: at character {error.pos + 1} {what}", repair, around)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Objection(
            Problem("duplicate_key", "an object has the same key twice; readers keep only one", "keep one", twice)
        )
    return record


def _constant(token: str) -> Any:
    raise Objection(Problem("not_finite", f"{token} is not a JSON number", "leave the field out, or write a number"))


def _float(token: str) -> float:
    value = float(token) if len(token) <= MAX_TOKEN else _overlong(token)
    if math.isinf(value):
        raise Objection(Problem("not_finite", "a number is too large to hold", "write a smaller number", token))
    return value


def _int(token: str) -> int:
    value = int(token) if len(token) <= MAX_TOKEN else _overlong(token)
    if not -(2**63) <= value < 2**63:
        raise Objection(
            Problem("big_integer", "an integer is outside 64 bits; readers change it", "write it as a string", token)
        )
    return value


def _overlong(token: str) -> int:
    raise Objection(
        Problem("big_integer", f"a number has more than {MAX_TOKEN} characters", "shorten it", token[:MAX_TOKEN])
    )


def _has_whole_characters(record: dict[str, Any]) -> None:
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        place = next((path for path, text in strings(record) if not _encodes(text)), "a key")
        raise Objection(Problem(SURROGATE.kind, f"{SURROGATE.message}", SURROGATE.help, ascii(place))) from None


def _encodes(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_int)
