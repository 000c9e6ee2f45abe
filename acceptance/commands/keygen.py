"""`sftspec keygen`: a new Ed25519 key, its private half to a file, its public half into `keys.json`."""

from __future__ import annotations

import argparse

from acceptance.errors import MET, Refused
from acceptance.signing.keys import SigningError, generate, read_keys, write_keys


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 if the private key's file exists."""
    try:
        known = read_keys(arguments.keys).keys if arguments.keys.exists() else ()
        made = generate(arguments.key, arguments.role)
        write_keys(arguments.keys, [*known, made])
    except SigningError as error:
        raise Refused(str(error), code=2) from error
    print(f"{arguments.key}: private key of the {arguments.role}; keep it to yourself")
    print(f"{arguments.keys}: public key {made.keyid[:16]} added; lock the contract again")
    return MET
