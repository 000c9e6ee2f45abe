"""A condition's column to the chosen rows that satisfy it and those that do not."""

from __future__ import annotations

from fractions import Fraction

from acceptance.tables import Column
from acceptance.values.exact import Mask, truth


def satisfied(column: Column, chosen: Mask) -> Mask:
    """The chosen rows that satisfy the condition."""
    return chosen & column.known & truth(column)


def refuted(column: Column, chosen: Mask) -> Mask:
    """The chosen rows that do not."""
    return chosen & column.known & ~truth(column)


def percent(part: int, whole: int) -> Fraction:
    """An exact share in percent."""
    return Fraction(100 * part, whole)
