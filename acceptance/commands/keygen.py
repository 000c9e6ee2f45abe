"""`sftspec keygen`: a new Ed25519 key, its private half to a file, its public half into `keys.json`."""

from __future__ import annotations

import argparse

from acceptance.errors import MET, USAGE, Refused
from acceptance.files import can_hold
from acceptance.signing.keys import PinnedKey, SigningError, read_keys, write_keys
from acceptance.signing.passphrase import PassphraseError, choose, strong, take
from acceptance.signing.pem import generate


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 if the private key's file exists."""
    if arguments.key.resolve() == arguments.keys.resolve():
        raise Refused("--key and --keys name one file; the private half goes elsewhere", code=USAGE)
    for path in (arguments.key, arguments.keys):
        can_hold(path)
    try:
        known = read_keys(arguments.keys).keys if arguments.keys.exists() else ()
        made = generate(arguments.key, arguments.role, _passphrase(arguments))
    except (SigningError, PassphraseError) as error:
        raise Refused(str(error), code=USAGE) from error
    _list(arguments, [*known, made])
    print(f"{arguments.key}: private key of the {arguments.role}{_how(arguments)}; keep it to yourself")
    print(f"{arguments.keys}: public key {made.keyid[:16]} added; lock the contract again")
    return MET


def _how(arguments: argparse.Namespace) -> str:
    return ", encrypted" if arguments.encrypt or arguments.passphrase_env is not None else ""


def _passphrase(arguments: argparse.Namespace) -> str | None:
    """What encrypts the key; None where nobody asked for that."""
    if arguments.passphrase_env is not None:
        return strong(take(arguments.passphrase_env))
    return strong(choose(f"the new key {arguments.key}")) if arguments.encrypt else None


def _list(arguments: argparse.Namespace, keys: list[PinnedKey]) -> None:
    """A private key whose public half is listed nowhere is of no use, so it goes, too."""
    try:
        write_keys(arguments.keys, keys)
    except BaseException:
        arguments.key.unlink(missing_ok=True)
        raise
