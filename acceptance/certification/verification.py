"""A certificate and what it is held against in, valid or not out: offline, no GPU, no held-out text.

The cheap checks come first, and the first that fails ends it: nothing is computed from a document nobody signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from acceptance.certification import verifying_papers as papers
from acceptance.certification import verifying_records as records
from acceptance.certification import verifying_reviews as reviews
from acceptance.certification import verifying_runs as runs
from acceptance.certification import verifying_trial as trial
from acceptance.certification.dossier import Dossier, NotHere, Redone, gather
from acceptance.certification.statement import Notice
from acceptance.ledger import Sheet, Verdict

__all__ = ["CHECKS", "Check", "Dossier", "Redone", "Verification", "gather", "verify"]

CHECKS: tuple[tuple[str, Callable[[Dossier], Iterator[str]]], ...] = (
    ("envelope", papers.envelope_is_exact),
    ("lock", papers.lock_is_exact),
    ("keys", papers.keys_are_pinned),
    ("signatures", papers.signatures_hold),
    ("statement", papers.statement_is_exact),
    ("scores file", trial.scores_are_the_ones),
    ("contract", papers.contract_is_the_one),
    ("dates", papers.dates_hold),
    ("attempts", papers.attempts_are_complete),
    ("exposures", papers.exposures_are_counted),
    ("notice", papers.notice_is_the_certificates),
    ("delivery", papers.delivery_is_the_one),
    ("arms and held-out sets", trial.terms_are_the_contracts),
    ("seeds", trial.seeds_are_derived),
    ("clauses", trial.entries_are_the_contracts),
    ("limits", papers.limits_are_stated),
    ("cells", trial.cells_are_complete),
    ("runs", runs.runs_are_the_recipes),
    ("records and tokens", runs.arms_belong_together),
    ("figures", trial.figures_are_recomputed),
    ("reviews", reviews.reviews_are_recomputed),
    ("delivery clauses", trial.delivery_is_recomputed),
    ("samples", reviews.samples_are_drawn),
    ("sheets", reviews.sheets_are_the_ones),
    ("records", records.records_are_counted),
    ("references", records.references_are_counted),
    ("verdict", trial.verdict_follows),
)
"""In this order; each may rely on those before it."""

NOT_REACHED = "not reached: an earlier check failed"


class Check(Sheet):
    """One check."""

    name: str
    ok: bool | None
    """None where it could not be made with the files given, or was not reached."""
    detail: str


class Verification(Sheet):
    """What a verifier knows now."""

    document: Literal["certificate", "notice", "receipt"]
    """What was verified. Only the first shows a trial, and only the first two were signed by anybody."""
    valid: bool
    """No check failed. Checks that could not be made are listed with `ok` None."""
    verdict: Verdict | None
    """The certificate's verdict, recomputed; None where it is not valid."""
    checks: tuple[Check, ...]
    trusted: tuple[str, ...] = ()
    """Clauses whose verdict rests on the signatures alone: no scores, marks or delivery here decide them again."""
    short: str = ""
    """Why the verdict is less than that of a certificate after the last lot; empty where it is not."""


def verify(dossier: Dossier) -> Verification:
    """Make every check in order, up to the first that fails."""
    made: list[Check] = []
    valid = True
    for name, rule in CHECKS:
        made.append(_make(name, rule, dossier) if valid else Check(name=name, ok=None, detail=NOT_REACHED))
        valid = valid and made[-1].ok is not False
    if not valid:
        return Verification(document="certificate", valid=False, verdict=None, checks=tuple(made))
    told = dossier.statement
    return Verification(
        document="notice" if isinstance(told, Notice) else "certificate",
        valid=True,
        verdict=told.predicate.verdict,
        checks=tuple(made),
        trusted=tuple(trial.trusted(dossier)),
        short="; ".join(_short(dossier)),
    )


def _short(dossier: Dossier) -> Iterator[str]:
    told, lots = dossier.statement, dossier.contract.lots
    if isinstance(told, Notice):
        yield "a notice: gains rest on the signatures until its certificate is verified"
    if told.predicate.ledger.lots < lots:
        yield f"after {told.predicate.ledger.lots} of {lots} lots, where sums, reviews and gains are forecasts"


def _make(name: str, rule: Callable[[Dossier], Iterator[str]], dossier: Dossier) -> Check:
    problems: list[str] = []
    try:
        for problem in rule(dossier):
            problems.append(problem)
    except NotHere as missing:
        if not problems:
            return Check(name=name, ok=None, detail=str(missing))
    detail = "; ".join(problems) or (rule.__doc__ or "").partition("\n")[0]
    return Check(name=name, ok=not problems, detail=detail)
