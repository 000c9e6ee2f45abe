"""Private Ed25519 keys as PEM files: drawn, written for their owner alone, and read again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.signing.keys import Party, PinnedKey, SigningError, pin
from acceptance.signing.passphrase import PassphraseError, ask, take
from acceptance.signing.private import exposed, write_private

VARIABLE = "env:"
"""`env:NAME` is a key in an environment variable; a file of such a name is `./env:NAME`."""


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
    if b"PRIVATE KEY" not in data:  # such as keys.json, which everybody may read
        raise SigningError(f"{source}: holds no private key; name the file that `sftspec keygen --key` wrote")
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
