"""A payload and keys in, a DSSE v1 envelope out, and back: https://github.com/secure-systems-lab/dsse/blob/v1.0.2.

Only one sequence of bytes is an envelope here: RFC 8785 JSON, standard padded base64 with unused bits zero, signatures
sorted by key. White space, `keyid` and unused bits lie outside a DSSE signature, so anything else is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from acceptance.signing.keys import SigningError, keyid, raw_public

LIMIT = 64 * 2**20
"""Bytes. A longer envelope is not read."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its media type, and (keyid, signature) pairs."""

    payload: bytes
    payload_type: str
    signatures: tuple[tuple[str, bytes], ...]

    def dumps(self) -> bytes:
        """The only bytes of this envelope. All members are ASCII, so sorted compact JSON is RFC 8785."""
        signatures = [{"keyid": keyid, "sig": _encode(sig)} for keyid, sig in sorted(self.signatures)]
        members = {"payload": _encode(self.payload), "payloadType": self.payload_type, "signatures": signatures}
        return json.dumps(members, sort_keys=True, separators=(",", ":")).encode()


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding, which is what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, keys: Sequence[Ed25519PrivateKey]) -> Envelope:
    """Sign with every key. Raises SigningError if a key is given twice or none is."""
    message = pae(payload_type, payload)
    signatures = {keyid(raw_public(key.public_key())): key.sign(message) for key in keys}
    if not keys or len(signatures) < len(keys):
        raise SigningError("signing needs at least one key, and each key once")
    return Envelope(payload, payload_type, tuple(sorted(signatures.items())))


def holds(envelope: Envelope, name: str, public: Ed25519PublicKey) -> bool:
    """Whether the envelope bears a valid signature of this key."""
    found = dict(envelope.signatures).get(name)
    if found is None:
        return False
    try:
        public.verify(found, pae(envelope.payload_type, envelope.payload))
    except InvalidSignature:
        return False
    return True


def parse(data: bytes) -> Envelope:
    """Bytes to envelope. Raises SigningError unless they are exactly what `dumps` writes."""
    if len(data) > LIMIT:
        raise SigningError(f"the envelope is longer than {LIMIT} bytes; it is no certificate of sftspec")
    try:
        envelope = _envelope(json.loads(data))
        exact = envelope.dumps() == data
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise SigningError("not a DSSE envelope; ask for the original file") from error
    if not exact or not envelope.signatures or len(dict(envelope.signatures)) < len(envelope.signatures):
        raise SigningError("the envelope is not in its one written form (edited or reformatted); ask for the original")
    return envelope


def _envelope(members: dict[str, object]) -> Envelope:
    kind, signatures = members["payloadType"], members["signatures"]
    if not isinstance(kind, str) or not kind.isascii() or not isinstance(signatures, list):
        raise ValueError
    pairs = tuple((str(one["keyid"]), _decode(one["sig"])) for one in signatures)
    return Envelope(_decode(members["payload"]), kind, pairs)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError
    return base64.b64decode(text, validate=True)
