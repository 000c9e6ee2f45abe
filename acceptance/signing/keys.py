"""Ed25519 keys: private ones as PEM files, public ones pinned by role in the `keys.json` that the contract names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError, model_validator

from acceptance.files import write_whole
from acceptance.ledger import Sheet
from acceptance.signing.passphrase import PassphraseError, ask, take
from acceptance.signing.private import exposed, write_private

Party = Literal["buyer", "vendor", "runner", "auditor"]
VARIABLE = "env:"
"""`env:NAME` is a key in an environment variable; a file of such a name is `./env:NAME`."""


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


def keyid(raw: bytes) -> str:
    """sha256 of a raw public key, in hex."""
    return hashlib.sha256(raw).hexdigest()


def raw_public(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def pin(key: Ed25519PublicKey, role: Party) -> PinnedKey:
    """A public key as `keys.json` lists it."""
    raw = raw_public(key)
    return PinnedKey(role=role, key=base64.b64encode(raw).decode(), keyid=keyid(raw))


def generate(path: Path, role: Party, passphrase: str | None = None) -> PinnedKey:
    """Draw a key, write its private half to `path` (PKCS #8, 0600), return the public half. Raises SigningError.

    With a passphrase the file is encrypted: AES-256 in CBC under PBKDF2.
    """
    key = Ed25519PrivateKey.generate()
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        locked = serialization.BestAvailableEncryption(passphrase.encode())
    data = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    try:
        write_private(path, data)
    except FileExistsError as error:
        raise SigningError(f"{path}: exists; a private key is never overwritten; choose another name") from error
    except OSError as error:
        raise SigningError(f"{path}: cannot be written ({error.strerror}); choose a folder you may write to") from error
    return pin(key.public_key(), role)


def load_private(source: str | Path, passphrases: Sequence[str] = ()) -> Ed25519PrivateKey:
    """A private key from a file that nobody else can read, or from `env:NAME`. Raises SigningError.

    An encrypted one is opened with the first of the passphrases that fits; with none given it is asked for.
    """
    data = _pem(str(source))
    try:
        encrypted = data.lstrip().startswith(b"-----BEGIN ENCRYPTED")
        found = _opened(data, passphrases or [ask(str(source))]) if encrypted else _loaded(data, None)
    except PassphraseError as error:
        raise SigningError(str(error)) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{source}: is no PEM private key; name your private key file") from error
    if found is None:
        raise SigningError(f"{source}: no passphrase that was given opens it")
    if not isinstance(found, Ed25519PrivateKey):
        raise SigningError(f"{source}: is not an Ed25519 key; make one with `sftspec keygen`")
    return found


def _pem(source: str) -> bytes:
    if source.startswith(VARIABLE):
        try:
            return take(source.removeprefix(VARIABLE)).encode()
        except PassphraseError as error:
            raise SigningError(f"{source}: {error}") from error
    try:
        data, problem = Path(source).read_bytes(), exposed(Path(source))
    except OSError as error:
        raise SigningError(f"{source}: cannot be read ({error.strerror}); name your private key file") from error
    if problem:
        raise SigningError(problem)
    return data


def _opened(data: bytes, passphrases: Sequence[str]) -> object | None:
    for passphrase in passphrases:
        with suppress(ValueError):  # a wrong passphrase; the next may fit
            return _loaded(data, passphrase.encode())
    return None


def _loaded(data: bytes, password: bytes | None) -> object:
    return serialization.load_pem_private_key(data, password=password)


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
