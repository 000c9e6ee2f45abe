"""`sftspec certify`: a delivery to a signed certificate, with its scores and a page to read."""

from __future__ import annotations

import argparse
import os
import sys
import time

from acceptance import receipt
from acceptance.certification import procedure as certification
from acceptance.certification.certificate import CertificateError
from acceptance.certification.procedure import Request
from acceptance.commands.validate import EXITS
from acceptance.deal import LOCK, PRIVATE, open_deal
from acceptance.errors import BREACHED, USAGE, Refused
from acceptance.files import write_whole
from acceptance.ledger import Ledger
from acceptance.report import html, terminal
from acceptance.report.view import View
from acceptance.signing.keys import SigningError, load_private
from acceptance.signing.secrets import SecretsError
from acceptance.signing.secrets import read as read_secrets
from acceptance.validation import open_delivery
from spec_lang.contract import STAGES, Stage
from spec_lang.lock import ROLES
from spec_lang.lockfile import unsealed


def run(arguments: argparse.Namespace) -> int:
    """Exit 0, 1 or 4 as the whole contract is met, breached or undecided."""
    request = _request(arguments)
    outcome = certification.before_trial(request, _say)
    ledger = outcome.ledger
    if ledger.verdict(("delivery", "review")) == "breached":
        _report(request, ledger, ("delivery", "review"))
        print("no model was trained: the delivery is breached before the trial")
        return BREACHED
    started = time.monotonic()
    trial = certification.run_trial(request, outcome, _say)
    _say(f"trial finished in {time.monotonic() - started:.0f} s")
    ledger = certification.after_trial(request, trial)
    try:
        path = certification.signed(request, ledger, trial)
    except (CertificateError, SigningError) as error:
        raise Refused(str(error)) from error
    _report(request, ledger, STAGES)
    print(f"certificate: {path} ({ledger.verdict(STAGES)})")
    return EXITS[ledger.verdict(STAGES)]


def _request(arguments: argparse.Namespace) -> Request:
    """Everything that can be refused is refused here, before an hour of training."""
    deal = open_deal(arguments.contract, ROLES)
    if deal.lock is None:
        raise Refused(f"{deal.folder / LOCK}: not here; run `sftspec lock {arguments.contract}` first", code=BREACHED)
    problems = unsealed(deal.lock, deal.contract)
    if problems:
        raise Refused("\n".join(problems), code=BREACHED)
    if not any(clause.stage == "trial" for clause in deal.contract.clauses):
        raise Refused("this contract has no trial clause; `sftspec validate` decides it", code=USAGE)
    if (arguments.out / "certificate.json").exists():
        message = "exists; every attempt counts, so name another folder"
        raise Refused(f"{arguments.out / 'certificate.json'}: {message}", code=USAGE)
    try:
        keys = [load_private(path) for path in arguments.key]
        secrets = read_secrets(arguments.secrets or deal.folder / PRIVATE)
    except (SigningError, SecretsError) as error:
        raise Refused(str(error), code=USAGE) from error
    if not keys:
        raise Refused("a certificate is signed by the runner and a party; give --key twice", code=USAGE)
    return Request(
        deal=deal,
        delivery=open_delivery(arguments.delivery, deal),
        secrets=secrets,
        keys=keys,
        out=arguments.out,
        workers=arguments.workers or os.cpu_count() or 1,
        reuse=arguments.reuse,
        attempt=_attempt(arguments, deal.contract.attempts),
        previous=_previous(arguments),
        days=arguments.days,
    )


def _attempt(arguments: argparse.Namespace, of: int) -> int:
    k = int(arguments.attempt)
    if not 1 <= k <= of:
        raise Refused(f"--attempt {k}: the contract allows {of} attempt{'s' * (of > 1)}", code=USAGE)
    if (k > 1) != (arguments.previous is not None):
        raise Refused("--previous names the certificate of the attempt before, from the second attempt on", code=USAGE)
    return k


def _previous(arguments: argparse.Namespace) -> str:
    from acceptance.deal import sha256

    return sha256(arguments.previous.read_bytes()) if arguments.previous else ""


def _report(request: Request, ledger: Ledger, stages: tuple[Stage, ...]) -> None:
    request.out.mkdir(parents=True, exist_ok=True)
    receipt.write(ledger, request.out / "receipt.json")
    view = View(ledger, request.deal.contract, stages, str(request.delivery.folder))
    write_whole(request.out / "report.html", html.render(view).encode())
    print(terminal.render(view, terminal.wants_color(sys.stdout)))
    print(f"report: {request.out / 'report.html'}")


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
