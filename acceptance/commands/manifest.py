"""`sftspec manifest`: a delivery folder to its `manifest.json`."""

from __future__ import annotations

import argparse

from acceptance.deal import open_deal
from acceptance.delivery.manifest import write_manifest
from acceptance.errors import MET, Refused


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 if the folder is not there."""
    deal = open_deal(arguments.contract)
    if not arguments.delivery.is_dir():
        raise Refused(f"{arguments.delivery}: is not a folder; name the folder that holds the delivery", code=2)
    manifest = write_manifest(arguments.delivery, deal.contract)
    for lot in manifest.lots:
        for entry in lot.files:
            what = f"{entry.records:,} rows of {entry.table}" if entry.table else "attachment"
            print(f"lot {lot.lot}  {entry.path}  {what}")
    print(f"{arguments.delivery / 'manifest.json'}: written")
    return MET
