"""A sample that people judged, and the agreed plan, to a verdict with the interval of what is defective in all rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from acceptance.ledger import Verdict
from spec_lang.contract import Clause
from spec_lang.planning.power import error as error_of
from spec_lang.planning.sampling import SamplingPlan, hypergeometric
from spec_lang.trialplans import sampling_plan


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One sheet: `marks` says of each sampled row, in the order drawn, whether it is defective; None if not judged."""

    rows: int
    """What was drawn from."""
    marks: tuple[bool | None, ...]
    sheet: str = ""
    """sha256 of its bytes, in hex."""
    draw: str = ""
    """The name of the draw: that of no other contract, lock, delivery, attempt or set of accepted rows."""

    def counts(self, size: int | None = None) -> tuple[int, int]:
        """Rows judged and found defective, of the first `size` drawn: a part of a sample is a smaller sample."""
        judged = [mark for mark in self.marks[:size] if mark is not None]
        return len(judged), sum(judged)

    @property
    def share(self) -> Fraction | None:
        """Percent of the judged rows that are defective; None where nobody judged any."""
        judged, defective = self.counts()
        return Fraction(100 * defective, judged) if judged else None


def decide_review(clause: Clause, found: Reviewed, attempts: int = 1) -> tuple[Verdict, str]:
    """The verdict of a review clause by its plan for as many rows as there were to draw from."""
    assert clause.statistic is not None
    plan = sampling_plan(clause, attempts, found.rows)
    verdict, reason = decide_sample(plan, found, Fraction(error_of(clause.statistic.confidence, attempts)))
    return ("reported" if clause.role == "report" else verdict), reason


def decide_sample(agreed: SamplingPlan, found: Reviewed, error: Fraction) -> tuple[Verdict, str]:
    """Breached as soon as the defects exceed the plan's number, met only at its full size. `error`: of each bound."""
    judged, defective = found.counts(agreed.size)
    told = f"{defective} of {judged} reviewed records are defective; the plan accepts {agreed.accept} of {agreed.size}"
    if not agreed.size:
        return "undecided", "there are no records to review"
    if judged < agreed.size and defective <= agreed.accept:
        return "undecided", f"{told}: review {agreed.size - judged} more"
    low, high = bounds(found.rows, agreed.size, defective, error)
    if judged == agreed.size:
        told += f"; of all {found.rows:,} at least {_share(low, found.rows)} and at most {_share(high, found.rows)} are"
        told += f" ({100 * float(1 - error):.4g} % each side)" if error else ""
    if found.sheet:
        told += f"; sheet sha256 {found.sheet}"
    return ("breached" if defective > agreed.accept else "met"), told


def bounds(rows: int, size: int, defective: int, error: Fraction) -> tuple[int, int]:
    """The least and the most defective rows that a sample like this leaves possible, each bound at `error`.

    Exact, by inverting the hypergeometric distribution (Clopper and Pearson's way for a finite number of rows).
    """
    least, most = defective, rows - (size - defective)
    lower = _first(least, most, lambda bad: 1 - hypergeometric(defective - 1, size, bad, rows) > error)
    above = _first(least, most + 1, lambda bad: bad > most or hypergeometric(defective, size, bad, rows) <= error)
    return lower, max(least, above - 1)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number for which it holds; it does for `high`, and for all behind the first."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _share(bad: int, rows: int) -> str:
    return f"{bad / rows:.2%}"
