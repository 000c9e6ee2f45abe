"""The table `executions` to a mark: the patch makes the failing tests pass.

`evidence` has one mapping per delivered row, in delivered order: `before` and `after`, whether all named tests passed
without and with the patch; either is missing or None where the sandbox could not tell. A row counts against the clause
unless its tests failed before and passed after. Where any row could not be executed, or there is none, the value is
None: undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from acceptance.measures.protocol import Aggregated, FromTable, Use


def fixes(evidence: Sequence[Mapping[str, Any]], use: Use) -> Aggregated:
    """Rows whose tests passed before, or did not pass after."""
    unknown = sum(not isinstance(run.get(when), bool) for run in evidence for when in ("before", "after"))
    if not evidence or unknown:
        return Aggregated(None, note=f"{unknown} test runs of {2 * len(evidence)} have no outcome")
    failed = [row for row, run in enumerate(evidence) if run["before"] or not run["after"]]
    return Aggregated(not failed, rows=np.array(failed, dtype=np.int64))


MEASURE = FromTable("executions", fixes)
