"""`sftspec verify`: a receipt or certificate to whether it holds, decided again offline."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from acceptance import receipt
from acceptance.certification import verification
from acceptance.certification.certificate import CertificateError
from acceptance.certification.verification import NOT_REACHED, Check, Redone, Verification
from acceptance.deal import Deal, open_deal, open_lock, sha256
from acceptance.errors import BREACHED, EXITS, USAGE, Refused, quiet
from acceptance.files import read_whole
from acceptance.ledger import redacted
from acceptance.signing import dsse

RECEIPT = "a receipt, which nobody signed: its own clauses alone, no intake and no trial"
NAMED = 6
"""Clauses taken from the signatures that a terminal lists."""


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if it does not hold; else 0, 1 or 4 as its verdict is met, breached or undecided."""
    data = _read(arguments.document)
    _text_is_pinned(arguments.contract)
    deal = open_deal(arguments.contract)
    if b'"sftspec_receipt"' in data[:4096] or b'"ledger"' in data[:64]:
        found = _receipt(data, deal, arguments)
    else:
        found = _certificate(deal, arguments)
    _show(found, arguments)
    return EXITS[found.verdict] if found.valid and found.verdict else BREACHED


def _read(path: Path) -> bytes:
    try:
        return read_whole(path, dsse.LIMIT)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); name a certificate or receipt"
        raise Refused(message, code=USAGE) from error


def _text_is_pinned(path: Path) -> None:
    """A text that nobody locked is not even compiled."""
    lock = open_lock(path)
    if lock is not None and path.is_file() and sha256(path.read_bytes()) != lock.source:
        message = "is not the text that contract.lock pins; use the text that was agreed on"
        raise Refused(f"{path}: {message}", code=BREACHED)


def _recompute(deal: Deal, arguments: argparse.Namespace) -> Callable[[], Redone]:
    def again() -> Redone:
        from acceptance.certification import recounting
        from acceptance.commands.validate import running  # the engine, which a certificate alone does not need
        from acceptance.plugins import process as plugins
        from acceptance.reviewing import drawing
        from acceptance.validation import decide, open_delivery

        delivery = open_delivery(arguments.delivery, deal)
        with running(arguments) as execute, plugins.allowed(deal, arguments.plugin) as plugin:
            outcome = decide(deal, delivery, ("delivery",), execute=execute, plugin=plugin)
        made = deal, delivery, outcome
        return Redone(outcome.ledger, partial(drawing.draw, *made), partial(recounting.recount, *made))

    return again


def _certificate(deal: Deal, arguments: argparse.Namespace) -> Verification:
    if arguments.reviews and not arguments.delivery:
        message = "--reviews: a sheet is read against its sample, which is drawn from the delivery"
        raise Refused(f"{message}; name its folder with --delivery", code=USAGE)
    try:
        dossier = verification.gather(
            arguments.document,
            deal.contract,
            deal.path,
            delivery=arguments.delivery,
            previous=arguments.previous,
            announced=arguments.certificate,
            exposures=arguments.exposures,
            sheets=arguments.reviews,
            recompute=_recompute(deal, arguments) if arguments.delivery else None,
        )
    except CertificateError as error:
        raise Refused(str(error), code=USAGE) from error
    found = verification.verify(dossier)
    if found.valid:
        _all_was_needed(found, dossier.statement.predicate.attempt.k, arguments)
    return found


def _all_was_needed(found: Verification, k: int, arguments: argparse.Namespace) -> None:
    """Nothing was given that no check looked at: whoever gave it believes that it was held against the document."""
    given = len(arguments.previous)
    if given != k - 1:
        message = f"--previous: {given} document{'s were' if given > 1 else ' was'} given"
        raise Refused(f"{message}; before attempt {k} there are {k - 1}: name those, each once", code=USAGE)
    if arguments.certificate and found.document == "certificate":
        raise Refused("--certificate goes with a notice, and this is a certificate; leave it out", code=USAGE)


def _receipt(data: bytes, deal: Deal, arguments: argparse.Namespace) -> Verification:
    """A receipt is no signed document: it holds if the delivery gives the same ledger again."""

    signed = receipt.parse(data, arguments.document.name).ledger
    if arguments.delivery is None:
        raise Refused("a receipt is verified against its delivery; name it with --delivery", code=USAGE)
    if arguments.reviews:
        raise Refused("--reviews: a receipt is of the delivery alone; give sheets with a certificate", code=USAGE)
    again = redacted(_recompute(deal, arguments)().ledger)
    names = [(name, getattr(signed, name) == getattr(again, name)) for name in ("contract", "lock", "delivery")]
    checks = [Check(name=name, ok=ok, detail="" if ok else "is another one now") for name, ok in names]
    other = [now for one, now in zip(signed.entries, again.entries, strict=False) if one != now]
    same = not other and signed == again
    names_of = ", ".join(now.clause for now in other[:5]) or "other clauses or counts"
    reason = next((f"; {now.reason}" for now in other if now.verdict == "undecided"), "")
    detail = "" if same else f"decided otherwise now: {names_of}{reason}"
    checks.append(Check(name="ledger", ok=same, detail=detail))
    valid = all(check.ok for check in checks)
    verdict = signed.verdict(("delivery",)) if valid else None
    return Verification(document="receipt", valid=valid, verdict=verdict, checks=tuple(checks), short=RECEIPT)


def _show(found: Verification, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        print(json.dumps(found.model_dump(mode="json"), indent=1))
        return
    words = {True: "holds", False: "FAILS", None: "-"}
    made = [check for check in found.checks if check.detail != NOT_REACHED]
    for check in made:
        print(f"  {words[check.ok]:<6} {check.name}{': ' + quiet(check.detail) if check.detail else ''}")
    if left := len(found.checks) - len(made):
        print(f"  {left} further check{'s were' if left > 1 else ' was'} not reached")
    if found.trusted:
        more = f" and {len(found.trusted) - NAMED} more, named with --format json" if len(found.trusted) > NAMED else ""
        print(f"taken from the signatures, not decided again here: {', '.join(found.trusted[:NAMED])}{more}")
    told = f"valid; the delivery is {found.verdict}{f' ({found.short})' if found.short else ''}"
    print(f"{quiet(str(arguments.document))}: {told if found.valid else 'NOT VALID'}")
