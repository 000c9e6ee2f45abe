"""Rows to a number: how many generations of records lie above each, by the keys in `parents`.

A row without parents is of depth 0. Where a parent was not delivered, or a row is its own ancestor, the depth cannot
be known, nor that of the rows below; the first such rows are explained.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from acceptance.measures.duplicate import canonical
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, MAX_DETAILS, Batch, Column, Detail, Malformed
from acceptance.values.places import Places

BAD, PENDING = -2, -1
HELP = "deliver the parents, and name none of the row's own descendants"


class LineageDepth:
    """A hashed key per row, and the hashed keys of its parents."""

    def __init__(self, use: Use) -> None:
        self.contract = use.contract
        self.getter = use.getters["parents"][0]
        self.path = (use.paths.get("parents") or [""])[0] or "$"
        self.places = Places()
        self.keys, self.parents, self.counts = array("Q"), array("Q"), array("q")

    def add(self, batch: Batch) -> None:
        self.places.add(batch)
        key = self.contract.table(batch.table).key or ""
        for row in batch.rows:
            self.keys.append(_hash(row.get(key, ABSENT)))
            parents = self._parents(row)
            self.counts.append(BAD if parents is None else len(parents))
            self.parents.extend(parents or ())

    def _parents(self, row: Mapping[str, Any]) -> list[int] | None:
        """The hashed keys of the parents; None where they are malformed."""
        try:
            value = self.getter(row)
        except Malformed:
            return None
        if value is ABSENT or value is None:
            return []
        return [_hash(one) for one in value] if isinstance(value, list | tuple) else [_hash(value)]

    def merge(self, later: LineageDepth) -> None:
        self.places.merge(later.places)
        self.keys.extend(later.keys)
        self.parents.extend(later.parents)
        self.counts.extend(later.counts)

    def finish(self) -> Column:
        depths, reasons = depths_of(self._above())
        values = np.array(depths, dtype=np.int64)
        return Column(np.maximum(values, 0), values >= 0, self.details(reasons))

    def reasons(self) -> dict[int, str]:
        """Rows whose own depth cannot be known, and why."""
        return depths_of(self._above())[1]

    def details(self, reasons: dict[int, str]) -> dict[int, Detail]:
        return {row: self._detail(reason) for row, reason in list(reasons.items())[:MAX_DETAILS]}

    def _above(self) -> list[list[int] | None]:
        """For each row its parents' rows, -1 for one that was not delivered; None where they are malformed."""
        rows = {key: row for row, key in reversed(list(enumerate(self.keys)))}  # the first row of each key
        above: list[list[int] | None] = []
        start = 0
        for count in self.counts:
            if count == BAD:
                above.append(None)
                continue
            above.append([rows.get(key, -1) for key in self.parents[start : start + count]])
            start += count
        return above

    def _detail(self, reason: str) -> Detail:
        return Detail(self.path, "parents that were delivered, and no cycle", "", reason, HELP)


def depths_of(above: list[list[int] | None]) -> tuple[list[int], dict[int, str]]:
    """The depth of each row, BAD where it cannot be known, and why not. Parents first, without recursion."""
    depths, reasons = [PENDING] * len(above), dict[int, str]()
    below: list[list[int]] = [[] for _ in above]
    waiting = [len(parents or ()) for parents in above]
    for row, parents in enumerate(above):
        if parents is not None and -1 in parents:
            reasons[row] = f"parent {parents.index(-1) + 1} of {len(parents)} was not delivered"
        for parent in parents or ():
            if parent >= 0:
                below[parent].append(row)
            else:
                waiting[row] -= 1
    ready = [row for row, count in enumerate(waiting) if count == 0]
    while ready:
        row = ready.pop()
        depths[row] = _depth(above[row], depths)
        for child in below[row]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    for row, depth in enumerate(depths):
        if depth == PENDING:
            depths[row] = BAD
            reasons.setdefault(row, "the row is its own ancestor, or descends from one that is")
    return depths, dict(sorted(reasons.items()))


def _depth(parents: list[int] | None, depths: list[int]) -> int:
    if parents is None or any(parent < 0 or depths[parent] == BAD for parent in parents):
        return BAD
    return 1 + max((depths[parent] for parent in parents), default=-1)


def _hash(key: Any) -> int:
    return int.from_bytes(blake2b(canonical(key, str), digest_size=8).digest(), "little")


MEASURE = RowMark(LineageDepth)
