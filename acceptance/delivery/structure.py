"""JSON bytes in, nesting depth after each byte out: a scan in numpy that never recurses and carries over chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

QUOTE, BACKSLASH, COMMA = 34, 92, 44

STEP = np.zeros(256, dtype=np.int8)
STEP[[ord("["), ord("{")]] = 1
STEP[[ord("]"), ord("}")]] = -1

Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Scanner:
    """Remembers between chunks whether a string is open, how deep the nesting is and how many backslashes came last."""

    def __init__(self) -> None:
        self.inside = 0
        self.depth = 0
        self.trailing = 0

    def feed(self, data: Bytes) -> tuple[Depths, Mask]:
        """For each byte of a chunk that is not empty: the depth after it, and whether it lies outside strings."""
        quote = (data == QUOTE) & ~self._escaped(data)
        inside = (np.cumsum(quote) + self.inside) & 1
        outside = inside == 0
        depth = np.cumsum(np.where(outside, STEP[data], 0)) + self.depth
        self.inside, self.depth = int(inside[-1]), int(depth[-1])
        return depth, outside

    def _escaped(self, data: Bytes) -> Mask:
        """Bytes behind an odd run of backslashes."""
        slash = data == BACKSLASH
        if not self.trailing and not slash.any():
            return np.zeros(len(data), dtype=np.bool_)
        index = np.arange(len(data))
        last_other = np.maximum.accumulate(np.where(slash, -1 - self.trailing, index))
        runs = np.where(slash, index - last_other, 0)  # backslashes up to and including this byte
        before = np.concatenate(([self.trailing], runs[:-1]))
        self.trailing = int(runs[-1])
        escaped: Mask = before % 2 == 1
        return escaped


def depth(line: bytes) -> int:
    """The deepest nesting in one JSON text."""
    if not line:
        return 0
    return int(Scanner().feed(np.frombuffer(line, dtype=np.uint8))[0].max())


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
        data = np.frombuffer(chunk, dtype=np.uint8)
        levels, outside = scanner.feed(data)
        ends = outside & (levels <= 0) & (STEP[data] < 0)
        cuts = np.flatnonzero(ends | (outside & (levels == 1) & (data == COMMA)))
        start, opened = (0 if opened else 1), True
        for cut in cuts.tolist():
            _keep(pending, chunk[start:cut], limit)
            if not (ends[cut] and count == 0 and not pending.strip()):  # `[]` has no element
                count += 1
                yield bytes(pending) if len(pending) <= limit else None
            pending.clear()
            start = cut + 1
            if ends[cut]:
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
