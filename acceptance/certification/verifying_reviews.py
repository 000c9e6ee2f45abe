"""Checks of what people judged: verdicts from marks, samples from the revealed nonce, marks from the filled sheets."""

from __future__ import annotations

from collections.abc import Iterator

from acceptance.certification.dossier import Dossier, NotHere, sha256
from acceptance.certification.statement import Judged, Notice
from acceptance.engine.review_ledger import review_entry, rubric
from acceptance.errors import Refused
from acceptance.ledger import Entry


def judged(dossier: Dossier) -> tuple[Judged, ...]:
    """The samples that people judged. Raises NotHere where none was or none is shown."""
    if isinstance(dossier.statement, Notice):
        raise NotHere("a notice shows no marks; reviews are recomputed once the certificate follows")
    if not dossier.statement.predicate.reviews:
        raise NotHere("no sheet of reviews was given to the certification")
    return dossier.statement.predicate.reviews


def reviews_are_recomputed(dossier: Dossier) -> Iterator[str]:
    """Every clause that people decide follows from their marks, figure by figure."""
    ledger = dossier.statement.predicate.ledger
    pairs = zip(ledger.entries, dossier.contract.clauses, strict=True)
    asked = [(entry, clause) for entry, clause in pairs if rubric(clause)]
    try:
        stated = judged(dossier)
    except NotHere:
        if not isinstance(dossier.statement, Notice):
            yield from (f"{one.clause}: is {one.verdict}, but nobody judged a sample" for one, _ in asked if _told(one))
        raise
    yield from _sizes(dossier, stated)
    found = {one.rubric: one.reviewed() for one in stated}
    for entry, clause in asked:
        again = review_entry(dossier.contract, clause, found, ledger.lots)
        if entry != again:
            names = [name for name in Entry.model_fields if getattr(entry, name) != getattr(again, name)]
            what = f"{', '.join(names)} are not what the marks give"
            yield f"{clause.name}: {what} ({again.verdict}, {again.observed or again.reason})"


def _told(entry: Entry) -> bool:
    return entry.verdict in ("met", "breached") or bool(entry.observed)


def _sizes(dossier: Dossier, stated: tuple[Judged, ...]) -> Iterator[str]:
    """A sample is drawn from the rows that the delivery's own clauses accept; later stages only drop more of them."""
    names = [one.rubric for one in stated]
    if len(names) > len(set(names)):
        yield "a rubric has two samples"
    record = dossier.contract.record
    counts = next((one for one in dossier.statement.predicate.ledger.counts if one.table == record), None)
    for one in stated:
        if counts is None or not counts.accepted <= one.rows <= counts.delivered:
            yield f"`{one.rubric}`: its sample is of {one.rows:,} rows, which the ledger does not count"


def samples_are_drawn(dossier: Dossier) -> Iterator[str]:
    """Every sample is the one that the revealed nonce draws from this delivery."""
    stated = judged(dossier)
    drawn = {one.rubric: one for one in dossier.samples}
    for one in stated:
        again = drawn.get(one.rubric)
        if again is None:
            yield f"`{one.rubric}`: no clause is decided by a sample under this rubric"
        elif (one.draw, one.rows, len(one.marks)) != (again.name, again.rows, len(again.places)):
            signed = f"draw {one.draw}, {len(one.marks):,} of {one.rows:,} rows, was signed"
            here = f"draw {again.name}, {len(again.places):,} of {again.rows:,}, follows from nonce and delivery"
            yield f"`{one.rubric}`: {signed}; {here}"


def sheets_are_the_ones(dossier: Dossier) -> Iterator[str]:
    """The sheets given are those whose sha256 was signed, and hold the marks that were signed."""
    stated = judged(dossier)
    if not dossier.sheets:
        raise NotHere("marks are taken from the signature; name the filled sheets with --reviews to read them again")
    from acceptance.reviewing import sheet  # the engine, which a certificate alone does not need

    signed = {one.sheet: one for one in stated}
    for path, data in dossier.sheets:
        one = signed.get(sha256(data))
        if one is None:
            yield f"{path}: is not a sheet that was signed; give the sheet as it was when it was certified"
            continue
        try:
            again = Judged.of(*sheet.filled(data, str(path), dossier.samples))
        except Refused as error:
            yield str(error)
            continue
        if again != one:
            yield f"{path}: holds other marks than those that were signed"
