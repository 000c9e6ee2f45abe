"""Linear inequalities over columns that are at least 0: a conflict among them, exactly, or none.

The least-index criss-cross method (Terlaky 1985) on a dictionary of integers with one common denominator: no phases, no
rounding, and it always ends. Strict inequalities ask for an infinitesimal more, carried as a second right-hand side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm


@dataclass(frozen=True, slots=True)
class Inequality:
    """sum of coefficient * column >= bound; > where strict."""

    coefficients: Mapping[int, Fraction]
    bound: Fraction
    strict: bool = False


def conflict(rows: Sequence[Inequality], columns: int) -> dict[int, Fraction] | None:
    """None if some columns >= 0 satisfy all rows; else Farkas multipliers: rows of positive weight that cannot hold.

    The weighted sum of those rows has no positive coefficient and a positive bound (or 0, and one of them is strict).
    The rows are few: those of a vertex of the alternative, as a rule an irreducible conflict.
    """
    table = _Dictionary(rows, columns)
    while (row := table.violated()) is not None:
        column = table.entering(row)
        if column is None:
            return table.multipliers(row)
        table.pivot(row, column)
    return None


class _Dictionary:
    """Basic variables as sums of nonbasic ones: value = (bound + infinitesimal * e + entries . nonbasic) / denominator.

    Variables 0..columns-1 are the columns, the others the slacks of the rows, each at least 0.
    """

    def __init__(self, rows: Sequence[Inequality], columns: int) -> None:
        self.columns = columns
        self.scale = [
            lcm(row.bound.denominator, *(one.denominator for one in row.coefficients.values())) for row in rows
        ]
        self.entries = [
            [int(row.coefficients.get(column, 0) * scale) for column in range(columns)]
            + [-int(row.bound * scale), -int(row.strict)]
            for row, scale in zip(rows, self.scale, strict=True)
        ]
        self.basic = list(range(columns, columns + len(rows)))
        self.nonbasic = list(range(columns))
        self.denominator = 1

    def violated(self) -> int | None:
        """The row of the first variable below 0."""
        width = self.columns
        below = [
            (name, row)
            for row, (name, entry) in enumerate(zip(self.basic, self.entries, strict=True))
            if entry[width] < 0 or (entry[width] == 0 and entry[width + 1] < 0)
        ]
        return min(below)[1] if below else None

    def entering(self, row: int) -> int | None:
        """The position of the first variable that can raise the row."""
        entry = self.entries[row]
        helpful = [(name, column) for column, name in enumerate(self.nonbasic) if entry[column] > 0]
        return min(helpful)[1] if helpful else None

    def pivot(self, row: int, column: int) -> None:
        """Swap a basic and a nonbasic variable. Divisions leave no rest: every entry is a minor of the first table."""
        leaving = self.entries[row]
        head, old = leaving[column], self.denominator
        for position, entry in enumerate(self.entries):
            factor = entry[column]
            if position == row:
                continue
            if factor:
                changed = [(one * head - factor * other) // old for one, other in zip(entry, leaving, strict=True)]
                changed[column] = factor
            else:
                changed = [one * head // old for one in entry]
            self.entries[position] = changed
        self.entries[row] = [-one for one in leaving]
        self.entries[row][column] = old
        self.denominator = head
        self.basic[row], self.nonbasic[column] = self.nonbasic[column], self.basic[row]

    def multipliers(self, row: int) -> dict[int, Fraction]:
        """What each inequality weighs in the row that nothing can raise."""
        weights = {name: -one for name, one in zip(self.nonbasic, self.entries[row][: self.columns], strict=True)}
        weights[self.basic[row]] = self.denominator
        return {
            name - self.columns: Fraction(weight * self.scale[name - self.columns], self.denominator)
            for name, weight in sorted(weights.items())
            if weight and name >= self.columns
        }
