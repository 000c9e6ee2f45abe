"""What the pass over a delivery counted that no clause quotes: shares, lengths, clusters, the mask. For charts only.

No part of the ledger: nothing is decided on it and nobody signs it. It holds counts and the contract's own words, never
delivered text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """One entry of a mixture, as fractions; an end that the contract leaves open is None."""

    clause: str
    low: float
    high: float
    """What was found; above `low` where rows could not be judged."""
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A clause's bound on a histogram's values, such as `p99(...) <= 128 tokens`."""

    clause: str
    value: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often a length was found: `counts[i]` rows lie in `[start + i * step, start + (i + 1) * step)`."""

    what: str
    unit: str
    start: int
    step: int
    counts: tuple[int, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Delivered rows that repeat each other: size of a cluster -> how many there are."""

    what: str
    sizes: dict[int, int]


@dataclass(frozen=True, slots=True)
class Slice:
    """Accepted rows that belong to one entry of a mixture."""

    clause: str
    rows: int
    trained: int
    """Tokens."""


@dataclass(frozen=True, slots=True)
class Census:
    """What a recipe makes of the accepted rows, in tokens."""

    recipe: str
    rows: int
    tokens: int
    trained: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Empty where no clause asked for anything of the kind: what nobody asks for is not counted."""

    shares: tuple[Share, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    clusters: tuple[Clusters, ...] = ()
    census: tuple[Census, ...] = ()
