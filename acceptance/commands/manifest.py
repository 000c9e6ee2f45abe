"""`sftspec manifest`: a delivery folder to its `manifest.json`."""

from __future__ import annotations

import argparse
import sys

from acceptance.deal import open_deal
from acceptance.delivery.doubts import doubts
from acceptance.delivery.manifest import store, survey
from acceptance.errors import MET, USAGE, Refused, quiet


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 if the folder is not there."""
    deal = open_deal(arguments.contract)
    if not arguments.delivery.is_dir():
        raise Refused(f"{arguments.delivery}: is not a folder; name the folder that holds the delivery", code=USAGE)
    manifest = survey(arguments.delivery, deal.contract)
    if not manifest.lots:
        raise Refused(f"{arguments.delivery}: holds no file that can be delivered; put the shards there", code=USAGE)
    store(arguments.delivery, manifest)
    for lot in manifest.lots:
        for entry in lot.files:
            what = f"{entry.records:,} rows of {entry.table}" if entry.table else "attachment"
            print(f"lot {lot.lot}  {entry.path}  {what}")
    print(f"{arguments.delivery / 'manifest.json'}: written")
    for doubt in doubts(arguments.delivery, manifest, deal.contract):
        print(f"warning: {quiet(doubt)}", file=sys.stderr)
    return MET
