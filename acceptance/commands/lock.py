"""`sftspec lock`: a contract and the files it names to `contract.lock`, with commitments to its sealed sets.

A pilot's score file is pinned too; its figures are what `check` plans the trial with.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from acceptance import prints, scores
from acceptance.deal import LOCK, PRIVATE, sound
from acceptance.delivery import counting
from acceptance.errors import BREACHED, MET, USAGE, Refused
from acceptance.files import write_whole
from acceptance.prints import PrintsError
from acceptance.scores import ScoresError
from acceptance.signing import secrets as private
from acceptance.signing.secrets import Secrets, SecretsError
from spec_lang import lockfile
from spec_lang.basis import calls
from spec_lang.contract import Const, Contract
from spec_lang.lock import Sealed, Spread
from spec_lang.lockfile import LockError


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if the contract is unsound, or with `--check` if the lock does not hold."""
    folder = arguments.contract.parent
    if arguments.check:
        contract, _ = sound(arguments.contract)
        return _check(contract, folder, arguments.contract.read_bytes())
    pilot = _pilot(arguments.pilot, folder)
    contract, _ = sound(arguments.contract, pilot[1] if pilot else ())
    source = arguments.contract.read_bytes()
    secrets = _secrets(contract, arguments.secrets or folder / PRIVATE)
    try:
        sealed = _seal(contract, folder, secrets) if secrets else []
        commitment = private.seed_commitment(secrets.seed_nonce) if secrets else None
        lock = lockfile.build(contract, source, folder, sealed, commitment, pilot)
        _prints(contract, folder)
    except (LockError, PrintsError) as error:
        raise Refused(str(error), code=1) from error
    write_whole(folder / LOCK, lock.dumps())
    print(f"{folder / LOCK}: {len(lock.files)} files pinned, {len(lock.sealed)} held-out sets sealed")
    if pilot:
        print(f"  planned with the pilot {pilot[0]}: {', '.join(one.heldout for one in pilot[1])}")
    print(f"  contract {lock.contract}\n  lock     {lock.digest()}")
    return MET


def _pilot(given: Path | None, folder: Path) -> tuple[str, tuple[Spread, ...]] | None:
    """The pilot's score file, inside the contract's folder, and what it measured: a new one, or the locked one anew."""
    name = _inside(given, folder) if given is not None else _locked(folder)
    if name is None:
        return None
    from acceptance.statistics.pilot import measured

    try:
        return name, measured(scores.read(folder / name))
    except ScoresError as error:
        raise Refused(f"{folder / name}: no pilot: {error}", code=USAGE if given is not None else BREACHED) from error


def _inside(path: Path, folder: Path) -> str:
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError as error:
        raise Refused(f"{path}: lies outside the contract's folder; put the pilot there", code=USAGE) from error


def _locked(folder: Path) -> str | None:
    """The pilot that an earlier lock pins."""
    try:
        earlier = lockfile.read(folder / LOCK)
    except LockError:  # there is none, or it is about to be replaced
        return None
    return next((file.path for file in earlier.files if file.role == "pilot"), None)


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
        items = counting.weigh(folder, heldout.items, counted=True).rows
        if items != heldout.size:
            message = f"{heldout.items}: holds {items} items; the contract says {heldout.size} for `{heldout.name}`"
            raise LockError(f"{message}; correct `size` or the file")
        commitment = private.heldout_commitment(secrets.item_nonce, path.read_bytes())
        out.append(Sealed(heldout=heldout.name, commitment=commitment, items=items))
    return out


def _prints(contract: Contract, folder: Path) -> None:
    """Prints are what the clauses that name them ask for. Raises PrintsError."""
    for call in (call for clause in contract.clauses for call in calls(clause.expr) if call.measure == "taken_from"):
        for name in call.all("sets"):
            if isinstance(name, Const):
                prints.read(folder, str(name.value), int(call.word("run")))
