"""`sftspec lock`: a contract and the files it names to `contract.lock`, with the promises of `sftspec seal`.

A pilot's score file is pinned too; its figures are what `check` plans the trial with.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from acceptance import prints, scores
from acceptance.deal import LOCK, earlier_lock, read_lock, sound, warn_unsigned
from acceptance.errors import BREACHED, MET, USAGE, Refused
from acceptance.files import can_hold, write_whole
from acceptance.prints import PrintsError
from acceptance.progress import Bar
from acceptance.rehearsal import rehearse
from acceptance.scores import ScoresError
from spec_lang import lockfile
from spec_lang.basis import calls
from spec_lang.contract import Const, Contract
from spec_lang.lock import SEALS, Lock, Seals, Spread
from spec_lang.lockfile import LockError


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if the contract is unsound, or with `--check` if the lock does not hold."""
    folder = arguments.contract.parent
    if arguments.check:
        contract, _ = sound(arguments.contract)
        return _check(contract, arguments.contract)
    can_hold(folder / LOCK)
    pilot = _pilot(arguments.pilot, earlier_lock(arguments.contract), folder)
    contract, _ = sound(arguments.contract, pilot[1] if pilot else ())
    source = arguments.contract.read_bytes()
    try:
        lock = lockfile.build(contract, source, folder, _seals(contract, arguments.seals, folder), pilot)
        _prints(contract, folder)
    except (LockError, PrintsError) as error:
        raise Refused(str(error), code=BREACHED) from error
    with Bar("rehearsing", 0) as bar:
        rehearse(contract, folder, bar.at)
    write_whole(folder / LOCK, lock.dumps())
    sealed = len(lock.seals.sealed) if lock.seals else 0
    print(f"{folder / LOCK}: {len(lock.files)} files pinned, {sealed} held-out sets sealed")
    for problem in lockfile.unsealed(lock, contract):
        print(f"  before a trial or a review: {problem}")
    if pilot:
        print(f"  planned with the pilot {pilot[0]}: {', '.join(one.heldout for one in pilot[1])}")
    print(f"  contract {lock.contract}\n  lock     {lock.digest()}")
    warn_unsigned(contract)
    return MET


def _pilot(given: Path | None, earlier: Lock | None, folder: Path) -> tuple[str, tuple[Spread, ...]] | None:
    """The pilot's score file, inside the contract's folder, and what it measured: a new one, or the locked one anew."""
    name = _inside(given, folder) if given is not None else _locked(earlier)
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


def _locked(earlier: Lock | None) -> str | None:
    """The pilot that an earlier lock pins."""
    return next((file.path for file in (earlier.files if earlier else ()) if file.role == "pilot"), None)


def _check(contract: Contract, path: Path) -> int:
    folder, source, lock = path.parent, path.read_bytes(), read_lock(path)
    kept = lockfile.kept_back(lock, folder)
    problems = [*lockfile.check(lock, contract, folder, source=source, kept=kept), *lockfile.unsealed(lock, contract)]
    for problem in problems:
        print(problem)
    print(f"{folder / LOCK}: {'does not hold' if problems else 'holds'}")
    if kept:
        print(f"  not here and not checked: {len(kept)} file{'s' * (len(kept) != 1)} that the buyer keeps")
    return BREACHED if problems else MET


def _seals(contract: Contract, given: Path | None, folder: Path) -> Seals | None:
    """The evaluation team's promises, which must be about this contract; None where there are none yet."""
    path = given or folder / SEALS
    if given is None and not (lockfile.needs_seals(contract) and path.exists()):
        return None
    seals = lockfile.read_seals(path)
    problems = list(lockfile.unsealed_by(seals, contract))
    if problems:
        raise LockError("\n".join(f"{path}: {problem}" for problem in problems))
    return seals


def _prints(contract: Contract, folder: Path) -> None:
    """Prints are what the clauses that name them ask for. Raises PrintsError."""
    for call in (call for clause in contract.clauses for call in calls(clause.expr) if call.measure == "taken_from"):
        for name in call.all("sets"):
            if isinstance(name, Const):
                prints.read(folder, str(name.value), int(call.word("run")))
