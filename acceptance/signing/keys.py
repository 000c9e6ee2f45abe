"""Public Ed25519 keys, pinned by role in the `keys.json` that the contract names; all that verifying needs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError, model_validator

from acceptance.files import write_whole
from acceptance.ledger import Sheet

Party = Literal["buyer", "vendor", "runner", "auditor"]


class SigningError(Exception):
    """A key, key file or signature that cannot be used; str() says what, where and what to do."""


class PinnedKey(Sheet):
    """One party's public key."""

    role: Party
    key: str
    """The raw 32 bytes in base64."""
    keyid: str
    """sha256 of the raw bytes, in hex."""

    @model_validator(mode="after")
    def _is_itself(self) -> PinnedKey:
        try:
            raw = base64.b64decode(self.key, validate=True)
        except binascii.Error as error:
            raise ValueError("the key is not base64") from error
        if len(raw) != 32 or base64.b64encode(raw).decode() != self.key:
            raise ValueError("the key is not 32 bytes in padded base64")
        if self.keyid != keyid(raw):
            raise ValueError("the keyid is not the sha256 of the key")
        if anybodys(raw):
            raise ValueError("anybody can sign under this key (a point of small order); ask its owner for another")
        return self

    def public(self) -> Ed25519PublicKey:
        """The key, ready to verify."""
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(self.key))


class Keys(Sheet):
    """The keys that may sign for this contract."""

    sftspec_keys: Literal[1] = 1
    keys: tuple[PinnedKey, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Keys:
        if len({key.keyid for key in self.keys}) < len(self.keys):
            raise ValueError("one key is pinned twice; each party needs its own")
        return self

    def dumps(self) -> bytes:
        """How `keygen` writes the file. Any JSON of this shape is read: the lock pins its bytes."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=2).encode() + b"\n"


PRIME = 2**255 - 19
EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL = {0, 1, PRIME - 1, EIGHTH, PRIME - EIGHTH}
"""y of the eight points whose order divides 8; see Chalkias, Garillot and Nikolaenko (2020), section 2."""


def anybodys(raw: bytes) -> bool:
    """Whether one signature holds for many texts under this key: its owner could deny, and others sign, any of them."""
    return int.from_bytes(raw, "little") % 2**255 % PRIME in SMALL  # the highest bit is the sign of x


def keyid(raw: bytes) -> str:
    """sha256 of a raw public key, in hex."""
    return hashlib.sha256(raw).hexdigest()


def raw_public(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes_raw()


def pin(key: Ed25519PublicKey, role: Party) -> PinnedKey:
    """A public key as `keys.json` lists it."""
    raw = raw_public(key)
    return PinnedKey(role=role, key=base64.b64encode(raw).decode(), keyid=keyid(raw))


def parse_keys(data: bytes, name: str = "keys.json") -> Keys:
    """Bytes of a `keys.json` to keys. Raises SigningError."""
    try:
        return Keys.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        message = first["msg"].removeprefix("Value error, ")
        raise SigningError(f"{name}: {where}: {message}; see `sftspec keygen`") from error


def read_keys(path: Path) -> Keys:
    """Read a `keys.json`. Raises SigningError."""
    try:
        return parse_keys(path.read_bytes(), str(path))
    except OSError as error:
        raise SigningError(f"{path}: cannot be read ({error.strerror}); put the pinned keys there") from error


def write_keys(path: Path, keys: Sequence[PinnedKey]) -> None:
    """Write a `keys.json`, sorted by role."""
    listed = tuple(sorted(keys, key=lambda key: (key.role, key.keyid)))
    write_whole(path, Keys(keys=listed).dumps())
