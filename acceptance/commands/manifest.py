"""`sftspec manifest`: a delivery folder to its `manifest.json`."""

from __future__ import annotations

import argparse
import sys
from itertools import islice

from acceptance.deal import open_deal
from acceptance.delivery.doubts import doubts
from acceptance.delivery.manifest import NAME, store, survey
from acceptance.errors import MET, USAGE, Refused, quiet
from acceptance.files import can_hold

TOLD = 20
"""Files of which a warning is printed."""


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 if the folder is not there."""
    deal = open_deal(arguments.contract)
    if not arguments.delivery.is_dir():
        raise Refused(f"{arguments.delivery}: is not a folder; name the folder that holds the delivery", code=USAGE)
    can_hold(arguments.delivery / NAME)
    manifest = survey(arguments.delivery, deal.contract)
    if not manifest.lots:
        raise Refused(f"{arguments.delivery}: holds no file that can be delivered; put the shards there", code=USAGE)
    store(arguments.delivery, manifest)
    for lot in manifest.lots:
        for entry in lot.files:
            what = f"{entry.records:,} rows of {entry.table}" if entry.table else "attachment"
            print(f"lot {lot.lot}  {entry.path}  {what}")
    print(f"{arguments.delivery / NAME}: written")
    found = doubts(arguments.delivery, manifest, deal.contract)
    for doubt in islice(found, TOLD):
        print(f"warning: {quiet(doubt)}", file=sys.stderr)
    if next(found, None) is not None:
        print(f"warning: further files are not named; mend these {TOLD} and list the delivery again", file=sys.stderr)
    return MET
