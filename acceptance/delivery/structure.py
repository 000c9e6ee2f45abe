"""JSON bytes in; where brackets and commas stand outside strings, and how deep, out: it never recurses.

A scan in numpy that carries over chunks and costs almost nothing where a chunk holds no quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

QUOTE, BACKSLASH, COMMA = 34, 92, 44

STEP = np.zeros(256, dtype=np.int64)
STEP[[ord("["), ord("{")]] = 1
STEP[[ord("]"), ord("}")]] = -1
MARKS = STEP != 0
MARKS[COMMA] = True

Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Scanner:
    """Remembers between chunks whether a string is open, how deep the nesting is and how many backslashes came last."""

    def __init__(self) -> None:
        self.inside = 0
        self.depth = 0
        self.trailing = 0

    def feed(self, chunk: bytes) -> tuple[Numbers, Numbers, Numbers]:
        """Of each bracket and comma outside strings: its position, its step (1, -1, 0) and the depth behind it."""
        if self.inside and b'"' not in chunk:
            self._count_trailing(chunk)
            return (np.zeros(0, dtype=np.int64),) * 3
        data = np.frombuffer(chunk, dtype=np.uint8)
        marks = MARKS[data]
        if b'"' in chunk:
            quote = data == QUOTE
            if self.trailing or b"\\" in chunk:
                quote &= ~self._escaped(data)
            inside = np.cumsum(quote, dtype=np.uint8) + np.uint8(self.inside)  # its parity outlives the overflow
            marks &= (inside & 1) == 0
            self.inside = int(inside[-1]) & 1
        self._count_trailing(chunk)
        positions = np.flatnonzero(marks)
        steps = STEP[data[positions]]
        depths = np.cumsum(steps) + self.depth
        if len(depths):
            self.depth = int(depths[-1])
        return positions, steps, depths

    def _escaped(self, data: Bytes) -> Mask:
        """Bytes behind an odd run of backslashes."""
        slash = data == BACKSLASH
        index = np.arange(len(data), dtype=np.int64)
        last_other = np.maximum.accumulate(np.where(slash, -1 - self.trailing, index))
        runs = np.where(slash, index - last_other, 0)  # backslashes up to and including this byte
        before = np.concatenate(([self.trailing], runs[:-1]))
        escaped: Mask = before % 2 == 1
        return escaped

    def _count_trailing(self, chunk: bytes) -> None:
        run = len(chunk) - len(chunk.rstrip(b"\\"))
        self.trailing = run + self.trailing if run == len(chunk) else run


def depth(line: bytes) -> int:
    """The deepest nesting in one JSON text."""
    depths = Scanner().feed(line)[2]
    return int(depths.max()) if len(depths) else 0


class Unclosed(Exception):
    """An array ended without its `]`, or went on behind it; str() is `unclosed` or `trailing`."""


def elements(chunks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """The bytes of each element of one JSON array, None for one longer than `limit`. Raises Unclosed at the end.

    The elements are cut at commas of depth 1 and not judged; nothing beyond one element and one chunk is held.
    """
    scanner, pending, opened, count = Scanner(), bytearray(), False, 0
    stream = iter(chunks)
    for chunk in stream:
        if not opened:
            chunk = chunk.lstrip()
            if not chunk:
                continue
        positions, steps, depths = scanner.feed(chunk)
        ends = (depths <= 0) & (steps < 0)
        chosen = np.flatnonzero(ends | ((depths == 1) & (steps == 0)))
        start, opened = (0 if opened else 1), True
        for cut, end in zip(positions[chosen].tolist(), ends[chosen].tolist(), strict=True):
            _keep(pending, chunk[start:cut], limit)
            if not (end and count == 0 and not pending.strip()):  # `[]` has no element
                count += 1
                yield bytes(pending) if len(pending) <= limit else None
            pending.clear()
            start = cut + 1
            if end:
                return _nothing_follows(chunk[start:], stream)
        _keep(pending, chunk[start:], limit)
    raise Unclosed("unclosed")


def _keep(pending: bytearray, piece: bytes, limit: int) -> None:
    """Adds to the element while it is within the limit; one byte more marks it as too long."""
    pending += piece[: max(0, limit + 1 - len(pending))]


def _nothing_follows(rest: bytes, stream: Iterator[bytes]) -> None:
    """Raises Unclosed where more than white space stands behind the array."""
    while not rest.strip():
        chunk = next(stream, None)
        if chunk is None:
            return
        rest = chunk
    raise Unclosed("trailing")
