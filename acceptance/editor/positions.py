"""Offsets in a text to an editor's positions and back: lines as the protocol ends them, columns in its units."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types
from pygls.workspace import PositionCodec

from spec_lang.source import Span

LINE_END = re.compile(r"\r\n|\n|\r")


class Positions:
    """The positions of one text."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self.text = text
        self.codec = codec
        self.starts = [0, *(found.end() for found in LINE_END.finditer(text))]

    def position(self, offset: int) -> types.Position:
        """Where a character stands."""
        line = bisect_right(self.starts, offset) - 1
        return types.Position(line, self.codec.client_num_units(self.text[self.starts[line] : offset]))

    def range(self, span: Span) -> types.Range:
        """Where a span of this text stands."""
        return types.Range(self.position(span.start), self.position(span.end))

    def offset(self, position: types.Position) -> int:
        """The character at a position; the end of the line, or of the text, for one behind it."""
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[position.line]
        found = LINE_END.search(self.text, start)
        end, units = found.start() if found is not None else len(self.text), 0
        for offset in range(start, end):
            if units >= position.character:
                return offset
            units += self.codec.client_num_units(self.text[offset])
        return end
