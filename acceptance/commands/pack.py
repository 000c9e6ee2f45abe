"""`sftspec pack`: a locked contract to the vendor's bundle. Held-out sets, references and secrets never go in."""

from __future__ import annotations

import argparse
import gzip
import io
import tarfile
from pathlib import Path

from acceptance.deal import LOCK, Deal, open_deal, warn_unsigned
from acceptance.errors import MET, Refused
from acceptance.files import can_hold, write_whole
from spec_lang.lock import VENDOR_ROLES


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if the contract is not locked or the lock does not hold."""
    deal = open_deal(arguments.contract, VENDOR_ROLES)
    if deal.lock is None:
        raise Refused(f"{arguments.contract.parent / LOCK}: not here; run `sftspec lock` first", code=1)
    out = arguments.out or Path(f"{deal.contract.name}-{deal.contract.version}.tar.gz")
    can_hold(out)
    members = [arguments.contract.name, LOCK, *_used(deal), *_files(deal)]
    write_whole(out, _bundle(deal.folder, sorted(set(members))))
    print(f"{out}: {', '.join(sorted(set(members)))}")
    warn_unsigned(deal.contract)
    return MET


def _files(deal: Deal) -> list[str]:
    assert deal.lock is not None
    return [file.path for file in deal.lock.files if file.role in VENDOR_ROLES]


def _used(deal: Deal) -> list[str]:
    """Files that the contract uses in quotes, and those that they use."""
    from spec_lang.loader import load
    from spec_lang.symbols import Report

    assert deal.compiled.source is not None
    folder = deal.folder.resolve()
    paths = (module.file.span.source.path for module in load(deal.compiled.source, Report())[1:])
    return [path.resolve().relative_to(folder).as_posix() for path in paths if path is not None]


def _bundle(folder: Path, members: list[str]) -> bytes:
    """A tar.gz that is the same for the same files: no times, no owners."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in members:
            data = (folder / name).read_bytes()
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)
