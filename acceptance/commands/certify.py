"""`sftspec certify`: a delivery to a signed certificate, with its scores and a page to read."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from functools import partial

from acceptance import receipt
from acceptance.certification import admission
from acceptance.certification import procedure as certification
from acceptance.certification.certificate import CertificateError, cautions
from acceptance.certification.procedure import NOTICE, Request
from acceptance.certification.statement import Predicate, Ran
from acceptance.commands.validate import reviews, running
from acceptance.deal import PRIVATE, open_deal
from acceptance.errors import BREACHED, EXITS, Refused
from acceptance.figures import Figures
from acceptance.files import can_hold, write_whole
from acceptance.ledger import Ledger
from acceptance.plugins import process as plugins
from acceptance.progress import Board
from acceptance.report import curves, html, terminal
from acceptance.report.tried import Arm, Suite, Tried
from acceptance.report.view import View
from acceptance.signing import exposures
from acceptance.signing.keys import SigningError
from acceptance.trial import together
from acceptance.trial.telling import WHOLE, At, Done, Told
from acceptance.validation import decide, lots_here, open_delivery
from spec_lang.contract import STAGES, Contract, Stage
from spec_lang.lock import ROLES


def run(arguments: argparse.Namespace) -> int:
    """Exit 0, 1 or 4 as the whole contract is met, breached or undecided."""
    admission.machine_can_train()
    if together.follows():
        together.follow()
        return 0
    with ExitStack() as stack:
        stack.enter_context(together.leading())
        return _certified(_request(arguments, stack))


def _certified(request: Request) -> int:
    outcome = certification.before_trial(request, _say)
    ledger = outcome.ledger
    if ledger.verdict(("delivery", "review")) == "breached":
        certification.expose(request, "intake")
        _report(request, ledger, ("delivery", "review"), outcome.figures)
        print("no model was trained: the delivery is breached before the trial")
        return BREACHED
    exposed = certification.expose(request, "trial")
    copied = certification.copied(request, outcome)
    started = time.monotonic()
    with Board() as board:
        trial = certification.run_trial(request, outcome, lambda told: _show(board, told))
    _say(f"trial finished in {time.monotonic() - started:.0f} s")
    ledger = certification.after_trial(request, trial)
    try:
        statement = certification.stated(request, ledger, trial, exposed, copied)
        path = certification.signed(request, statement, trial)
    except (CertificateError, SigningError) as error:
        raise Refused(str(error)) from error
    _report(request, ledger, STAGES, outcome.figures, tried(statement.predicate, request.deal.contract))
    for caution in (*cautions(request.deal.contract, ledger.lots, exposed.counts), *copied):
        print(f"warning: {caution}")
    if (notice := path.with_name(NOTICE)).exists():
        print(f"for the vendor: {notice}; all else stays with the buyer until the last attempt")
    print(f"certificate: {path} ({ledger.verdict(STAGES)})")
    return EXITS[ledger.verdict(STAGES)]


def _request(arguments: argparse.Namespace, stack: ExitStack) -> Request:
    """Everything that can be refused is refused here, before an hour of training."""
    deal = open_deal(arguments.contract, ROLES)
    admission.deal_can_be_tried(deal)
    admission.code_can_run(deal.contract, arguments.execute)
    admission.public_sets_can_be_asked(deal)
    keys = admission.signers(arguments.key, arguments.passphrase_env, deal)
    previous = admission.attempt(arguments.attempt, arguments.previous, deal)
    private = arguments.secrets or deal.folder / PRIVATE
    secrets = admission.nonces(private, deal)
    delivery = open_delivery(arguments.delivery, deal)
    if ahead := admission.forecast(arguments.attempt, lots_here(deal, delivery), deal.contract, arguments.forecast):
        _say(f"warning: {ahead}")
    ledger = private.with_name(exposures.NAME)
    admission.exposed(ledger, deal, arguments.attempt, delivery.digest, arguments.previous)
    admission.out_is_free(arguments.out)
    if arguments.reuse is not None:
        can_hold(arguments.reuse / "outcome.json")
    plugin = stack.enter_context(plugins.allowed(deal, arguments.plugin))
    execute = stack.enter_context(running(arguments))
    found = reviews(deal, delivery, arguments, partial(decide, deal, delivery, execute=execute, plugin=plugin))
    return Request(
        deal=deal,
        delivery=delivery,
        secrets=secrets,
        exposures=ledger,
        keys=keys,
        out=arguments.out,
        workers=together.processes() if together.processes() > 1 else arguments.workers or os.cpu_count() or 1,
        reuse=arguments.reuse,
        attempt=arguments.attempt,
        previous=previous,
        days=arguments.days,
        plugin=plugin,
        execute=execute,
        runs_answers=arguments.execute,
        reviews=found,
    )


def tried(signed: Predicate, contract: Contract) -> Tried | None:
    """What a report tells of the trial: all of it stands in the certificate, and nothing else."""
    if signed.trial is None:
        return None
    recipe, runs = certification.recipe_of(contract), signed.trial.runs
    names = dict.fromkeys(run.arm for run in runs if run.seed)
    return Tried(
        recipe=recipe.name,
        base=recipe.base,
        attempt=signed.attempt.k,
        attempts=signed.attempt.of,
        device=signed.trial.environment.device,
        arms=tuple(_arm(name, [run for run in runs if run.arm == name]) for name in names),
        suites=tuple(Suite(one.name, one.items, one.clusters, one.exposures) for one in signed.trial.heldout),
        limits=signed.limits,
    )


def _arm(name: str, runs: list[Ran]) -> Arm:
    def ends(figures: list[int]) -> tuple[int, int]:
        return min(figures), max(figures)

    return Arm(
        name=name,
        runs=len(runs),
        diverged=sum(run.status == "diverged" for run in runs),
        records=ends([run.records for run in runs]),
        steps=ends([run.steps for run in runs]),
        trained_tokens=ends([run.trained_tokens for run in runs]),
    )


def _report(
    request: Request, ledger: Ledger, stages: tuple[Stage, ...], figures: Figures, trial: Tried | None = None
) -> None:
    receipt.write(ledger, request.out / "receipt.json")
    losses = curves.read(request.out / "logs")
    view = View(ledger, request.deal.contract, stages, str(request.delivery.folder), figures, losses, trial)
    write_whole(request.out / "report.html", html.render(view).encode())
    print(terminal.render(view, terminal.wants_color(sys.stdout)))
    print(f"report: {request.out / 'report.html'}")


def _show(board: Board, told: Told) -> None:
    match told:
        case str():
            board.say(told)
        case At():
            loss = f", loss {told.loss:.3f}" if told.loss is not None else ""
            board.at(told.run, told.doing, told.done, told.total, loss)
        case Done():
            board.end(told.run)
            board.at(WHOLE, "run", told.count, told.total)


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
