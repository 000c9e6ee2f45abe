"""Deliveries whose truth is known in; how often acceptance certifies, refuses and leaves them undecided out.

    python -m benchmarks.characteristic                          the page, from the committed scores
    python -m benchmarks.characteristic --pool out/pool          trains what that folder lacks, then the page from it
    python -m benchmarks.characteristic --pool out/pool --keep   and keeps scores and page in the repository

The design, fixed before any trial was decided:

- *Unit.* A delivery of 300 records, drawn anew from the example's generator, goes through the whole acceptance:
  every clause of the intake, then five fine-tunes of the accepted records, each asked all held-out sets, then every
  trial clause. It is met, breached or undecided, or stopped at the intake. No two deliveries share a run.
- *Kinds.* Good as ordered; null, which teaches only what the base knows and passes the intake by false labels;
  twelve kinds of damage. Where the data alone should show the damage, twenty deliveries are looked at and the first
  one is also trained on as delivered, to see what the trial would have said without an intake.
- *Numbers.* Sixty nulls: with 59 or more and none met, the exact one-sided 95 % limit of the rate is below the
  promised 5 %. Twenty good ones, five of each other kind. More nulls follow, up to 200, if time is left. Kinds are
  mixed in an order that is written down in `pool.tasks`, so that a pool stopped by the clock has its share of each;
  no result stops it.
- *Margins* were chosen on the pilot sets, before the first trial of a drawn delivery. The number of steps had been
  tried for its cost on sealed items too, with the example's own delivery. The lock holds the pilot, and the power
  that is promised is what `check --plan` works out from it.
- *Boundary.* Nulls are far from the bound of a contract. Two deliveries of one kind, one in the vendor's place and
  one in the reference's, differ by luck alone: the expected gain is 0. Held against a bound of 0 they are real
  trials at the boundary, and at most 5 in 100 may be met.
- *Intervals* are exact (Clopper and Pearson, 1934) and one-sided at 95 %. They take deliveries as independent,
  given one base and one set of items, which all trials share. Pairs of twins share deliveries; their standard error
  is a jackknife over deliveries, and the pairs that share none are counted apart.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "back_office"
if str(EXAMPLE / "make") not in sys.path:
    sys.path.insert(0, str(EXAMPLE / "make"))

import damage  # noqa: E402, F401
import data  # noqa: E402, F401

SUITES = {"calls": 100, "general": 80, "declines": 40}
"""Held-out sets and how many of the example's items are asked."""
