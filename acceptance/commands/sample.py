"""`sftspec sample`: a delivery to the sheets that reviewers fill in."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack

from acceptance.commands.validate import running
from acceptance.deal import PRIVATE, open_deal
from acceptance.errors import MET, USAGE, Refused
from acceptance.files import can_hold, write_whole
from acceptance.plugins import process as plugins
from acceptance.progress import Bar
from acceptance.reviewing import drawing, sheet
from acceptance.reviewing.drawing import Drawn
from acceptance.validation import decide, open_delivery

RECORDS = ".jsonl"
"""The ending of the file beside a sheet that holds its records."""


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 where a sheet would be overwritten."""
    deal = open_deal(arguments.contract)
    nonce = drawing.nonce(deal, arguments.secrets or deal.folder / PRIVATE, arguments.attempt)
    paths = [arguments.out / sheet.name(rubric) for rubric in drawing.rubrics(deal.contract)]
    for path in paths:
        if paths.count(path) > 1:
            raise Refused(f"{path}: the sheet of two rubrics; give their files names that differ", code=USAGE)
        can_hold(path)
        if path.exists():
            raise Refused(f"{path}: exists and may be filled in; name another folder", code=USAGE)
        if arguments.records:
            can_hold(path.with_suffix(RECORDS))
    delivery = open_delivery(arguments.delivery, deal)
    with ExitStack() as stack:
        bar, ran = stack.enter_context(Bar("reading", delivery.rows)), stack.enter_context(Bar("executed", 0))
        execute = stack.enter_context(running(arguments, ran.at))
        plugin = stack.enter_context(plugins.allowed(deal, arguments.plugin))
        outcome = decide(deal, delivery, ("delivery",), progress=bar.at, execute=execute, plugin=plugin)
        samples = drawing.draw(deal, delivery, outcome, nonce)
    for one in samples:
        _write(one, arguments)
    for rubric, clause, plan in drawing.planned(deal.contract, samples[0].rows):
        print(f"  {clause.name}: {plan.size:,} rows under {rubric}, of which {plan.accept:,} may be defective")
    print("judge each row: `reviewer` and `defective` (yes or no); then give the sheets to `validate --reviews`")
    return MET


def _write(one: Drawn, arguments: argparse.Namespace) -> None:
    path = arguments.out / sheet.name(one.rubric)
    write_whole(path, sheet.blank(one))
    print(f"{path}: {len(one.places):,} of {one.rows:,} accepted rows, in the order drawn")
    if arguments.records:
        beside = path.with_suffix(RECORDS)
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in one.records)
        write_whole(beside, "".join(lines).encode("utf-8", "backslashreplace"))
        print(f"{beside}: the records themselves, a line each, in the same order; they are confidential")
