"""`sftspec lock`: a contract and the files it names to `contract.lock`, with commitments to its sealed sets."""

from __future__ import annotations

import argparse
from pathlib import Path

from acceptance.deal import LOCK, PRIVATE, sound
from acceptance.delivery.counting import rows
from acceptance.errors import BREACHED, MET, Refused
from acceptance.files import write_whole
from acceptance.signing import secrets as private
from acceptance.signing.secrets import Secrets, SecretsError
from spec_lang import lockfile
from spec_lang.contract import Contract
from spec_lang.lock import Sealed
from spec_lang.lockfile import LockError


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if the contract is unsound, or with `--check` if the lock does not hold."""
    contract, _ = sound(arguments.contract)
    folder = arguments.contract.parent
    source = arguments.contract.read_bytes()
    if arguments.check:
        return _check(contract, folder, source)
    secrets = _secrets(contract, arguments.secrets or folder / PRIVATE)
    try:
        sealed = _seal(contract, folder, secrets) if secrets else []
        commitment = private.seed_commitment(secrets.seed_nonce) if secrets else None
        lock = lockfile.build(contract, source, folder, sealed, commitment)
    except LockError as error:
        raise Refused(str(error), code=1) from error
    write_whole(folder / LOCK, lock.dumps())
    print(f"{folder / LOCK}: {len(lock.files)} files pinned, {len(lock.sealed)} held-out sets sealed")
    print(f"  contract {lock.contract}\n  lock     {lock.digest()}")
    return MET


def _check(contract: Contract, folder: Path, source: bytes) -> int:
    try:
        lock = lockfile.read(folder / LOCK)
    except LockError as error:
        raise Refused(str(error), code=1) from error
    problems = [*lockfile.check(lock, contract, folder, source=source), *lockfile.unsealed(lock, contract)]
    for problem in problems:
        print(problem)
    print(f"{folder / LOCK}: {'does not hold' if problems else 'holds'}")
    return BREACHED if problems else MET


def _secrets(contract: Contract, path: Path) -> Secrets | None:
    """The buyer's nonces, drawn where there are none yet; None for a contract without sealed sets."""
    if all(heldout.items is None for heldout in contract.heldouts):
        return None
    try:
        if path.exists():
            return private.read(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn = private.draw(path)
    except SecretsError as error:
        raise Refused(str(error), code=2) from error
    print(f"{path}: drawn. Keep it private and keep it safe: without it nothing can be certified.")
    return drawn


def _seal(contract: Contract, folder: Path, secrets: Secrets) -> list[Sealed]:
    out = []
    for heldout in contract.heldouts:
        if heldout.items is None:
            continue
        path = folder / heldout.items
        if not path.is_file():
            raise LockError(f"{heldout.items}: the held-out set `{heldout.name}` is not here; put it there to seal it")
        items = rows(folder, heldout.items)
        if items != heldout.size:
            message = f"{heldout.items}: holds {items} items; the contract says {heldout.size} for `{heldout.name}`"
            raise LockError(f"{message}; correct `size` or the file")
        commitment = private.heldout_commitment(secrets.item_nonce, path.read_bytes())
        out.append(Sealed(heldout=heldout.name, commitment=commitment, items=items))
    return out
