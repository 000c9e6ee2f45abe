"""Checks that recompute seeds, cells, figures and verdicts: what can be derived is never believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from acceptance.certification import certificate
from acceptance.certification.certificate import CertificateError
from acceptance.certification.dossier import Dossier, NotHere
from acceptance.certification.statement import Notice, Ran, Statement, Tried
from acceptance.engine.observations import binding, bound, plugins
from acceptance.engine.review_ledger import rubric
from acceptance.engine.trial_ledger import arms_of, decided_here, trial_entry
from acceptance.ledger import Entry, Ledger, redacted
from acceptance.scores import identity
from acceptance.statistics.cells import BASE, ScoresError, check, of_suite
from spec_lang.contract import STAGES, Clause


def trial(dossier: Dossier) -> Tried:
    """The trial's part. Raises NotHere where none was run or none is shown."""
    if isinstance(dossier.statement, Notice):
        raise NotHere("a notice shows no trial; figures are recomputed once the certificate follows")
    tried = dossier.statement.predicate.trial
    if tried is None:
        raise NotHere("no trial was run: the certificate decides the delivery alone")
    return tried


def named(run: Ran) -> str:
    """A run in words."""
    return f"arm `{run.arm}`{f', seed {run.seed}' if run.seed else ''}"


def scores_are_the_ones(dossier: Dossier) -> Iterator[str]:
    """The score file is the signed one."""
    stated = trial(dossier).scores
    if dossier.scores is None:
        yield "scores.jsonl is not here; the verdict is recomputed from it, so put it beside the certificate"
        return
    with dossier.scores() as stream:
        if identity(stream) != (stated.sha256, stated.rows):
            yield "scores.jsonl is not the file that was signed; ask for the original"


def terms_are_the_contracts(dossier: Dossier) -> Iterator[str]:
    """Arms, held-out sets and their sizes are those of contract and lock."""
    stated = trial(dossier)
    delivery = dossier.statement.subject[0].digest.sha256
    try:
        if stated.arms != certificate.arms(dossier.contract, dossier.locked, delivery):
            yield "the arms of the trial are not those that contract, lock and delivery give"
    except CertificateError as error:
        yield str(error)
    exposures = defaultdict(lambda: 1, {one.name: one.exposures for one in stated.heldout})  # held against the ledger
    if stated.heldout != certificate.suites(dossier.contract, dossier.locked, exposures):
        yield "the held-out sets of the trial are not those that contract and lock give"


def seeds_are_derived(dossier: Dossier) -> Iterator[str]:
    """The revealed nonce is the one of this attempt, and the runs are exactly those whose seeds follow from it."""
    stated = trial(dossier)
    k = dossier.statement.predicate.attempt.k
    if not certificate.opens(dossier.locked, k, stated.seed_nonce):
        yield f"the revealed seed nonce is not the one that contract.lock commits to for attempt {k}"
        return
    agreed = dossier.statement.predicate.contract
    derived = certificate.seeds(dossier.contract, agreed, stated.arms, stated.seed_nonce)
    expected = {(BASE, "")} | {(arm, seed) for arm, seeds in derived.items() for seed in seeds}
    ran = [(run.arm, run.seed) for run in stated.runs]
    for arm_name, seed in sorted(expected - set(ran)):
        yield f"arm `{arm_name}`: the run with seed {seed or 'none'}, which the contract derives, is missing"
    for arm_name, seed in sorted(set(ran) - expected):
        yield f"arm `{arm_name}`: the run with seed {seed or 'none'} is not one that the contract derives"
    if len(ran) > len(set(ran)):
        yield "a run is listed twice"


def cells_are_complete(dossier: Dossier) -> Iterator[str]:
    """Every run scores every item of every held-out set once, in the clusters that the contract counts."""
    stated = trial(dossier)
    runs = {(run.arm, run.seed): run for run in stated.runs}
    try:
        scored = dossier.scored
        published = [one.name for one in dossier.contract.heldouts if one.lm_eval is not None]
        names = [one.name for one in stated.heldout] + published
        for suite in sorted(scored.keys() - set(names)):
            yield f"scores: suite `{suite}` is no held-out set of the contract"
        for name in names:
            found = of_suite(scored, name)
            check(found, dossier.contract.heldout(name), arms_of(dossier.contract))
            if found.runs.keys() != runs.keys():
                yield f"scores: suite `{name}`: its arms and seeds are not those of the runs"
                return
            for (arm, seed), items in found.runs.items():
                if len(items) < len(found.clusters):
                    yield f"scores: suite `{name}`, arm `{arm}`, seed {seed or 'none'}: items are missing"
                if runs[arm, seed].status == "diverged" and max(items.values()) > 0:
                    yield f"scores: suite `{name}`, arm `{arm}`, seed {seed}: a diverged run scores above 0"
    except ScoresError as error:
        yield str(error)


def entries_are_the_contracts(dossier: Dossier) -> Iterator[str]:
    """The ledger lists every clause once, in order, as the contract has it."""
    entries = dossier.statement.predicate.ledger.entries
    clauses = dossier.contract.clauses
    if [entry.clause for entry in entries] != [clause.name for clause in clauses]:
        yield "the ledger does not list the contract's clauses, each once and in order"
        return
    lots = dossier.statement.predicate.ledger.lots
    if not 0 <= lots <= dossier.contract.lots:
        yield f"{lots} lots were signed, the contract has {dossier.contract.lots}"
    for entry, clause in zip(entries, clauses, strict=True):
        if _fixed(entry) != (clause.role, clause.stage, clause.basis, plugins(clause), clause.text, bound(clause)):
            yield f"{clause.name}: role, stage, basis, words or bound are not those of the contract"
        if entry.binding != binding(dossier.contract, clause, lots):
            yield f"{clause.name}: is signed as {'' if entry.binding else 'not '}binding; the contract has it otherwise"
        if clause.role == "report" and entry.verdict in ("met", "breached"):
            yield f"{clause.name}: a report has no verdict"
        yield from _drops(entry, clause, dossier.statement.predicate.ledger)


def _fixed(entry: Entry) -> tuple[object, ...]:
    return entry.role, entry.stage, entry.basis, entry.plugins, entry.text, entry.bound


def _drops(entry: Entry, clause: Clause, ledger: Ledger) -> Iterator[str]:
    """Only a clause that says so drops rows, and what it dropped is not accepted."""
    rows = [one for one in ledger.counts if one.table == clause.table]
    left = sum(one.delivered - one.accepted for one in rows) if clause.otherwise == "drop record" else 0
    if not 0 <= entry.dropped <= left:
        yield f"{clause.name}: {entry.dropped:,} rows were signed as dropped; it can have dropped {left:,}"


def figures_are_recomputed(dossier: Dossier) -> Iterator[str]:
    """Every gain clause is decided again from the scores, and is what was signed, figure by figure."""
    tried = trial(dossier) if isinstance(dossier.statement, Notice) else dossier.statement.predicate.trial
    for entry, clause in zip(dossier.statement.predicate.ledger.entries, dossier.contract.clauses, strict=True):
        if not decided_here(clause):
            continue
        if tried is None:
            if entry.verdict != "undecided" or entry.statistics:
                yield f"{clause.name}: is {entry.verdict}, but no trial was run"
            continue
        yield from _recomputed(dossier, clause, entry, tried)


def _recomputed(dossier: Dossier, clause: Clause, entry: Entry, tried: Tried) -> Iterator[str]:
    try:
        lots = dossier.statement.predicate.ledger.lots
        again = trial_entry(dossier.contract, clause, dossier.scored, tried.runs, lots)
    except ScoresError as error:
        yield f"{clause.name}: {error}"
        return
    if entry != again:
        names = [name for name in Entry.model_fields if getattr(entry, name) != getattr(again, name)]
        yield f"{clause.name}: {', '.join(names)} are not what the scores give ({again.verdict}, {again.observed})"


def delivery_is_recomputed(dossier: Dossier) -> Iterator[str]:
    """The entries of the delivery stage are decided again by the engine."""
    again = redacted(dossier.redone.ledger)
    signed = dossier.statement.predicate.ledger
    if len(signed.entries) != len(again.entries):
        yield "the delivery was decided by another number of clauses"
        return
    for entry, found in zip(signed.entries, again.entries, strict=True):
        if entry.stage == "delivery" and entry != found:
            now = f"decided now as {found.verdict} ({found.observed or found.reason})"
            yield f"{entry.clause}: signed as {entry.verdict} ({entry.observed}), {now}"
    if signed.lots != again.lots:
        yield f"{signed.lots} lots were signed, {again.lots} are here"
    if [(one.table, one.delivered) for one in signed.counts] != [(one.table, one.delivered) for one in again.counts]:
        yield "the numbers of delivered rows are not those that were signed"
        return
    for one, here in zip(signed.counts, again.counts, strict=True):
        dropped = at_intake(dossier, one.table)
        if not here.accepted - sum(dropped) <= one.accepted <= here.accepted - max(dropped, default=0):
            gives = f"{here.accepted:,}{f', of which the intake dropped {sum(dropped):,} at most' if dropped else ''}"
            yield f"{one.table}: {one.accepted:,} accepted rows were signed, the delivery gives {gives}"


def at_intake(dossier: Dossier, table: str) -> list[int]:
    """How many rows of a table each clause of the intake dropped, by the ledger; several may drop the same row."""
    pairs = zip(dossier.statement.predicate.ledger.entries, dossier.contract.clauses, strict=True)
    return [entry.dropped for entry, clause in pairs
            if clause.stage == "review" and clause.table == table and entry.dropped]  # fmt: skip


def verdict_follows(dossier: Dossier) -> Iterator[str]:
    """The overall verdict is that of the entries."""
    predicate = dossier.statement.predicate
    again = predicate.ledger.verdict(STAGES)
    if predicate.verdict != again:
        yield f"states `{predicate.verdict}`; its entries give `{again}`"


def trusted(dossier: Dossier) -> Iterator[str]:
    """Clauses that were decided but cannot be decided again from what was given."""
    shown = isinstance(dossier.statement, Statement)
    for entry, clause in zip(dossier.statement.predicate.ledger.entries, dossier.contract.clauses, strict=True):
        engine = clause.stage == "delivery" and dossier.recompute is not None
        grounds = shown and (decided_here(clause) or bool(rubric(clause)))  # scores or marks
        if not engine and not grounds and entry.verdict in ("met", "breached"):
            yield clause.name
