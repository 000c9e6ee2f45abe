"""A delivery and the buyer's sealed nonce to the rows that people review under each rubric, in the order drawn.

The draw is an HMAC under a nonce that the lock commits to, over contract, lock and the delivery's manifest: the vendor
cannot know it before delivering, and the buyer cannot choose it afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Any

import numpy as np

from acceptance.deal import Deal
from acceptance.engine.evaluation import Outcome
from acceptance.errors import BREACHED, USAGE, Refused
from acceptance.signing import secrets
from acceptance.signing.secrets import SecretsError
from acceptance.validation import Delivery, located_rows
from acceptance.values.exact import Mask
from spec_lang.basis import calls
from spec_lang.contract import Clause, Contract
from spec_lang.planning.sampling import SamplingPlan
from spec_lang.trialplans import sampling_plan


@dataclass(frozen=True, slots=True)
class Place:
    """One drawn row: where it stands, and the first half of the sha256 of its values."""

    file: str
    line: int
    record: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample of one rubric. `rows` is what it was drawn from: the rows that the delivery's clauses accept."""

    rubric: str
    rows: int
    name: str
    """Tells this draw from any other: it changes with contract, lock, delivery, attempt and accepted rows."""
    places: tuple[Place, ...]
    records: tuple[dict[str, Any], ...]


def planned(contract: Contract, rows: int) -> Iterator[tuple[str, Clause, SamplingPlan]]:
    """(rubric, clause, plan) of each clause that a sample of so many rows decides."""
    for clause in contract.clauses:
        if clause.statistic is None or clause.statistic.accepting is None:
            continue
        for call in calls(clause.expr):
            if call.measure == "defective" and not (clause.each_lot and contract.lots > 1):
                yield call.word("rubric"), clause, sampling_plan(clause, contract.attempts, rows)


def draw(deal: Deal, delivery: Delivery, outcome: Outcome, nonce: str) -> list[Drawn]:
    """One sample for each rubric, as large as the largest plan that asks for it."""
    accepted = outcome.accepted[deal.contract.record]
    positions = np.flatnonzero(accepted).tolist()
    sizes: dict[str, int] = {}
    for rubric, _, plan in planned(deal.contract, len(positions)):
        sizes[rubric] = max(plan.size, sizes.get(rubric, 0))
    keys = {rubric: _key(deal, delivery, nonce, rubric) for rubric in sizes}
    chosen = {rubric: nsmallest(size, positions, key=_rank(keys[rubric])) for rubric, size in sizes.items()}
    wanted = {position for several in chosen.values() for position in several}
    rows = {at: one for at, one in enumerate(located_rows(deal, delivery, deal.contract.record)) if at in wanted}
    return [
        Drawn(
            rubric,
            len(positions),
            _name(keys[rubric], accepted),
            tuple(Place(rows[at][0].file, rows[at][0].line, digest(rows[at][1])) for at in several),
            tuple(dict(rows[at][1]) for at in several),
        )
        for rubric, several in chosen.items()
    ]


def rubrics(contract: Contract) -> list[str]:
    """Rubrics under which a sample decides a clause."""
    return list(dict.fromkeys(rubric for rubric, _, _ in planned(contract, 1)))


def nonce(deal: Deal, private: Path, attempt: int) -> str:
    """The seed nonce of an attempt, from the team's secrets, as the lock commits to it. Raises Refused."""
    if not rubrics(deal.contract):
        message = f"{deal.path}: no clause is decided by a review; write `defective(rubric: ...)` with both risks"
        raise Refused(message, code=USAGE)
    seals = deal.lock.seals if deal.lock is not None else None
    if seals is None:
        message = "a sample is drawn by a sealed seed; run `sftspec seal`, then `sftspec lock`, before the delivery"
        raise Refused(f"{deal.folder / 'contract.lock'}: {message}", code=BREACHED)
    if not 1 <= attempt <= len(seals.seeds):
        raise Refused(f"--attempt {attempt}: seeds are sealed for {len(seals.seeds)}", code=USAGE)
    try:
        found = secrets.read(private).seed_nonce(seals.seal, attempt)
    except SecretsError as error:
        raise Refused(str(error), code=USAGE) from error
    if secrets.seed_commitment(found) != seals.seeds[attempt - 1]:
        message = "contract.lock commits to other secrets; use those that this contract was sealed with"
        raise Refused(f"{private}: {message}", code=BREACHED)
    return found


def digest(row: dict[str, Any]) -> str:
    """The first 32 hex digits of the sha256 of a row's values, whatever the order of its keys."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _key(deal: Deal, delivery: Delivery, nonce: str, rubric: str) -> bytes:
    return secrets.draw_key(nonce, deal.contract.digest(), deal.lock_digest, delivery.digest, rubric)


def _rank(key: bytes) -> Any:
    """Every row's place in the draw, by its position in the delivery."""
    return lambda position: hmac.digest(key, position.to_bytes(8, "big"), "sha256")


def _name(key: bytes, accepted: Mask) -> str:
    return hmac.digest(key, b"sheet" + np.packbits(accepted).tobytes(), "sha256").hex()[:16]
