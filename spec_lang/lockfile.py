"""A contract and the files it names in, `contract.lock` out: which bytes the parties signed for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from spec_lang.contract import Contract
from spec_lang.lock import NAME, ROLES, SEALS, VENDOR_ROLES, Lock, Pinned, Role, Sealed, Seals, Spread
from spec_lang.naming import expand, named_files
from spec_lang.paths import PathError, Safe

__all__ = [
    "LIMIT",
    "NAME",
    "ROLES",
    "SEALS",
    "VENDOR_ROLES",
    "Lock",
    "LockError",
    "Pinned",
    "Role",
    "Sealed",
    "Seals",
    "Spread",
    "build",
    "check",
    "expand",
    "figures",
    "fingerprint",
    "kept_back",
    "misplaced",
    "named_files",
    "parse",
    "read",
    "read_seals",
    "sealed_beside",
    "unsealed",
    "unsealed_by",
    "write",
]

LIMIT = 16 * 2**20
"""Bytes. A lock longer than this is not read."""


class LockError(Exception):
    """A lock that cannot be made or read; str() says what, where and what to do."""


def build(
    contract: Contract,
    source: bytes,
    folder: Path,
    seals: Seals | None = None,
    pilot: tuple[str, Sequence[Spread]] | None = None,
) -> Lock:
    """Pin every file the contract names, and a pilot's score file with its figures.

    Raises LockError with all that are missing, unsafe or no regular files.
    """
    scores, figures = pilot or ("", ())
    named: list[tuple[str, Role]] = named_files(contract) + ([(scores, "pilot")] if scores else [])
    files: list[Pinned] = []
    problems = []
    for name, role in named:
        try:
            files += [_pin(path, role) for path in expand(folder, name, role)]
        except PathError as error:
            problems.append(str(error))
    if problems:
        raise LockError("\n  ".join(problems))
    return Lock(
        contract=contract.digest(),
        source=hashlib.sha256(source).hexdigest(),
        files=tuple(files),
        seals=seals,
        pilot=tuple(figures),
    )


def _pin(file: Safe, role: Role) -> Pinned:
    size, digest = fingerprint(file.at)
    return Pinned(path=file.name, bytes=size, sha256=digest, role=role)


def fingerprint(path: Path) -> tuple[int, str]:
    """Size and sha256 of a regular file, of the same bytes. Raises PathError if it cannot be read."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return stream.tell(), digest
    except OSError as error:
        raise PathError(f"`{path.name}` cannot be read ({error.strerror}); check its permissions") from error


def write(lock: Lock, path: Path) -> None:
    """Write the lock in its one form."""
    path.write_bytes(lock.dumps())


def read(path: Path) -> Lock:
    """Read a lock strictly. Raises LockError."""
    return parse(_bytes(path, "lock"), str(path))


def read_seals(path: Path) -> Seals:
    """Read a `seals.json` strictly. Raises LockError."""
    return _exact(Seals, _bytes(path, "seal"), str(path), "seal")


def sealed_beside(folder: Path) -> Seals | None:
    """The seals that lie beside a contract, or those in its lock; None where none can be read there."""
    try:
        return read_seals(folder / SEALS) if (folder / SEALS).exists() else read(folder / NAME).seals
    except LockError:
        return None


def _bytes(path: Path, verb: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LIMIT + 1)
    except OSError as error:
        raise LockError(f"{path}: cannot be read ({error.strerror}); run `sftspec {verb}` to make it") from error


def figures(source: Path | None) -> tuple[Spread, ...]:
    """What a pilot measured, from the lock beside a contract; nothing where no lock can be read there.

    A lock that is damaged is the business of every command that relies on it; a draft is planned with defaults.
    """
    if source is None or not (source.parent / NAME).is_file():
        return ()
    try:
        return read(source.parent / NAME).pilot
    except LockError:
        return ()


def parse(data: bytes, name: str = "contract.lock") -> Lock:
    """Bytes to lock. Anything but the exact bytes that `write` makes is refused, so no byte changes unnoticed."""
    return _exact(Lock, data, name, "lock")


Document = TypeVar("Document", Lock, Seals)


def _exact(kind: type[Document], data: bytes, name: str, verb: str) -> Document:
    again = f"run `sftspec {verb}` again"
    if len(data) > LIMIT:
        raise LockError(f"{name}: longer than {LIMIT} bytes; {again}")
    try:
        found = kind.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise LockError(f"{name}: {where}: {first['msg']}; restore it or {again}") from error
    if found.dumps() != data:
        raise LockError(f"{name}: not as `sftspec {verb}` writes it (edited?); restore it or {again}")
    return found


def check(
    lock: Lock,
    contract: Contract,
    folder: Path,
    roles: Collection[Role] = ROLES,
    source: bytes | None = None,
    kept: Collection[Pinned] = (),
) -> list[str]:
    """Problems between a lock, its contract and the files beside it; only files in `roles` are read.

    That a file of `kept` is absent is no problem.
    """
    problems = list(other_text(lock, contract, source))
    named = [(path, role) for path, role in named_files(contract) if role in roles]
    named += [(file.path, file.role) for file in lock.files if file.role == "pilot" and "pilot" in roles]
    found: set[tuple[str, Role]] = set()
    for name, role in named:
        try:
            files = expand(folder, name, role)
            found |= {(file.name, role) for file in files}
            problems += [problem for file in files for problem in _other_bytes(lock, file, role)]
        except PathError as error:
            pinned = [file for file in lock.files if file.role == role and _under(file.path, name)]
            found |= {(file.path, role) for file in pinned}
            if not pinned or any(file not in kept for file in pinned):
                problems.append(f"{role} {error}")
    return problems + [
        f"contract.lock: {file.role} `{file.path}` is pinned but is not here; restore it, or run `sftspec lock` again"
        for file in lock.files
        if file.role in roles and (file.path, file.role) not in found and file not in kept
    ]


def kept_back(lock: Lock, folder: Path) -> list[Pinned]:
    """Pinned files that are not here and that `sftspec pack` gives no vendor."""
    return [file for file in lock.files if file.role not in VENDOR_ROLES and not os.path.lexists(folder / file.path)]


def _under(path: str, name: str) -> bool:
    return path == name or path.startswith(name + "/")


def other_text(lock: Lock, contract: Contract, source: bytes | None) -> Iterator[str]:
    """What tells the contract that a lock pins from the one at hand; nothing where it is the same text."""
    advice = "restore the text, or agree on the change and run `sftspec lock` again"
    if lock.contract != contract.digest():
        yield f"contract.lock: pins contract {lock.contract[:12]}, this one is {contract.digest()[:12]}; {advice}"
    elif source is not None and lock.source != hashlib.sha256(source).hexdigest():
        ends = _locked_ends(lock, source)
        change = f"only its line ends differ: it was locked with {ends}" if ends else "its text was edited since"
        yield f"contract.lock: the contract means the same but {change}; {advice}"


def misplaced(lock: Lock, contract: Path) -> str:
    """What to say where the lock in a contract's folder pins the text of another one there; empty where it does not."""
    texts = [contract, *sorted(contract.parent.glob("*.sftspec"))]
    pinned = [one.name for one in texts if _digest(one) == lock.source]
    if not pinned or contract.name in pinned:
        return ""
    return (
        f"{NAME}: is the lock of {pinned[0]}, not of {contract.name}; name that one, put this one in a folder of its "
        f"own, or move {NAME} away if this one takes its place"
    )


def _digest(path: Path) -> str:
    """Of a file's bytes; empty where it cannot be read or is too long for a contract."""
    try:
        return fingerprint(path)[1] if path.is_file() and path.stat().st_size <= LIMIT else ""
    except (OSError, PathError):
        return ""


def _locked_ends(lock: Lock, source: bytes) -> str:
    """The line ends with which a text is the one that was locked; empty where there are none."""
    plain = source.replace(b"\r\n", b"\n")
    forms = {"LF": plain, "CRLF": plain.replace(b"\n", b"\r\n")}
    return next((name for name, form in forms.items() if hashlib.sha256(form).hexdigest() == lock.source), "")


def _other_bytes(lock: Lock, file: Safe, role: Role) -> Iterator[str]:
    pinned = lock.pinned(role, file.name)
    if pinned is None:
        yield f"contract.lock: {role} `{file.name}` is not pinned; remove the file, or run `sftspec lock` again"
        return
    size, digest = fingerprint(file.at)
    if (size, digest) != (pinned.bytes, pinned.sha256):
        yield (
            f"{role} `{file.name}`: {size} bytes, sha256 {digest[:12]}, but contract.lock pins {pinned.bytes} bytes, "
            f"{pinned.sha256[:12]}; restore the file, or agree on the change and run `sftspec lock` again"
        )


def needs_seals(contract: Contract) -> bool:
    """Whether there are held-out sets to seal, or trials or samples that a sealed seed draws."""
    return bool(contract.heldouts) or any(clause.table == "reviews" for clause in contract.clauses)


def unsealed(lock: Lock, contract: Contract) -> list[str]:
    """What still has to be sealed before a trial or a review: held-out sets, and the seeds of every attempt."""
    if not needs_seals(contract):
        return []
    if lock.seals is None:
        return [f"{NAME}: held-out sets and seeds are not sealed; run `sftspec seal`, then `sftspec lock`"]
    return [f"{NAME}: {problem}" for problem in unsealed_by(lock.seals, contract)]


def unsealed_by(seals: Seals, contract: Contract) -> Iterator[str]:
    """Where the evaluation team's promises are not about this contract."""
    again = "run `sftspec seal` again, then `sftspec lock`"
    sealed = {one.heldout: one for one in seals.sealed}
    for heldout in contract.heldouts:
        if heldout.items is None:
            continue
        one = sealed.pop(heldout.name, None)
        if one is None:
            yield f"held-out set `{heldout.name}` is not sealed; {again}"
        elif one.items != heldout.size:
            yield (
                f"held-out set `{heldout.name}` is sealed with {one.items} items, the contract says {heldout.size}; "
                "seal the right file or correct `size`"
            )
    for name in sealed:
        yield f"`{name}` is sealed, which the contract does not declare; {again}"
    if len(seals.seeds) != contract.attempts:
        yield f"seeds are promised for {len(seals.seeds)} attempts, the contract allows {contract.attempts}; {again}"
