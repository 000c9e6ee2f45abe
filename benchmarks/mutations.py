"""Good bytes and good JSON values in, hostile ones out: what the fuzzers and their tests change."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from random import Random
from typing import Any

TOKENS = (
    b"",
    b"\0",
    b"\n",
    b"\r\n",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\xbd",
    b"NaN",
    b"1e999",
    b"9" * 40,
    b"\\ud83d",
    b"\\u0000",
    b"[" * 100,
    b"\xe2\x80\xa8",
    b"\xff" * 8,
    b"\0" * 512,
    b"../",
    b"ustar",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PAR1",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"77777777777\0",
)

ACTING = "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202egnp.exe\n::error::x"
"""What a terminal, a page or a build log would act upon, were it written out."""
TEXTS = (
    "",
    " ",
    "\0",
    "\x1b[31m",
    "\x9b31m",
    "\u202e\u2066",
    "\u2028",
    "\ufeff",
    "\ufdd0",
    "\ufdd3\ufdd4",
    "\ud800",
    "\udcff",
    "</script>",
    "<!--<script>",
    "]]>",
    "'\"<>&`",
    "{{ 7 * 7 }}",
    "{% generation %}",
    "%s%n{0.__class__}",
    "=HYPERLINK(1)",
    "a\nb",
    "../../etc/passwd",
    "C:\\x",
    "\\\\host\\share",
    "%00",
    "NaN",
    "1e999",
    "-0",
    "1e308",
    "0x10",
    "2027-02-30",
    "9999-12-31",
    "0000-00-00",
    "2027-01-01T00:00:00+99:99",
    "true",
    "null",
    "[]",
    "<|end|>",
    "<|end",
    "|>",
    "__class__",
    "a" * 70,
    "e\u0301" * 300,
    "\U0001f469\u200d" * 50,
    "\u0e33" * 200,
    "\U000e0041",
    "\u3164",
    "ﷺ" * 100,
    "İ" * 40,
    "ß",
    ACTING,
)
NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    2**64,
    10**60,
    0.1,
    -0.0,
    1e308,
    5e-324,
    1e-400,
    10**400,
    True,
    False,
    float("inf"),
    float("nan"),
)
"""Those that strict JSON does not have are written as Python writes them: the reader is to refuse them."""

Mutate = Callable[[bytes, Random], bytes]


def flipped(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << rng.randrange(8)]) + body[at + 1 :]


def overwritten(body: bytes, rng: Random) -> bytes:
    token, at = rng.choice(TOKENS), rng.randrange(len(body))
    return body[:at] + token + body[at + len(token) :]


def inserted(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice(TOKENS) + body[at:]


def removed(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at + rng.randrange(1, 600) :]


def doubled(body: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(body))
    return body[:at] + body[at : at + rng.randrange(1, 600)] * 2 + body[at:]


def reseeded(body: bytes, rng: Random) -> bytes:
    """A number field of a header at an extreme."""
    at, size = rng.randrange(len(body)), rng.choice((1, 2, 4, 8))
    return body[:at] + rng.choice((b"\xff", b"\0", b"\x7f", b"\x80")) * size + body[at + size :]


MUTATES: tuple[Mutate, ...] = (flipped, overwritten, inserted, removed, doubled, reseeded)


def changed(body: bytes, rng: Random) -> bytes:
    """One to five changes; of a gzip file half the time below the compression."""
    packed = body.startswith(b"\x1f\x8b") and rng.random() < 0.5
    body = gzip.decompress(body) if packed else body
    for _ in range(rng.choice((1, 1, 2, 5))):
        body = rng.choice(MUTATES)(body or b"\0", rng)
    return gzip.compress(body or b"\0", 1) if packed else body or b"\0"


def hostile(rng: Random, depth: int = 0) -> Any:
    """A JSON value as a stranger would send it."""
    kind = rng.randrange(10 if depth < 4 else 6)
    if kind < 3:
        return hostile_text(rng)
    if kind < 5:
        return rng.choice(NUMBERS)
    if kind == 5:
        return None
    if kind == 6:
        return nested(rng.choice((2, 20, 60, 70, 3_000)), rng.choice("[{"))
    if kind == 7:
        return [hostile(rng, depth + 1)] * rng.choice((1, 2, 3 if depth else 200))
    many = rng.choice((0, 1, 3, 3 if depth else 200))
    return {hostile_text(rng) + str(at): hostile(rng, 4) for at in range(many)}


def hostile_text(rng: Random) -> str:
    """Seldom a long one: of one character, of one word, or of all that acts."""
    if rng.random() < 0.05:
        return rng.choice(TEXTS) * rng.choice((10, 300, 5_000))
    return rng.choice(TEXTS) + rng.choice(("", "", rng.choice(TEXTS)))


def nested(levels: int, kind: str) -> Any:
    """Levels of lists, or of groups."""
    value: Any = 1
    for _ in range(levels):
        value = [value] if kind == "[" else {"a": value}
    return value


def mutated(value: Any, rng: Random) -> Any:
    """A JSON value with one place in it changed: another value, a key or entry lost, doubled, renamed or added."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return hostile(rng)
    if isinstance(value, list):
        at = rng.randrange(len(value))
        act = rng.randrange(6)
        if act == 0:
            return value[:at] + value[at + 1 :]
        if act == 1:
            return value[:at] + [value[at]] * rng.choice((2, 2, 200)) + value[at:]
        return [*value[:at], mutated(value[at], rng), *value[at + 1 :]]
    key = rng.choice(sorted(value))
    act = rng.randrange(10)
    if act == 0:
        return {name: inner for name, inner in value.items() if name != key}
    if act == 1:
        return {hostile_text(rng) if name == key else name: inner for name, inner in value.items()}
    if act == 2:
        return value | {hostile_text(rng): hostile(rng)}
    return value | {key: mutated(value[key], rng)}


def written(value: Any) -> bytes:
    """As JSON, whatever it holds: deeper than Python's own writer goes, halves of surrogate pairs as they are."""
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b'{"deep":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
