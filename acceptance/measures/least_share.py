"""The share of the rarest combination of declared words, in percent and exact; one that never occurs has 0 %.

The whole is the chosen rows that give every one of the values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product

from acceptance.measures._conditions import percent
from acceptance.measures.protocol import Aggregate, Aggregated, Use
from acceptance.tables import ABSENT, Column
from acceptance.values.exact import Mask, objects
from spec_lang.types import Enum, bare


def reduce(columns: Sequence[Column], chosen: Mask, use: Use) -> Aggregated:
    for column in columns:
        chosen = chosen & column.known
    rows = zip(*(objects(column)[chosen].tolist() for column in columns), strict=True)
    counts = Counter(row for row in rows if ABSENT not in row)
    whole = sum(counts.values())
    if not whole:
        return Aggregated(None)
    rarest = min(product(*members(use)), key=lambda words: counts[words])
    return Aggregated(percent(counts[rarest], whole), note=f"{' * '.join(rarest)}: {counts[rarest]:,} of {whole:,}")


def members(use: Use) -> list[tuple[str, ...]]:
    """The declared words of each value."""
    types = (bare(value.type) for value in use.call.all("values"))
    return [type_.members for type_ in types if isinstance(type_, Enum)]


MEASURE = Aggregate(reduce)
