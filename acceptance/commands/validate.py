"""`sftspec validate`: a delivery to its ledger and receipt."""

from __future__ import annotations

import argparse
import json
import sys

from acceptance import receipt
from acceptance.deal import open_deal
from acceptance.errors import BREACHED, MET, UNDECIDED
from acceptance.files import write_whole
from acceptance.ledger import Verdict
from acceptance.progress import Bar
from acceptance.validation import decide, open_delivery

EXITS: dict[Verdict, int] = {"met": MET, "breached": BREACHED, "undecided": UNDECIDED, "reported": MET}


def run(arguments: argparse.Namespace) -> int:
    """Exit 0, 1 or 4 as the delivery-stage clauses are met, breached or undecided."""
    deal = open_deal(arguments.contract)
    delivery = open_delivery(arguments.delivery, deal)
    with Bar("reading", delivery.rows) as bar:
        outcome = decide(deal, delivery, ("delivery",), show_values=arguments.show_values, progress=bar.at)
    ledger = outcome.ledger
    if arguments.receipt:
        receipt.write(ledger, arguments.receipt)
    if arguments.html:
        from acceptance.report import html

        write_whole(arguments.html, html.page(deal.contract, ledger).encode())
    if arguments.format == "json":
        print(json.dumps(ledger.model_dump(mode="json"), indent=1, ensure_ascii=False))
    elif arguments.format == "sarif":
        from acceptance.report import sarif

        print(json.dumps(sarif.ledger(ledger), indent=1, ensure_ascii=False))
    else:
        from acceptance.report import terminal

        print(terminal.ledger(deal.contract, ledger, colour=sys.stdout.isatty(), everything=arguments.all))
        if arguments.receipt:
            print(f"receipt: {arguments.receipt}")
    return EXITS[ledger.verdict(("delivery",))]
