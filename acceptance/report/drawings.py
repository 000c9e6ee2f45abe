"""What a chart is made of: strips that share a scale, or bars and curves over one axis; positions are percentages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from spec_lang.types import plain

SHOWN = 60
"""Strips of one chart."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape on a strip, from `at` to `to` in percent of its width."""

    kind: Literal["bar", "band", "part", "limit", "zero", "reach", "dot"]
    at: float
    to: float = 0.0


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: what it is, its drawing, and the same in words."""

    label: str
    value: str
    marks: tuple[Mark, ...]
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Strips:
    """Rows that share one scale, with the words under its ends."""

    title: str
    key: tuple[tuple[str, str], ...]
    """Kind of mark -> what it means."""
    ends: tuple[str, ...]
    rows: tuple[Strip, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points in percent, x from the left, y from the top."""

    hue: str
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars or curves over one axis; `bars` are x, width, height and words, in percent."""

    title: str
    key: tuple[tuple[str, str], ...]
    ends: tuple[str, ...]
    top: str
    bars: tuple[tuple[float, float, float, str], ...] = ()
    lines: tuple[Line, ...] = ()
    limits: tuple[tuple[float, str], ...] = ()
    reaches: tuple[tuple[float, float, float, float, str], ...] = ()
    """Points with bounds: x, then upper bound, point and lower bound from the top, and words."""
    level: float | None = None
    """Where zero lies, from the top."""
    note: str = ""


def strips(title: str, key: tuple[tuple[str, str], ...], ends: tuple[str, ...], rows: Sequence[Strip]) -> Strips:
    """At most `SHOWN` rows; what is left out is said."""
    more = f"{len(rows) - SHOWN:,} more are not drawn" if len(rows) > SHOWN else ""
    return Strips(title, key, ends, tuple(rows[:SHOWN]), more)


def scale(top: float) -> float:
    """The next round share at or above `top`, at most 1."""
    return next((end for end in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if top <= end), 1.0)


def points(share: float) -> str:
    """`0.2102` as `21.0 %`, and no decimal where it has none."""
    return f"{plain(Decimal(f'{100 * share:.1f}'))} %"


def size(fraction: str | float) -> str:
    """`0.0123` as `1.23 pp`."""
    return f"{100 * float(fraction):.2f} pp"


def ends(of: tuple[int, int]) -> str:
    """`1,900`, or `1,890 to 1,900`."""
    low, high = of
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def signed(fraction: str | float) -> str:
    """`0.051` as `+5.1 pp`."""
    return f"{100 * float(fraction):+.1f} pp"
