"""Checks of what every run saw, counted again from the delivery's rows and from reference files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from acceptance.certification.dossier import Dossier, NotHere, Seen
from acceptance.certification.statement import Ran
from acceptance.certification.verifying_trial import at_intake, named, trial
from acceptance.errors import Refused
from acceptance.scores import BASE


def records_are_counted(dossier: Dossier) -> Iterator[str]:
    """Every run on the delivery or a part of it saw the records and trained tokens that this delivery gives."""
    references = {one.name for one in dossier.contract.references} | {BASE}
    dropped = sum(at_intake(dossier, dossier.contract.record))
    for run in trial(dossier).runs:
        found = dossier.seen.get(run.arm)
        if run.arm not in references and isinstance(found, Mapping):
            yield from _differs(run, found[run.seed], dropped)
    if dropped:
        raise NotHere(f"the buyer's intake dropped {dropped:,} record{'s' * (dropped > 1)}, which only the sealed set "
                      "tells from the rest; the numbers of records that were signed differ by no more than that, and "
                      "tokens were not counted")  # fmt: skip


def references_are_counted(dossier: Dossier) -> Iterator[str]:
    """Every run on a reference saw the records and trained tokens that its file gives, matched with this delivery."""
    runs, missing = trial(dossier).runs, []
    if not {one.name for one in dossier.contract.references} & {run.arm for run in runs}:
        raise NotHere("no clause compares with a reference")
    if at_intake(dossier, dossier.contract.record):
        raise NotHere("the buyer's intake dropped records, so what references were matched with is not known here")
    for one in dossier.contract.references:
        found = dossier.seen.get(one.name)
        if isinstance(found, NotHere):
            missing.append(f"arm `{one.name}`: {found}")
        elif isinstance(found, Refused):
            yield f"arm `{one.name}`: {found}"
        elif found is not None:
            for run in (run for run in runs if run.arm == one.name):
                yield from _differs(run, found[run.seed], 0)
    if missing:
        raise NotHere("; ".join(missing))


def _differs(run: Ran, seen: Seen, dropped: int) -> Iterator[str]:
    if not max(0, seen.records - dropped) <= run.records <= seen.records:
        yield f"{named(run)}: {run.records:,} records were signed, the data gives {seen.records:,}"
    elif not dropped and run.trained_tokens != seen.tokens:
        what = f"its order of the data sees {seen.tokens:,} in {run.steps:,} steps"
        yield f"{named(run)}: {run.trained_tokens:,} trained tokens were signed, {what}"
