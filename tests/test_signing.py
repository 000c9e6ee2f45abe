"""Keys, envelopes, roles, secrets: what a signature covers and what the buyer promises before the delivery."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as Reference
from securesystemslib.signer import SSlibKey

from acceptance.signing import pem, secrets
from acceptance.signing import roles as signing
from acceptance.signing.keys import EIGHTH, PRIME
from acceptance.signing.roles import Keys, Party, SigningError
from tests.procurement import done, sftspec

PARTIES: tuple[Party, ...] = ("buyer", "vendor", "runner")
PRIVATE = {party: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(party.encode()).digest()) for party in PARTIES}
PINNED = Keys(keys=tuple(signing.pin(key.public_key(), party) for party, key in PRIVATE.items()))
KIND = "application/vnd.in-toto+json"


def envelope(*parties: str, payload: bytes = b'{"a":1}') -> bytes:
    return signing.sign(payload, KIND, [PRIVATE[party] for party in parties]).dumps()  # type: ignore[index]


def test_pre_authentication_encoding() -> None:
    """The example of the DSSE specification."""
    assert signing.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@settings(deadline=None)
@given(payload=st.binary(max_size=200))
def test_another_implementation_accepts_our_envelopes(payload: bytes) -> None:
    data = envelope("runner", "buyer", payload=payload)
    keys = [
        SSlibKey(key.keyid, "ed25519", "ed25519", {"public": base64.b64decode(key.key).hex()}) for key in PINNED.keys
    ]
    theirs = Reference.from_dict(json.loads(data))
    assert theirs.payload == payload
    assert set(theirs.verify(keys, 2)) == {
        signing.pin(PRIVATE[one].public_key(), one).keyid for one in ("runner", "buyer")
    }


@settings(deadline=None)
@given(payload=st.binary(max_size=200))
def test_an_envelope_has_one_form(payload: bytes) -> None:
    data = envelope("runner", "vendor", payload=payload)
    assert signing.parse(data).payload == payload
    assert signing.parse(data).dumps() == data == rfc8785.dumps(json.loads(data))


@pytest.mark.parametrize(
    ("parties", "says"),
    [
        (("runner", "buyer"), ""),
        (("runner", "vendor"), ""),
        (("runner", "buyer", "vendor"), ""),
        (("runner",), "neither buyer nor vendor has signed"),
        (("buyer", "vendor"), "the runner has not signed"),
    ],
)
def test_the_runner_and_one_party_make_it_valid(parties: tuple[str, ...], says: str) -> None:
    if not says:
        assert signing.verify(signing.parse(envelope(*parties)), PINNED) == set(parties)
        return
    with pytest.raises(SigningError, match=says):
        signing.verify(signing.parse(envelope(*parties)), PINNED)


def test_a_stranger_beside_them_makes_it_invalid() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
    signed = signing.sign(b"{}", KIND, [PRIVATE["runner"], PRIVATE["buyer"], stranger])
    with pytest.raises(SigningError, match=r"which keys.json does not pin"):
        signing.verify(signed, PINNED)


def test_another_payload_type_breaks_the_signature() -> None:
    signed = signing.parse(envelope("runner", "buyer"))
    other = signing.Envelope(signed.payload, "text/plain", signed.signatures)
    with pytest.raises(SigningError, match="does not hold: text or signature was changed"):
        signing.verify(other, PINNED)


def _members(data: bytes) -> dict[str, object]:
    value: dict[str, object] = json.loads(data)
    return value


def _loose_bits(data: bytes) -> bytes:
    """Another base64 text of the same payload: `eyJhIjoxfQ==` and `eyJhIjoxfR==` decode alike."""
    assert base64.b64decode("eyJhIjoxfR==") == base64.b64decode("eyJhIjoxfQ==") == b'{"a":1}'
    return data.replace(b"eyJhIjoxfQ==", b"eyJhIjoxfR==")


def _reversed(data: bytes) -> bytes:
    value = _members(data)
    value["signatures"] = list(reversed(value["signatures"]))  # type: ignore[call-overload]
    return rfc8785.dumps(value)


def _twice(data: bytes) -> bytes:
    value = _members(data)
    value["signatures"] = [value["signatures"][0]] * 2  # type: ignore[index]
    return rfc8785.dumps(value)


SAME_SIGNATURE = {
    "white space": lambda data: data + b"\n",
    "indented": lambda data: json.dumps(json.loads(data), indent=1, sort_keys=True).encode(),
    "members in another order": lambda data: json.dumps(
        dict(reversed(_members(data).items())), separators=(",", ":")
    ).encode(),
    "a further member": lambda data: rfc8785.dumps(_members(data) | {"zz": 1}),
    "unused bits": _loose_bits,
    "url-safe base64": lambda data: data.replace(b"+", b"-").replace(b"/", b"_"),
    "signatures in another order": _reversed,
    "a signature twice": _twice,
    "no signature": lambda data: rfc8785.dumps(_members(data) | {"signatures": []}),
    "no list": lambda data: rfc8785.dumps(_members(data) | {"signatures": {}}),
    "a number": lambda data: b"1",
    "nothing": lambda data: b"",
    "deep": lambda data: b"[" * 100_000,
}


@pytest.mark.parametrize("change", SAME_SIGNATURE)
def test_the_same_signature_in_another_form_is_refused(change: str) -> None:
    data = SAME_SIGNATURE[change](envelope("runner", "buyer", "vendor"))
    with pytest.raises(SigningError, match=r"not a DSSE envelope|not in its one written form"):
        signing.parse(data)


def test_private_keys_are_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "runner.pem"
    pinned = pem.generate(path, "runner")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    before = path.read_bytes()
    with pytest.raises(SigningError, match="a private key is never overwritten"):
        pem.generate(path, "runner")
    assert path.read_bytes() == before
    assert signing.pin(pem.load_private(path).public_key(), "runner") == pinned


def test_an_encrypted_key_opens_with_its_passphrase_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runner.pem"
    pinned = pem.generate(path, "runner", "correct horse battery")
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    opened = pem.load_private(path, ["another passphrase", "correct horse battery"])
    assert signing.pin(opened.public_key(), "runner") == pinned
    with pytest.raises(SigningError, match=r"runner.pem: no passphrase that was given opens it"):
        pem.load_private(path, ["another passphrase"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "correct horse battery" if str(path) in prompt else "")
    assert signing.pin(pem.load_private(path).public_key(), "runner") == pinned


def test_a_key_from_the_environment_is_taken_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is started later inherits it."""
    pinned = pem.generate(tmp_path / "runner.pem", "runner")
    monkeypatch.setenv("RUNNER_KEY", (tmp_path / "runner.pem").read_text())
    assert signing.pin(pem.load_private("env:RUNNER_KEY").public_key(), "runner") == pinned
    assert "RUNNER_KEY" not in os.environ
    with pytest.raises(SigningError, match="env:RUNNER_KEY: the environment variable RUNNER_KEY is not set"):
        pem.load_private("env:RUNNER_KEY")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_could_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "runner.pem"
    pem.generate(path, "runner")
    path.chmod(mode)
    with pytest.raises(SigningError, match=rf"mode {mode:04o}\); run `chmod 600 "):
        pem.load_private(path)


def test_keygen_encrypts_with_what_an_environment_variable_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["keygen", "buyer", "--key", tmp_path / "buyer.pem", "--keys", tmp_path / "keys.json"]
    monkeypatch.setenv("NEW_PASSPHRASE", "short")
    answer = done(sftspec(*words, "--passphrase-env", "NEW_PASSPHRASE"), 2)
    assert "the passphrase has 5 characters; use at least 12" in answer.err
    assert not (tmp_path / "buyer.pem").exists()
    assert "there is no terminal to ask at" in done(sftspec(*words, "--encrypt"), 2).err
    monkeypatch.setenv("NEW_PASSPHRASE", "correct horse battery")
    assert "private key of the buyer, encrypted" in done(sftspec(*words, "--passphrase-env", "NEW_PASSPHRASE")).out
    pem.load_private(tmp_path / "buyer.pem", ["correct horse battery"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "holds no private key; name the file that `sftspec keygen --key` wrote"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is no PEM private key"),
    ],
)
def test_other_files_are_no_keys(text: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(text)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(SigningError, match=says):
        pem.load_private(tmp_path / "key")
    with pytest.raises(SigningError, match="cannot be read"):
        pem.load_private(tmp_path / "absent")


def test_pinned_keys_are_read_back(tmp_path: Path) -> None:
    signing.write_keys(tmp_path / "keys.json", PINNED.keys)
    assert sorted(key.role for key in signing.read_keys(tmp_path / "keys.json").keys) == ["buyer", "runner", "vendor"]


def listed(raw: bytes) -> dict[str, str]:
    """As keys.json lists a public key."""
    return {"key": base64.b64encode(raw).decode(), "keyid": hashlib.sha256(raw).hexdigest()}


SIGN = 1 << 255
WEAK = [y.to_bytes(32, "little") for y in (1, 0, PRIME - 1, EIGHTH, SIGN, 1 | SIGN, PRIME - EIGHTH, PRIME, PRIME + 1)]
"""Points of small order, some of them as no honest program writes them."""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda keys: keys.append(dict(keys[0], role="vendor")), "one key is pinned twice"),
        (lambda keys: keys[0].update(keyid="0" * 64), "the keyid is not the sha256 of the key"),
        (lambda keys: keys[0].update(key="AAAA"), "the key is not 32 bytes in padded base64"),
        (lambda keys: keys[0].update(key="*"), "the key is not base64"),
        (lambda keys: keys[0].update(role="king"), "keys.0.role: Input should be 'buyer'"),
        *((lambda keys, raw=raw: keys[0].update(listed(raw)), "anybody can sign under this key") for raw in WEAK),
    ],
)
def test_a_wrong_key_list_is_refused_in_words(change, says: str) -> None:  # type: ignore[no-untyped-def]
    value = json.loads(PINNED.dumps())
    change(value["keys"])
    with pytest.raises(SigningError, match=says):
        signing.parse_keys(json.dumps(value).encode())


@pytest.mark.parametrize("raw", WEAK[:4])
def test_one_signature_holds_for_many_texts_under_a_weak_key(raw: bytes) -> None:
    """Why such a key is refused: its owner, or anybody else, signs with 64 known bytes."""
    forged, held = (1).to_bytes(32, "little") + bytes(32), 0
    for text in range(64):
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(raw).verify(forged, b"%d" % text)
            held += 1
    assert held > 1


def test_secrets_are_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    drawn = secrets.draw(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secrets.read(path) == drawn
    with pytest.raises(secrets.SecretsError, match="exists and is never overwritten"):
        secrets.draw(path)
    path.write_text("{}")
    with pytest.raises(secrets.SecretsError, match="is not a secrets file"):
        secrets.read(path)


def test_commitments_are_what_the_certificate_states() -> None:
    nonce = "ab" * 32
    assert secrets.seed_commitment(nonce) == hashlib.sha256(b"\x01" + b"\xab" * 32).hexdigest()
    assert secrets.heldout_commitment(nonce, b"items") == (
        hashlib.sha256(b"\x02" + b"\xab" * 32 + hashlib.sha256(b"items").digest()).hexdigest()
    )


def test_seeds_derive_from_both_parties() -> None:
    """The nonce is the buyer's, the data digest the vendor's; change either and every seed is another."""
    args = ("ab" * 32, "c" * 64, "d" * 64, "e" * 64)
    message = json.dumps({"contract": "c" * 64, "data": "e" * 64, "j": 1, "lock": "d" * 64}, separators=(",", ":"))
    first = hmac.digest(b"\xab" * 32, message.encode(), "sha256")[:4]
    assert secrets.seed(*args, 1) == int.from_bytes(first, "big") % 2**31
    assert secrets.seeds(*args, 5) == tuple(secrets.seed(*args, j) for j in range(1, 6))
    for place in range(4):
        other = [*args[:place], "1" * 64, *args[place + 1 :]]
        assert not set(secrets.seeds(*other, 5)) & set(secrets.seeds(*args, 5))  # type: ignore[arg-type]


def test_item_ids_cannot_be_linked_between_attempts() -> None:
    nonce = "ab" * 32
    assert secrets.item_id(nonce, 1, "BO-1") == hmac.digest(b"\xab" * 32, b"1:BO-1", "sha256").hex()[:32]
    assert secrets.item_id(nonce, 1, "BO-1") != secrets.item_id(nonce, 2, "BO-1")
