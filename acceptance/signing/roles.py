"""Signatures with pinned roles: an envelope is valid when the runner and the buyer or the vendor have signed it."""

from __future__ import annotations

from acceptance.signing.dsse import Envelope, holds, pae, parse, sign
from acceptance.signing.keys import (
    Keys,
    Party,
    PinnedKey,
    SigningError,
    parse_keys,
    pin,
    read_keys,
    write_keys,
)

__all__ = [
    "Envelope", "Keys", "Party", "PinnedKey", "SigningError", "pae", "parse", "parse_keys",
    "pin", "read_keys", "sign", "signers", "verify", "write_keys",
]  # fmt: skip


def signers(envelope: Envelope, keys: Keys) -> frozenset[Party]:
    """Who signed. Raises SigningError if a signature is by a key that is not pinned, or does not hold.

    Every signature must hold, also those that validity would not need: a certificate bears no decoration.
    """
    pinned = {key.keyid: key for key in keys.keys}
    for name, _ in envelope.signatures:
        if name not in pinned:
            raise SigningError(f"signed by key {name[:12]}, which keys.json does not pin; ask who signed it")
        if not holds(envelope, name, pinned[name].public()):
            role = pinned[name].role
            raise SigningError(f"the signature of the {role} does not hold: text or signature was changed")
    return frozenset(pinned[name].role for name, _ in envelope.signatures)


def verify(envelope: Envelope, keys: Keys) -> frozenset[Party]:
    """The roles that signed. Raises SigningError unless the runner and at least one of buyer and vendor did."""
    found = signers(envelope, keys)
    if "runner" not in found:
        raise SigningError("the runner has not signed; a certificate needs the runner and the buyer or the vendor")
    if not found & {"buyer", "vendor"}:
        raise SigningError("neither buyer nor vendor has signed; a certificate needs one of them beside the runner")
    return found
