"""`sftspec validate`: a delivery to its ledger and receipt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial

from acceptance import receipt
from acceptance.deal import PRIVATE, Deal, open_deal
from acceptance.engine.evaluation import Outcome, no_execution
from acceptance.errors import EXITS, USAGE, Refused
from acceptance.execution.executor import Progress, allowed
from acceptance.executions import Execute
from acceptance.files import can_hold, write_whole
from acceptance.plugins import process as plugins
from acceptance.progress import Bar
from acceptance.report import html, machine, sarif, terminal
from acceptance.report.view import View
from acceptance.reviewing import drawing, sheet
from acceptance.statistics.reviews import Reviewed
from acceptance.validation import Delivery, decide, open_delivery
from spec_lang.contract import Stage

DELIVERY: tuple[Stage, ...] = ("delivery",)
REVIEWED: tuple[Stage, ...] = ("delivery", "review")
Sandbox = AbstractContextManager[Callable[[str], Execute]]


def running(arguments: argparse.Namespace, progress: Progress | None = None) -> Sandbox:
    """The sandbox, where the command line allows delivered code to run."""
    return allowed(arguments.delivery, progress) if arguments.execute else nullcontext(no_execution)


def run(arguments: argparse.Namespace) -> int:
    """Exit 0, 1 or 4 as the clauses of the delivery, and with reviews those of the intake, are met or not."""
    if arguments.receipt and arguments.reviews:
        raise Refused(
            "--receipt says what anybody can decide again from the delivery; write it without --reviews", USAGE
        )
    deal = open_deal(arguments.contract)
    delivery = open_delivery(arguments.delivery, deal)
    for path in filter(None, (arguments.receipt, arguments.html)):
        can_hold(path)
    with ExitStack() as stack:
        bar, ran = stack.enter_context(Bar("reading", delivery.rows)), stack.enter_context(Bar("executed", 0))
        execute = stack.enter_context(running(arguments, ran.at))
        plugin = stack.enter_context(plugins.allowed(deal, arguments.plugin))
        judge = partial(decide, deal, delivery, progress=bar.at, execute=execute, plugin=plugin)
        found = reviews(deal, delivery, arguments, judge)
        stages = DELIVERY if found is None else REVIEWED
        evidence = None if found is None else {"reviews": found}
        outcome = judge(stages, show_values=arguments.show_values, evidence=evidence)
    ledger = outcome.ledger
    if arguments.receipt:
        receipt.write(ledger, arguments.receipt)
    view = View(ledger, deal.contract, stages, str(arguments.delivery), outcome.figures)
    if arguments.html:
        write_whole(arguments.html, html.render(view).encode())
    if arguments.format == "json":
        sys.stdout.writelines(machine.render(view))
    elif arguments.format == "sarif":
        sys.stdout.writelines(sarif.render(view))
    else:
        print(terminal.render(view, terminal.wants_color(sys.stdout)))
        for path in filter(None, (arguments.receipt, arguments.html)):
            print(f"written: {path}")
    return EXITS[ledger.verdict(stages)]


def reviews(
    deal: Deal, delivery: Delivery, arguments: argparse.Namespace, judge: Callable[..., Outcome]
) -> dict[str, Reviewed] | None:
    """Rubric -> what its filled sheet says, held against the draw anew; None where none is given. Raises Refused."""
    if not arguments.reviews:
        return None
    nonce = drawing.nonce(deal, arguments.secrets or deal.folder / PRIVATE, arguments.attempt)
    samples = drawing.draw(deal, delivery, judge(DELIVERY), nonce)
    return sheet.read(arguments.reviews, samples)
