"""`sftspec seal`: held-out files and the team's secrets to `seals.json`, which promises both and shows neither."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from acceptance.deal import PRIVATE, Deal, earlier_lock, open_lock
from acceptance.errors import BREACHED, MET, USAGE, Refused, Unsound
from acceptance.files import can_hold, write_whole
from acceptance.measures.protocol import Unavailable
from acceptance.progress import Bar
from acceptance.rehearsal import rehearse
from acceptance.sealed import asked, flaws, items, suites
from acceptance.signing import exposures, secrets
from acceptance.signing.exposures import ExposureError, Exposures
from acceptance.signing.secrets import Secrets, SecretsError
from acceptance.statistics.wear import worn
from spec_lang.compiler import compile_file
from spec_lang.contract import Contract
from spec_lang.lock import SEALS, Sealed, Seals
from spec_lang.lockfile import needs_seals


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if a held-out file is not what the contract declares."""
    deal = _draft(arguments.contract)
    contract = deal.contract
    if not needs_seals(contract):
        message = "this contract has no held-out set with a file, and no review; there is nothing to seal"
        raise Refused(message, code=USAGE)
    path, out = arguments.secrets or deal.folder / PRIVATE, arguments.out or deal.folder / SEALS
    ledger = path.with_name(exposures.NAME)
    can_hold(ledger)
    try:
        if arguments.answered is not None:
            return _answered(deal, arguments.answered, path, ledger)
        can_hold(out)
        if arguments.out is None:
            earlier_lock(deal.path)
        with Bar("rehearsing", 0) as bar:
            rehearse(contract, deal.folder, bar.at)
        sets = dict(_sets(deal))
        found = _secrets(path)
        seals = _sealed(contract, sets, found)
        known, _ = exposures.add(ledger, "sealed", seals.seal, _asked(deal, found))
    except (SecretsError, ExposureError) as error:
        raise Refused(str(error), code=USAGE) from error
    write_whole(out, seals.dumps())
    attempts = f"{len(seals.seeds)} attempt{'s' * (len(seals.seeds) != 1)}"
    print(f"{out}: {len(seals.sealed)} held-out sets and the seeds of {attempts}; it shows neither")
    _tell(known, contract, seals.seal)
    return MET


def _draft(path: Path) -> Deal:
    """The deal as far as it is agreed: sets are sealed while the rest of a contract is still being proved sound."""
    compiled = compile_file(path)
    contract = compiled.reading.contract if compiled.reading is not None else None
    if contract is None:
        raise Unsound(compiled.diagnostics, USAGE if compiled.source is None else BREACHED)
    return Deal(contract, compiled, path, path.read_bytes(), None)


def _secrets(path: Path) -> Secrets:
    """The team's key, drawn where there is none yet."""
    if path.exists():
        return secrets.read(path)
    drawn = secrets.draw(path)
    print(f"{path}: drawn. Keep it private and keep it safe: without it nothing can be certified.")
    return drawn


def _sets(deal: Deal) -> Iterator[tuple[str, bytes]]:
    """Each sealed set's name and file, which is as the contract declares it. Raises Refused."""
    for name in suites(deal.contract):
        heldout = deal.contract.heldout(name)
        path = deal.folder / str(heldout.items)
        if not path.is_file():
            message = f"{heldout.items}: the held-out set `{name}` is not here; put it there to seal it"
            raise Refused(message, code=BREACHED)
        data = path.read_bytes()
        if problems := list(flaws(deal.contract, heldout, items(heldout, data))):
            raise Refused("\n".join(problems), code=BREACHED)
        yield name, data


def _sealed(contract: Contract, sets: Mapping[str, bytes], found: Secrets) -> Seals:
    seal = os.urandom(16).hex()
    nonce = found.item_nonce(seal)
    promised = {name: secrets.heldout_commitment(nonce, data) for name, data in sets.items()}
    sealed = [Sealed(heldout=name, commitment=promised[name], items=contract.heldout(name).size) for name in promised]
    attempts = range(1, contract.attempts + 1)
    seeds = tuple(secrets.seed_commitment(found.seed_nonce(seal, attempt)) for attempt in attempts)
    return Seals(seal=seal, sealed=tuple(sealed), seeds=seeds)


def _asked(deal: Deal, found: Secrets) -> tuple[exposures.Asked, ...]:
    return asked(deal, suites(deal.contract), found)


def _answered(deal: Deal, name: str, path: Path, ledger: Path) -> int:
    """An answer to an appeal tells the vendor something about an item, so it counts."""
    lock = open_lock(deal.path)
    if lock is None or lock.seals is None:
        raise Refused("contract.lock: holds no seals; an appeal is about a sealed set", code=BREACHED)
    if name not in suites(deal.contract):
        raise Refused(f"--answered {name}: no sealed set; there are {', '.join(suites(deal.contract))}", code=USAGE)
    try:
        sets = asked(deal, [name], secrets.read(path))
    except Unavailable as missing:
        raise Refused(str(missing), code=USAGE) from missing
    known, made = exposures.add(ledger, "appeal", lock.seals.seal, sets, lock=lock.digest())
    print(f"{ledger}: line {made.n}, an answered appeal about `{name}`")
    _tell(known, deal.contract, lock.seals.seal)
    return MET


def _tell(known: Exposures, contract: Contract, seal: str) -> None:
    for name, set_id in known.known(seal).items():
        count = known.count(set_id)
        print(f"  {name}: asked {count} time{'s' * (count != 1)} so far")
        if message := worn(contract, name, count):
            print(f"  warning: {message}")
