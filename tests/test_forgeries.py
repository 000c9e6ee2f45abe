"""Documents as strangers send them: `verify` says what is wrong, acts on none of it, and ends with its exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import certificates
from spec_lang.contract import canonical
from tests.procurement import Answer, done, sftspec

HUGE = 2**60
"""RFC 8785 writes no such number."""


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's deal with a certificate that is met, and a ledger of exposures."""
    folder = tmp_path_factory.mktemp("forgeries")
    certificates.certify(folder)
    (folder / "delivery").mkdir()
    return folder


def verify(document: Path, deal: Path, *more: object) -> Answer:
    return sftspec("verify", document, "--contract", deal / "back_office.sftspec", *more)


def edited(deal: Path, **members: Any) -> bytes:
    """The envelope with other members, in its one written form."""
    whole = json.loads((deal / "certificate.json").read_bytes()) | members
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def test_an_unknown_signer_does_not_write_on_the_terminal(deal: Path) -> None:
    """`ESC [ 8 m` would hide all that follows, also that the certificate is not valid."""
    signed = json.loads((deal / "certificate.json").read_bytes())["signatures"]
    path = deal / "hidden.json"
    path.write_bytes(edited(deal, signatures=[{"keyid": "\x1b[8m\x9b2J\u202e", "sig": signed[0]["sig"]}]))
    told = done(verify(path, deal), 1).out
    assert "FAILS  signatures: signed by key \\x1b[8m\\x9b2J\\u202e, which keys.json does not pin" in told
    assert done(verify(path, deal, "--format", "json"), 1).out.isascii()


ENVELOPES = {
    "nested": b'{"payload":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a key twice": b'{"payload":"","payload":"","payloadType":"","signatures":[]}',
    "no number": b'{"payload":NaN,"payloadType":"","signatures":[]}',
    "digits": b'{"payload":' + b"9" * 5_000 + b',"payloadType":"","signatures":[]}',
    "half a pair": b'{"payload":"","payloadType":"","signatures":[{"keyid":"\\ud800","sig":""}]}',
    "nothing": b"",
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_strange_json_is_no_envelope(name: str, deal: Path) -> None:
    path = deal / "strange.json"
    path.write_bytes(ENVELOPES[name])
    told = done(verify(path, deal), 1)
    assert "  FAILS  envelope: " in told.out or "which keys.json does not pin" in told.out
    assert told.out.endswith("strange.json: NOT VALID\n")


def test_a_document_without_an_end_is_not_read_on(deal: Path) -> None:
    says = "/dev/zero: cannot be read (is longer than 67,108,864 bytes)"
    assert says in done(verify(Path("/dev/zero"), deal), 2).err
    whole = deal / "certificate.json"
    for option, what in (("--previous", "an earlier certificate"), ("--exposures", "the exposure ledger")):
        told = done(verify(whole, deal, option, "/dev/zero"), 2).err
        assert f"/dev/zero: {what} cannot be read (is longer than 67,108,864 bytes); ask for the file" in told


def test_scores_without_an_end_are_not_read(deal: Path, tmp_path: Path) -> None:
    """An archive that unpacks to a certificate and a link beside it."""
    shutil.copy(deal / "certificate.json", tmp_path)
    (tmp_path / "scores.jsonl").symlink_to("/dev/zero")
    told = done(verify(tmp_path / "certificate.json", deal), 2).err
    assert "scores.jsonl: the scores cannot be read (is no regular file); ask for the file" in told


LINE = {"n": 1, "previous": "", "at": "", "what": "sealed", "seal": "", "lock": "", "attempt": 0, "delivery": "",
        "sets": []}  # fmt: skip


@pytest.mark.parametrize("change", [{"attempt": HUGE}, {"n": HUGE}, {"at": "\ud800"}, {"what": "gift"}], ids=str)
def test_a_ledger_that_cannot_be_written_is_none(change: dict[str, Any], deal: Path) -> None:
    path = deal / "exposures.jsonl"
    path.write_text(json.dumps(LINE | change) + "\n")
    told = done(verify(deal / "certificate.json", deal, "--exposures", path), 1).out
    assert "  FAILS  exposures: exposures.jsonl:1: was edited, or a line before it is missing" in told


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--previous", "keys.json"],
            "--previous: 1 document was given; before attempt 1 there are 0: name",
        ),
        (["--certificate", "certificate.json"], "--certificate goes with a notice, and this is a certificate; leave"),
        (["--previous", "base"], "base: an earlier certificate cannot be read (Is a directory)"),
    ],
)
def test_what_no_check_looks_at_is_told(options: list[str], says: str, deal: Path) -> None:
    """Whoever gives a document believes that it was held against the certificate."""
    given = (options[0], deal / options[1])
    assert says in done(verify(deal / "certificate.json", deal, *given), 2).err


def test_the_exposures_of_another_contract_are_told(deal: Path) -> None:
    path = deal / "exposures.jsonl"
    path.write_bytes(canonical(LINE) + b"\n")
    told = done(verify(deal / "certificate.json", deal, "--exposures", path), 1).out
    assert "the ledger does not have this trial; it was cut or begun anew, or is another buyer's" in told


def test_a_receipt_that_cannot_be_written_is_none(deal: Path) -> None:
    path, ledger = deal / "receipt.json", {"contract": "", "lock": "", "delivery": "", "counts": [], "entries": []}
    path.write_text(json.dumps({"ledger": ledger | {"lots": HUGE}, "sftspec_receipt": 1, "tool": ""}))
    told = done(verify(path, deal, "--delivery", deal / "delivery"), 1).err
    assert told == "sftspec: receipt.json: is not a receipt: it has no canonical form\n"


def test_keys_of_another_contract_are_told(deal: Path, tmp_path: Path) -> None:
    other = shutil.copytree(deal, tmp_path / "other")
    for name in ("keys.json", "certificate.json", "scores.jsonl"):
        (other / name).unlink()
    (other / "buyer.pem").unlink()
    done(sftspec("keygen", "buyer", "--key", other / "buyer.pem", "--keys", other / "keys.json"))
    told = done(verify(deal / "certificate.json", other), 1).err
    assert "keys `keys.json`: " in told and "restore the file, or agree on the change" in told
