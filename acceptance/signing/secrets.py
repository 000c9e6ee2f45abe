"""The buyer's private key file in; nonces, commitments, seeds and blinded ids out: all that is promised beforehand."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from acceptance.ledger import Sheet
from acceptance.signing.private import exposed, write_private
from spec_lang.contract import canonical

Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 random bytes in hex."""


class SecretsError(Exception):
    """A private file that cannot be made or read; str() says what to do."""


class Secrets(Sheet):
    """What only the buyer's evaluation team holds: one random key, from which every nonce of every deal derives.

    A nonce that is shown tells nothing about the key or about another nonce (HMAC-SHA256 as a PRF).
    """

    sftspec_secrets: Literal[2] = 2
    key: Nonce

    def item_nonce(self, seal: str) -> str:
        """Blinds the items of one deal. Never revealed but to an auditor, to whom it opens this deal alone."""
        return self._derived(f"items {seal}")

    def seed_nonce(self, seal: str, attempt: int) -> str:
        """Seeds of one attempt of one deal. Revealed in the certificate of that attempt, and tells no later seed."""
        return self._derived(f"seeds {seal} {attempt}")

    def set_id(self, data: bytes) -> str:
        """How a held-out file is called in the exposure ledger: the same in every deal, and no clue to its text."""
        return self._derived(f"set {hashlib.sha256(data).hexdigest()}")

    def _derived(self, what: str) -> str:
        return hmac.digest(bytes.fromhex(self.key), what.encode(), "sha256").hex()

    def dumps(self) -> bytes:
        """The only bytes this file is written as."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=2).encode() + b"\n"


def draw(path: Path) -> Secrets:
    """Draw the key from the operating system and write it. Raises SecretsError if the file exists."""
    secrets = Secrets(key=os.urandom(32).hex())
    try:
        write_private(path, secrets.dumps())
    except OSError as error:
        raise SecretsError(_refusal(path, error)) from error
    return secrets


def read(path: Path) -> Secrets:
    """Read the private file. Raises SecretsError."""
    try:
        data = path.read_bytes()
        problem = exposed(path)
        secrets = Secrets.model_validate_json(data, strict=True)
    except OSError as error:
        raise SecretsError(f"{path}: cannot be read ({error.strerror}); `sftspec seal` draws one") from error
    except ValidationError as error:
        raise SecretsError(f"{path}: is not a secrets file of sftspec; restore it from your backup") from error
    if problem:
        raise SecretsError(problem)
    if secrets.dumps() != data:
        raise SecretsError(f"{path}: was edited; restore it from your backup")
    return secrets


def _refusal(path: Path, error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return f"{path}: exists and is never overwritten; use it, or move it away first"
    return f"{path}: cannot be written ({error.strerror}); choose a folder you may write to"


def seed_commitment(seed_nonce: str) -> str:
    """sha256(0x01 || seed nonce), in hex."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(seed_nonce)).hexdigest()


def heldout_commitment(item_nonce: str, data: bytes) -> str:
    """sha256(0x02 || item nonce || sha256 of the held-out file's bytes), in hex."""
    return hashlib.sha256(b"\x02" + bytes.fromhex(item_nonce) + hashlib.sha256(data).digest()).hexdigest()


def seed(seed_nonce: str, contract: str, lock: str, data: str, j: int) -> int:
    """The j-th seed of an arm, from 0 to 2**31 - 1.

    `contract` and `lock` are digests; `data` is the sha256 of the delivery's manifest for the vendor's arm, and follows
    from it for all others (`certificate.beside`). So neither party alone can choose seeds: the buyer fixed the nonce
    before the delivery existed, the vendor does not know it.
    """
    message = canonical({"contract": contract, "data": data, "j": j, "lock": lock})
    return int.from_bytes(hmac.digest(bytes.fromhex(seed_nonce), message, "sha256")[:4], "big") & 0x7FFFFFFF


def seeds(seed_nonce: str, contract: str, lock: str, data: str, count: int) -> tuple[int, ...]:
    """The first `count` different seeds, j = 1, 2, ...; a seed that comes up twice is drawn once."""
    found: dict[int, None] = {}
    j = 0
    while len(found) < count:
        j += 1
        found[seed(seed_nonce, contract, lock, data, j)] = None
    return tuple(found)


def draw_key(seed_nonce: str, contract: str, lock: str, data: str, rubric: str) -> bytes:
    """Orders the rows that are reviewed under a rubric; `data` is the sha256 of the delivery's manifest.

    Fixed by the seed nonce as seeds are, and no seed of a trial follows from it.
    """
    message = canonical({"contract": contract, "data": data, "lock": lock, "rubric": rubric})
    return hmac.digest(bytes.fromhex(seed_nonce), message, "sha256")


def item_id(item_nonce: str, attempt: int, name: str) -> str:
    """How an item or cluster is called in the scores of one attempt, so that attempts cannot be linked.

    HMAC-SHA256(item nonce, "<attempt>:<name>"), its first 32 hex digits.
    """
    message = f"{attempt}:{name}".encode("utf-8", "surrogatepass")
    return hmac.digest(bytes.fromhex(item_nonce), message, "sha256").hex()[:32]
