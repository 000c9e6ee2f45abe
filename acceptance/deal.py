"""A contract's path to the deal as it stands on disk: checked contract, its folder, its lock, and what they open."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from acceptance.errors import BREACHED, USAGE, Refused, Unsound
from spec_lang import lockfile
from spec_lang.compiler import Compiled, compile_file
from spec_lang.contract import Contract
from spec_lang.lock import Lock, Role, Spread
from spec_lang.lockfile import LockError

if TYPE_CHECKING:
    from acceptance.rendering import Renderer

LOCK = lockfile.NAME
PRIVATE = "private/secrets.json"
"""Where the buyer keeps the nonces, unless told otherwise; never packed."""
VALIDATED: tuple[Role, ...] = ("template", "tokenizer", "keys", "rubric", "prints")
"""What a vendor has: enough to validate, nothing sealed."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A sound contract and the folder it lives in. `lock` is None where nothing was locked yet."""

    contract: Contract
    compiled: Compiled
    path: Path
    source: bytes
    lock: Lock | None

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def lock_digest(self) -> str:
        """sha256 of contract.lock, empty where there is none."""
        return self.lock.digest() if self.lock is not None else ""


def open_deal(path: Path, roles: tuple[Role, ...] = VALIDATED) -> Deal:
    """Compile the contract and hold its lock against the files in `roles`. Raises Unsound or Refused."""
    try:
        contract, compiled = sound(path)
    except Unsound as error:
        raise Unsound(error.diagnostics, error.code, _unplanned(error, path)) from error
    source = path.read_bytes()
    lock = open_lock(path)
    if lock is not None:
        problems = lockfile.check(lock, contract, path.parent, roles, source)
        if problems:
            raise Refused("\n".join(problems), code=BREACHED)
    return Deal(contract, compiled, path, source, lock)


def sound(path: Path, pilot: tuple[Spread, ...] | None = None) -> tuple[Contract, Compiled]:
    """The checked contract, planned with a pilot's figures or with those of the lock beside it.

    Raises Unsound, with the code of wrong usage where there is no text to check.
    """
    compiled = compile_file(path, pilot)
    if compiled.contract is None:
        raise Unsound(compiled.diagnostics, USAGE if compiled.source is None else BREACHED)
    return compiled.contract, compiled


def _unplanned(error: Unsound, path: Path) -> str:
    """That a trial looks too small may mean that a pilot's figures are not here: those of the lock."""
    small = any(item.code == "SFT4002" and item.notes for item in error.diagnostics)  # notes: what it assumes
    if not small or (path.parent / LOCK).exists():
        return ""
    return (
        f"{LOCK}: not here, and a pilot's figures would stand in it; without them the trial is planned with defaults. "
        f"Put the {LOCK} of the buyer's bundle beside {path.name}; the buyer makes it with `sftspec lock`"
    )


def open_lock(contract: Path) -> Lock | None:
    """The lock beside a contract; None where nothing was locked. Raises Refused as `read_lock`."""
    return read_lock(contract) if (contract.parent / LOCK).exists() else None


def read_lock(contract: Path) -> Lock:
    """The lock beside a contract. Raises Refused for one that is absent, damaged or of another contract there."""
    try:
        lock = lockfile.read(contract.parent / LOCK)
    except LockError as error:
        raise Refused(str(error), code=BREACHED) from error
    if told := lockfile.misplaced(lock, contract):
        raise Refused(told, code=BREACHED)
    return lock


def earlier_lock(contract: Path) -> Lock | None:
    """The lock that is about to be replaced; None where none can be read. Raises Refused for another contract's."""
    try:
        lock = lockfile.read(contract.parent / LOCK)
    except LockError:
        return None
    if told := lockfile.misplaced(lock, contract):
        raise Refused(told, code=USAGE)
    return lock


def warn_unsigned(contract: Contract) -> None:
    """Says on stderr that nobody could sign for the trial, before the parties sign the contract."""
    if contract.keys is None and any(clause.stage == "trial" for clause in contract.clauses):
        print(
            "warning: the contract pins no keys, so nobody could sign the certificate; add `keys:` now", file=sys.stderr
        )


def renderers(deal: Deal) -> Callable[[str], Renderer]:
    """Recipe name -> its renderer, built once. Raises Unavailable where the template or tokenizer is absent."""
    from acceptance.measures.protocol import Unavailable
    from acceptance.rendering import BadTemplate, Renderer

    built: dict[str, Renderer] = {}

    def renderer(name: str) -> Renderer:
        if name not in built:
            recipe = deal.contract.recipe(name)
            for file in (recipe.template, recipe.tokenizer):
                if not (deal.folder / file).exists():
                    raise Unavailable(f"`{file}` of recipe {name} is not here; ask the buyer for the pack")
            try:
                built[name] = Renderer(recipe, deal.contract, deal.folder)
            except BadTemplate as error:
                raise Refused(str(error), code=1) from error
        return built[name]

    return renderer


def sha256(data: bytes) -> str:
    """Hex digest of bytes."""
    return hashlib.sha256(data).hexdigest()
