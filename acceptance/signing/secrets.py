"""The buyer's private file in, commitments, seeds and blinded ids out: what is promised before the delivery exists."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from acceptance.ledger import Sheet
from spec_lang.contract import canonical

Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 random bytes in hex."""


class SecretsError(Exception):
    """A private file that cannot be made or read; str() says what to do."""


class Secrets(Sheet):
    """What only the buyer holds. The seed nonce is revealed in the certificate, the item nonce never."""

    sftspec_secrets: Literal[1] = 1
    seed_nonce: Nonce
    item_nonce: Nonce

    def dumps(self) -> bytes:
        """The only bytes this file is written as."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=2).encode() + b"\n"


def draw(path: Path) -> Secrets:
    """Draw both nonces from the operating system and write them. Raises SecretsError if the file exists."""
    secrets = Secrets(seed_nonce=os.urandom(32).hex(), item_nonce=os.urandom(32).hex())
    try:
        write_private(path, secrets.dumps())
    except OSError as error:
        raise SecretsError(_refusal(path, error)) from error
    return secrets


def read(path: Path) -> Secrets:
    """Read the private file. Raises SecretsError."""
    try:
        data = path.read_bytes()
        secrets = Secrets.model_validate_json(data, strict=True)
    except OSError as error:
        raise SecretsError(f"{path}: cannot be read ({error.strerror}); `sftspec lock` draws one") from error
    except ValidationError as error:
        raise SecretsError(f"{path}: is not a secrets file of sftspec; restore it from your backup") from error
    if secrets.dumps() != data:
        raise SecretsError(f"{path}: was edited; restore it from your backup")
    return secrets


def write_private(path: Path, data: bytes) -> None:
    """Create a file that only its owner can read, whole or not at all. Raises FileExistsError rather than overwrite."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:  # a full disk: half a key would look like one, and is never overwritten
        path.unlink(missing_ok=True)
        raise


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

    `contract` and `lock` are digests; `data` is the sha256 of the delivery's manifest for the vendor's arm and of the
    reference file for a reference arm. So neither party alone can choose seeds: the buyer fixed the nonce before the
    delivery existed, the vendor does not know it.
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


def item_id(item_nonce: str, attempt: int, name: str) -> str:
    """How an item or cluster is called in the scores of one attempt, so that attempts cannot be linked.

    HMAC-SHA256(item nonce, "<attempt>:<name>"), its first 32 hex digits.
    """
    message = f"{attempt}:{name}".encode("utf-8", "surrogatepass")
    return hmac.digest(bytes.fromhex(item_nonce), message, "sha256").hex()[:32]
