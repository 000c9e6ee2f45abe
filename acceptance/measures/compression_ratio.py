"""How many times smaller a text becomes when all rows are compressed together: zlib at level 6, in delivered order.

Each text is followed by a line feed, so that two rows never run into one word.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from fractions import Fraction

from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import Column
from acceptance.values.exact import Mask
from acceptance.values.spill import Texts

LEVEL = 6


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    texts = columns[0]
    if not isinstance(texts, Texts):
        raise TypeError("compression_ratio needs its texts on disk")
    squeeze = zlib.compressobj(LEVEL)
    before = after = 0
    for text in texts.chosen(chosen):
        before += len(text) + 1
        after += len(squeeze.compress(text)) + len(squeeze.compress(b"\n"))
    after += len(squeeze.flush())
    return Aggregated(Fraction(before, after) if before else None)


MEASURE = Aggregate(reduce)
