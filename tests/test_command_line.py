"""Bad input of every kind: one clear message, the right exit code, no traceback, nothing half-written."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import importlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from acceptance import files
from acceptance.certification.admission import TRIAL
from acceptance.certification.verification import CHECKS
from acceptance.signing.pem import generate
from tests.procurement import Answer, agreed, done, sftspec, signing

ROOT = Path(__file__).resolve().parent.parent
VERBS = (
    "check", "fmt", "explain", "lsp", "keygen", "seal", "prints", "lock", "pack", "plugin", "manifest",
    "validate", "preview", "sample", "certify", "verify",
)  # fmt: skip

can_train = pytest.mark.skipif(any(find_spec(name) is None for name in TRIAL), reason="fine-tuning is not installed")

on_linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are listed in /proc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a deal: contract, keys, lock, secrets, sealed sets and delivery."""
    return agreed(tmp_path_factory.mktemp("deals") / "deal").parent


@pytest.fixture
def deal(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and the folder that commands start in."""
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "deal"))
    return Path.cwd()


def refused(answer: Answer, code: int, message: str) -> None:
    """One message, on stderr only."""
    done(answer, code)
    assert answer.out == ""
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert answer.err.startswith("sftspec: ") or answer.err.startswith("error[SFT") or answer.err.startswith("usage: ")


def contents(folder: Path) -> dict[str, str]:
    """Every file below, by its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def process(*words: object, **more: Any) -> subprocess.Popen[str]:
    """A command in a process of its own, as a shell starts it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | more
    command = [sys.executable, "-m", "acceptance.cli", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | more.get("env", {})
    return subprocess.Popen(command, **(pipes | {"env": environment}))


def shell(line: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """A line for bash, in which `sftspec` is this checkout's."""
    function = f'sftspec() {{ "{sys.executable}" -m acceptance.cli "$@"; }}\n'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = ["bash", "-c", function + line]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False, **more)


# ------------------------------------------------------------------------------------------------ usage


def test_alone_it_prints_the_three_jobs() -> None:
    answer = done(sftspec())
    assert all(job in answer.out for job in ("a buyer writes one", "a vendor checks a lot", "an evaluation team"))
    assert len(answer.out.splitlines()) < 20


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_a_verb_does_and_shows_one(verb: str) -> None:
    answer = done(sftspec(verb, "--help"))
    assert answer.out.startswith(f"usage: sftspec {verb} [-h]")
    description = answer.out.split("\n\n")[1]
    assert description[0].isupper()
    assert description.endswith(".")
    assert f"Example: sftspec {verb}" in answer.out
    helped = [line for line in answer.out.splitlines() if line.startswith("  -") or line.startswith("  [A-Z]")]
    assert all(len(line.split()) > 1 for line in helped)


def test_every_verb_has_its_command() -> None:
    listed = done(sftspec("--help")).out
    for verb in VERBS:
        assert f"    {verb} " in listed
        assert callable(importlib.import_module(f"acceptance.commands.{verb}").run)
    commands = {path.stem for path in (ROOT / "acceptance/commands").glob("*.py")} - {"__init__"}
    assert commands == set(VERBS)


def test_the_version_is_told() -> None:
    assert done(sftspec("--version")).out == "sftspec 0.1.0\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["certfy"], "invalid choice: 'certfy'"),
        (["check"], "the following arguments are required: CONTRACT"),
        (["check", "tiny.sftspec", "--exapnd"], "unrecognized arguments: --exapnd"),
        (["check", "tiny.sftspec", "--format", "yaml"], "invalid choice: 'yaml'"),
        (["keygen", "king", "--key", "k", "--keys", "l"], "invalid choice: 'king'"),
        (["certify", "a", "b"], "the following arguments are required: --out"),
        (["certify", "a", "b", "--out", "c", "--workers=-1"], "'-1' is not a whole number from 0 to 4096"),
        (
            ["certify", "a", "b", "--out", "c", "--days", "99999999999999999999"],
            "is not a whole number from 1 to 36500",
        ),
        (["certify", "a", "b", "--out", "c", "--attempt", "\u0664"], "is not a whole number from 1 to 99"),
        (["verify", "certificate.json"], "the following arguments are required: --contract"),
    ],
)
def test_wrong_words_are_wrong_usage(words: list[str], message: str) -> None:
    refused(sftspec(*words), 2, message)


def test_a_topic_nobody_knows_is_wrong_usage() -> None:
    refused(sftspec("explain", "SFT9999"), 2, "nothing is known about `SFT9999`")
    misspelt = sftspec("explain", "recipee")
    refused(misspelt, 2, "nothing is known about `recipee`; did you mean `recipe`?")
    assert len(misspelt.err.splitlines()) == 1
    done(answer := sftspec("explain", "duplicate"))
    assert "Exactly:" in answer.out
    done(answer := sftspec("explain"))
    assert "measures: every, no, share" in answer.out
    done(sftspec("explain", "SFT2003"))


def test_a_verb_explains_itself() -> None:
    refused(sftspec("explain", "validate"), 2, "`sftspec validate --help` explains it")


# ------------------------------------------------------------------------------------------------ contracts

TAKING_A_CONTRACT: dict[str, Sequence[str]] = {
    "check": ["check", "{}"],
    "seal": ["seal", "{}"],
    "lock": ["lock", "{}"],
    "pack": ["pack", "{}"],
    "manifest": ["manifest", "{}", "delivery"],
    "validate": ["validate", "{}", "delivery"],
    "preview": ["preview", "{}", "delivery"],
    "certify": ["certify", "{}", "delivery", "--out", "trial"],
    "verify": ["verify", "contract.lock", "--contract", "{}"],
}


def written(text: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text.encode() if isinstance(text, str) else text) and None


BAD_CONTRACTS: dict[str, tuple[Callable[[Path], Any], int, str]] = {
    "absent": (lambda path: None, 2, "bad.sftspec cannot be read: No such file or directory"),
    "a folder": (Path.mkdir, 2, "bad.sftspec is a folder, not a contract"),
    "not UTF-8": (written(b"sftspec 1\n\n\xff\n"), 2, "bad.sftspec is not UTF-8: byte 0xFF on line 3"),
    "uses itself": (written('sftspec 1\nuse "bad.sftspec"\n'), 1, "a contract cannot use itself"),
    "no record": (
        written('sftspec 1\n\ncontract small "A" {\n  version: "1"\n}\n'),
        1,
        "this contract has no `record`",
    ),
    "empty": (written(""), 1, "the file does not say which version of the language it is in"),
    "unfinished": (written('sftspec 1\n\ncontract small "A" {'), 1, "error[SFT"),
}


@pytest.mark.parametrize("kind", BAD_CONTRACTS)
@pytest.mark.parametrize("verb", TAKING_A_CONTRACT)
def test_bad_contracts(verb: str, kind: str, deal: Path) -> None:
    if verb == "verify":
        (deal / "contract.lock").unlink()
        (deal / "contract.lock").write_text("{}")  # the document; there is no lock
    prepare, code, message = BAD_CONTRACTS[kind]
    (deal / "elsewhere").mkdir()
    prepare(deal / "elsewhere/bad.sftspec")
    before = contents(deal)
    words = [word.format("elsewhere/bad.sftspec") for word in TAKING_A_CONTRACT[verb]]
    answer = sftspec(*words)
    refused(answer, code, message)
    assert contents(deal) == before


@pytest.mark.parametrize("verb", ["validate", "manifest", "preview", "certify", "check"])
def test_a_trial_that_looks_too_small_may_lack_its_lock(verb: str, deal: Path) -> None:
    contract = deal / "tiny.sftspec"
    contract.write_text(contract.read_text().replace("gain(general) >= -46pp", "gain(general) >= -4pp"))
    words = [word.format("tiny.sftspec") for word in TAKING_A_CONTRACT[verb]]
    first = "sftspec: contract.lock: not here, and a pilot's figures would stand in it"
    assert first not in done(sftspec(*words), 1).err
    (deal / "contract.lock").unlink()
    answer = done(sftspec(*words), 1)
    assert answer.err.startswith(first) is (verb != "check")
    assert "error[SFT4002]: the trial is too small for `still_general`" in answer.err


def test_check_names_a_file_that_was_probably_meant(deal: Path) -> None:
    contract = deal / "tiny.sftspec"
    contract.write_text(contract.read_text().replace('"request.jinja"', '"reqest.jinja"'))
    assert "not needed to check: reqest.jinja (did you mean request.jinja?)\n" in done(sftspec("check", contract)).out
    contract.write_text(contract.read_text().replace('"reqest.jinja"', '"elsewhere/request.jinja"'))
    assert "not needed to check: elsewhere/request.jinja\n" in done(sftspec("check", contract)).out


def test_check_says_that_the_lock_pins_another_text(deal: Path) -> None:
    contract, lock = deal / "tiny.sftspec", deal / "contract.lock"
    written = contract.read_bytes()
    assert "contract.lock" not in done(sftspec("check", contract)).out
    contract.write_bytes(written.replace(b"50..70", b"50..71"))
    assert "  contract.lock: pins contract " in done(sftspec("check", contract)).out
    contract.write_bytes(written.replace(b"\n", b"\r\n"))
    assert "but only its line ends differ: it was locked with LF; " in done(sftspec("check", contract)).out
    lock.write_text("{}")
    assert "  " + str(lock) + ": " in done(sftspec("check", contract)).out


ABOUT_THE_LOCK: Sequence[str] = (
    "lock --check other.sftspec", "pack other.sftspec", "manifest other.sftspec delivery",
    "validate other.sftspec delivery", "preview other.sftspec delivery", "seal other.sftspec --answered calls",
    "verify receipt.json --contract other.sftspec --delivery delivery",
)  # fmt: skip


def test_the_lock_of_another_contract_in_the_folder_is_named_and_never_replaced(deal: Path) -> None:
    other = deal / "other.sftspec"
    other.write_text((deal / "tiny.sftspec").read_text().replace("contract tiny", "contract other"))
    done(sftspec(*VALIDATE))
    told = "contract.lock: is the lock of tiny.sftspec, not of other.sftspec; name that one, put this one in a folder"
    assert f"  {told}" in done(sftspec("check", other)).out
    before = contents(deal)
    for words in ABOUT_THE_LOCK:
        refused(sftspec(*words.split()), 1, told)
    for words in ("lock other.sftspec", "seal other.sftspec"):
        refused(sftspec(*words.split()), 2, told)
    assert contents(deal) == before
    done(sftspec("seal", other, "--out", "others.json"))
    (deal / "contract.lock").rename(deal / "tiny.lock")
    done(sftspec("lock", other))
    assert "contract.lock: is the lock of other.sftspec, not of tiny" in sftspec("check", "tiny.sftspec").out


def test_a_copy_of_the_text_under_another_name_has_the_same_lock(deal: Path) -> None:
    shutil.copy(deal / "tiny.sftspec", deal / "copy.txt")
    done(sftspec("lock", "--check", "copy.txt"))


def test_fmt_refuses_the_same(deal: Path) -> None:
    refused(sftspec("fmt", "absent.sftspec"), 2, "absent.sftspec cannot be read")
    (deal / "bad.sftspec").write_text("sftspec 1\ncontract {")
    answer = done(sftspec("fmt", "bad.sftspec"), 1)
    assert "bad.sftspec: not touched, since it has mistakes" in answer.err
    assert (deal / "bad.sftspec").read_text() == "sftspec 1\ncontract {"


@pytest.mark.parametrize("words", [["check", "bad.sftspec"], ["validate", "bad.sftspec", "delivery"]])
def test_mistakes_in_other_formats_parse(words: list[str], deal: Path) -> None:
    (deal / "bad.sftspec").write_text('sftspec 1\nuse "bad.sftspec"\n')
    listed = json.loads(done(sftspec(*words, "--format", "json"), 1).out)
    assert {item["code"] for item in listed} >= {"SFT2009"}
    sarif = json.loads(done(sftspec(*words, "--format", "sarif"), 1).out)
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} >= {"SFT2009"}


def test_the_ledger_in_other_formats_parses(deal: Path) -> None:
    ledger = json.loads(done(sftspec("validate", "tiny.sftspec", "delivery", "--format", "json")).out)
    assert ledger
    (deal / "delivery/part-02.jsonl").write_text("{}\n")
    done(sftspec("manifest", "tiny.sftspec", "delivery"))
    sarif = json.loads(done(sftspec("validate", "tiny.sftspec", "delivery", "--format", "sarif"), 1).out)
    assert sarif["version"] == "2.1.0"
    assert any(result["ruleId"] == "delivery.volume" for result in sarif["runs"][0]["results"])


# ------------------------------------------------------------------------------------------------ lock and files


def flipped(path: Path, at: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def other_secrets(deal: Path) -> None:
    from acceptance.signing import secrets

    (deal / "private/secrets.json").unlink()
    secrets.draw(deal / "private/secrets.json")


def again(path: Path, key: str = "") -> None:
    """The last item is the first once more, perhaps under another key."""
    lines = path.read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    lines[-1] = json.dumps(first | ({"id": key} if key else {}))
    path.write_text("\n".join(lines) + "\n")


def one_vendor(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        row["target"]["call"]["vendor"] = "One Ltd"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def renamed(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def first(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def encrypted(path: Path) -> None:
    path.unlink()
    generate(path, "buyer", "a long passphrase")


def without_lock(deal: Path) -> None:
    (deal / "contract.lock").unlink()


VALIDATE: Sequence[object] = ["validate", "tiny.sftspec", "delivery", "--receipt", "receipt.json"]
CERTIFY: Sequence[object] = [
    "certify", "tiny.sftspec", "delivery", "--out", "trial", "--key", "runner.pem", "--key", "buyer.pem",
]  # fmt: skip


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BAD_FILES: dict[str, tuple[Sequence[object], Callable[[Path], Any], int, str]] = {
    "another tokenizer": (
        VALIDATE, lambda deal: flipped(deal / "base/tokenizer.json"), 1,
        "tokenizer `base/tokenizer.json`: 30521 bytes, sha256 ",
    ),
    "no template": (
        VALIDATE, lambda deal: (deal / "request.jinja").unlink(), 1,
        "template `request.jinja`: is not there; put the file beside the contract",
    ),
    "another template": (VALIDATE, lambda deal: flipped(deal / "request.jinja"), 1, "template `request.jinja`: 714 by"),
    "damaged lock": (VALIDATE, lambda deal: flipped(deal / "contract.lock", 40), 1, "contract.lock: "),
    "empty lock": (
        VALIDATE, lambda deal: (deal / "contract.lock").write_bytes(b""), 1, "or run `sftspec lock` again",
    ),
    "lock is a folder": (VALIDATE, lambda deal: as_folder(deal / "contract.lock"), 1, "contract.lock: cannot be read"),
    "edited text": (
        VALIDATE, lambda deal: (deal / "tiny.sftspec").write_text((deal / "tiny.sftspec").read_text() + "# more\n"), 1,
        "the contract means the same but its text was edited since",
    ),
    "not locked": (CERTIFY, without_lock, 1, "contract.lock: not here; run `sftspec lock tiny.sftspec` first"),
    "not locked, packed": (["pack", "tiny.sftspec"], without_lock, 1, "contract.lock: not here; run `sftspec lock`"),
    "no held-out file": (
        CERTIFY, lambda deal: (deal / "sealed/calls.jsonl").unlink(), 2, "the sealed set calls is not here",
    ),
    "no held-out file to seal": (
        ["seal", "tiny.sftspec"], lambda deal: (deal / "sealed/calls.jsonl").unlink(), 1,
        "sealed/calls.jsonl: the held-out set `calls` is not here; put it there to seal it",
    ),
    "no held-out file to seal, no secrets": (
        ["seal", "tiny.sftspec"],
        lambda deal: ((deal / "sealed/calls.jsonl").unlink(), shutil.rmtree(deal / "private")), 1,
        "sealed/calls.jsonl: the held-out set `calls` is not here; put it there to seal it",
    ),
    "held-out set of another size": (
        ["seal", "tiny.sftspec"], lambda deal: first(deal / "sealed/calls.jsonl"), 1,
        "sealed/calls.jsonl: holds 1 items; the contract says 14 for `calls`",
    ),
    "an item twice": (
        ["seal", "tiny.sftspec"],
        lambda deal: again(deal / "sealed/general.jsonl"), 1, "sealed/general.jsonl:14: has the key of line 1; every",
    ),
    "a copy under another key": (
        ["seal", "tiny.sftspec"], lambda deal: again(deal / "sealed/general.jsonl", "BO-99999"), 1,
        "sealed/general.jsonl:14: is a copy of line 1; an item that counts twice is no second item",
    ),
    "clusters that melt": (
        ["seal", "tiny.sftspec"], lambda deal: one_vendor(deal / "sealed/calls.jsonl"), 1,
        "sealed/calls.jsonl: lies in 1 clusters; the contract says 14",
    ),
    "seals of another contract": (
        ["lock", "tiny.sftspec"], lambda deal: renamed(deal / "tiny.sftspec", "attempts: 2", "attempts: 1"), 1,
        "seals.json: seeds are promised for 2 attempts, the contract allows 1; run `sftspec seal` again",
    ),
    "edited seals": (
        ["lock", "tiny.sftspec"], lambda deal: cut(deal / "seals.json"), 1, "seals.json: the file: Invalid JSON",
    ),
    "an appeal about nothing sealed": (
        ["seal", "tiny.sftspec", "--answered", "house"], lambda deal: None, 2,
        "--answered house: no sealed set; there are calls, general",
    ),
    "a cut exposure ledger": (
        CERTIFY, lambda deal: cut(deal / "private/exposures.jsonl"), 2, "exposures.jsonl: its last line is cut",
    ),
    "secrets that others may read": (
        CERTIFY, lambda deal: (deal / "private/secrets.json").chmod(0o644), 2,
        "private/secrets.json: others on this machine may read it (mode 0644); run `chmod 600 private/secrets.json`",
    ),
    "a key that others may read": (
        CERTIFY, lambda deal: (deal / "buyer.pem").chmod(0o640), 2,
        "buyer.pem: others on this machine may read it (mode 0640); run `chmod 600 buyer.pem`",
    ),
    "an encrypted key and no terminal": (
        CERTIFY, lambda deal: encrypted(deal / "buyer.pem"), 2,
        "buyer.pem: is encrypted, and there is no terminal to ask at; give --passphrase-env NAME",
    ),
    "a passphrase that is not set": (
        [*CERTIFY, "--passphrase-env", "SFTSPEC_TEST_UNSET"], lambda deal: None, 2,
        "the environment variable SFTSPEC_TEST_UNSET is not set",
    ),
    "a key that is not set": (
        [*CERTIFY[:5], "--key", "env:SFTSPEC_TEST_UNSET"], lambda deal: None, 2,
        "env:SFTSPEC_TEST_UNSET: the environment variable SFTSPEC_TEST_UNSET is not set",
    ),
    "the public keys": (
        [*CERTIFY[:6], "keys.json", *CERTIFY[7:]], lambda deal: (deal / "keys.json").chmod(0o644), 2,
        "keys.json: holds no private key; name the file that `sftspec keygen --key` wrote",
    ),
    "secrets of another deal": (
        CERTIFY, other_secrets, 1, "private/secrets.json: contract.lock commits to other secrets",
    ),
    "no secrets": (
        CERTIFY, lambda deal: (deal / "private/secrets.json").unlink(), 2,
        "private/secrets.json: cannot be read (No such file or directory)",
    ),
    "edited secrets": (
        CERTIFY, lambda deal: (deal / "private/secrets.json").write_text("{}"), 2,
        "private/secrets.json: is not a secrets file of sftspec",
    ),
    "no key given": ([*CERTIFY[:5]], lambda deal: None, 2, "signed by the runner and a party; give --key twice"),
    "no such key": (
        [*CERTIFY, "--key", "absent.pem"], lambda deal: None, 2, "absent.pem: cannot be read (No such file or dir",
    ),
    "unreadable key": (
        CERTIFY, lambda deal: (deal / "runner.pem").write_text("-----BEGIN PRIVATE KEY-----\n"), 2,
        "runner.pem: is no PEM private key; name your private key file",
    ),
    "a key that is not pinned": (
        [*CERTIFY, "--key", "mallory.pem"],
        lambda deal: sftspec("keygen", "runner", "--key", deal / "mallory.pem", "--keys", deal / "mallory.json"), 2,
        "mallory.pem: keys.json does not pin this key; give the one it pins",
    ),
    "one key only": ([*CERTIFY[:7]], lambda deal: None, 2, "neither buyer nor vendor has signed"),
    "the same key twice": ([*CERTIFY[:7], *CERTIFY[5:7]], lambda deal: None, 2, "signing needs at least one key, and"),
    "keys.json is gone": (VALIDATE, lambda deal: (deal / "keys.json").unlink(), 1, "keys `keys.json`: is not there"),
    "a certificate is there": (
        CERTIFY, lambda deal: files.write_whole(deal / "trial/certificate.json", b"{}"), 2,
        "trial/certificate.json: exists; every attempt counts, so name another folder",
    ),
    "out is a file": (
        CERTIFY, lambda deal: (deal / "trial").write_text("here"), 2,
        "trial/certificate.json: cannot be written (trial is no folder); name another place",
    ),
    "out has a folder in a result's place": (
        CERTIFY, lambda deal: (deal / "trial/report.html").mkdir(parents=True), 2,
        "trial/report.html: is a folder; name a file to be written, or move it away",
    ),
    "the folder of earlier outcomes is a file": (
        [*CERTIFY, "--reuse", "keys.json"], lambda deal: None, 2, "outcome.json: cannot be written (keys.json is",
    ),
    "a key is never overwritten": (
        ["keygen", "buyer", "--key", "buyer.pem", "--keys", "keys.json"], lambda deal: None, 2,
        "buyer.pem: exists; a private key is never overwritten; choose another name",
    ),
    "one file for both halves": (
        ["keygen", "buyer", "--key", "new.json", "--keys", "./new.json"], lambda deal: None, 2,
        "--key and --keys name one file",
    ),
    "keys.json is none": (
        ["keygen", "buyer", "--key", "new.pem", "--keys", "tiny.sftspec"], lambda deal: None, 2, "tiny.sftspec: ",
    ),
    "no document": (
        ["verify", "absent.json", "--contract", "tiny.sftspec"], lambda deal: None, 2,
        "absent.json: cannot be read (No such file or directory); name a certificate or receipt",
    ),
    "a receipt alone": (
        ["verify", "receipt.json", "--contract", "tiny.sftspec"], lambda deal: sftspec(*VALIDATE), 2,
        "a receipt is verified against its delivery; name it with --delivery",
    ),
    "no receipt": (
        ["verify", "receipt.json", "--contract", "tiny.sftspec", "--delivery", "delivery"],
        lambda deal: (deal / "receipt.json").write_text('{"sftspec_receipt":1}'), 1, "receipt.json: is not a receipt: ",
    ),
    "receipt in a file's place": (
        VALIDATE, lambda deal: (deal / "receipt.json").mkdir(), 2, "receipt.json: is a folder; name a file to be",
    ),
    "a page in a folder that is not there": (
        [*VALIDATE, "--html", "reports/"], lambda deal: None, 2, "'reports/' is a folder; name a file in it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_files(kind: str, deal: Path) -> None:
    words, prepare, code, message = BAD_FILES[kind]
    if words[0] == "certify" and any(find_spec(name) is None for name in TRIAL):
        pytest.skip("fine-tuning is not installed")
    prepare(deal)
    before = contents(deal)
    refused(sftspec(*words), code, message)
    assert contents(deal) == before


def test_a_tokenizer_that_is_none_is_named(deal: Path) -> None:
    without_lock(deal)
    (deal / "base/tokenizer.json").write_text("{}")
    refused(sftspec(*VALIDATE), 1, "the tokenizer tokenizer.json cannot be read")


def test_without_lock_an_absent_template_leaves_clauses_undecided(deal: Path) -> None:
    without_lock(deal)
    (deal / "request.jinja").unlink()
    answer = done(sftspec(*VALIDATE), 4)
    assert "`request.jinja` of recipe house is not here; ask the buyer for the pack" in answer.out


@can_train
def test_training_needs_its_extra(deal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acceptance.certification.admission.find_spec", lambda name: None)
    refused(sftspec(*CERTIFY), 3, "install the extra: `pip install '.[trial]'` in the project's folder")
    assert "'.[trial]'" in (ROOT / "README.md").read_text()


# ------------------------------------------------------------------------------------------------ deliveries


def listed(deal: Path) -> None:
    done(sftspec("manifest", "tiny.sftspec", "delivery"))


def cut_gzip(deal: Path) -> None:
    path = deal / "delivery/part-02.jsonl"
    packed = gzip.compress(path.read_bytes())
    path.unlink()
    path.with_name("part-02.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    listed(deal)


def without_records(deal: Path) -> None:
    for part in (deal / "delivery").glob("part-*"):
        part.write_bytes(b"")
    listed(deal)


def without_files(deal: Path) -> None:
    (deal / "delivery/manifest.json").write_text('{"sftspec_manifest": 1, "contract": "tiny", "lots": []}\n')


def of_another_contract(deal: Path) -> None:
    path = deal / "delivery/manifest.json"
    path.write_text(path.read_text().replace('"tiny"', '"large"'))


def test_a_cut_shard_is_a_finding(deal: Path) -> None:
    cut_gzip(deal)
    answer = done(sftspec(*VALIDATE), 1)
    assert "part-02.jsonl.gz" in answer.out
    assert "the compressed file breaks off" in answer.out
    assert "compress and send the file again" in answer.out


def test_no_records_are_too_few(deal: Path) -> None:
    without_records(deal)
    answer = done(sftspec(*VALIDATE), 1)
    assert "breached  delivery.volume" in answer.out


def test_the_manifest_says_what_it_leaves_out_and_what_looks_like_no_shard(tmp_path: Path) -> None:
    (tmp_path / "small.sftspec").write_text("""sftspec 1
contract c { version: "1" buyer: "b" vendor: "v" }
record Row key id { id: Text by: ref Expert }
table Expert from "experts.jsonl" key id { id: Text }
""")
    delivery = tmp_path / "delivery"
    (delivery / "sub").mkdir(parents=True)
    (delivery / "part-1.jsonl").write_text('{"id": "a", "by": "E1"}\n')
    (delivery / "part-2.jsonl").write_text("")
    (delivery / "experts.csv").write_text("id\nE1\n")
    (delivery / "LICENSE").write_text("MIT")
    clean = sftspec("manifest", tmp_path / "small.sftspec", delivery)
    assert (clean.code, clean.err) == (0, "")

    (delivery / "sub/experts.jsonl").write_text('{"name": "E2"}\n')
    (delivery / "sub/manifest.json").write_text('{"sftspec_manifest": 1}')
    (delivery / "customers.csv").write_text("name,town\nA,B\n")
    (delivery / "notes.jsonl").write_text('{"id": 7}\n')
    (delivery / "old.jsonl").write_bytes('{"id": "b", "by": "E1"}\n'.encode("utf-16"))
    (delivery / "data.xlsx").write_bytes(b"PK")
    (delivery / "part-3.jsonl").symlink_to(delivery / "part-1.jsonl")
    (delivery / "\x1b[2J.jsonl").write_text("{}")
    told = done(sftspec("manifest", tmp_path / "small.sftspec", delivery))
    shard = "is listed as rows of Row, but"
    other = "rows of other tables belong in experts.jsonl, or take it out if it holds none"
    assert told.err.splitlines() == [
        "warning: \\x1b[2J.jsonl: is left out: it has characters that cannot be seen; rename it, or check its "
        "permissions",
        "warning: data.xlsx: is left out: a file type that a delivery may not hold; data is .jsonl, .json, .traj, .csv "
        "or .parquet, compressed as .gz or .zst, packed as .tar or .zip; remove it; nothing in a delivery is executed",
        "warning: part-3.jsonl: is left out: a symbolic link; it was not followed; send the file itself",
        f"warning: customers.csv: {shard} no row can be read: the header lacks id, by; name the columns id, by; "
        f"{other}",
        f"warning: old.jsonl: {shard} no row can be read: the file is UTF-16; save it as UTF-8 without BOM; nothing of "
        "it was read",
        f"warning: sub/experts.jsonl: {shard} its first row has no field of Row; rows of Expert belong in "
        "experts.jsonl, or take it out if it holds none",
        f"warning: sub/manifest.json: {shard} its first row has no field of Row; {other}",
    ]
    assert "lot 1  sub/experts.jsonl  1 rows of Row" in told.out

    for number in range(30):
        (delivery / f"strange-{number}.xlsx").write_bytes(b"PK")
    told = done(sftspec("manifest", tmp_path / "small.sftspec", delivery))
    *named, last = told.err.splitlines()
    assert len(named) == 20 and last.startswith("warning: further files are not named")


@pytest.mark.parametrize("verb", ["manifest", "validate", "preview"])
def test_contract_and_delivery_the_wrong_way_round(verb: str, deal: Path) -> None:
    told = "delivery is a folder and tiny.sftspec a file: the two are swapped; name the contract as the .sftspec file"
    refused(sftspec(verb, "delivery", "tiny.sftspec"), 2, told)


BAD_DELIVERIES: dict[str, tuple[Callable[[Path], Any], int, str]] = {
    "absent": (lambda deal: shutil.rmtree(deal / "delivery"), 2, "delivery: is not a folder; name the folder that"),
    "a file": (
        lambda deal: (shutil.rmtree(deal / "delivery"), (deal / "delivery").write_text("{}")), 2,
        "delivery: is not a folder; name the folder that holds the delivery",
    ),
    "no manifest": (
        lambda deal: (deal / "delivery/manifest.json").unlink(), 1,
        "delivery: the delivery has no manifest.json; the vendor writes it after the last file "
        "(`sftspec manifest tiny.sftspec delivery` writes one)",
    ),
    "manifest of another contract": (
        of_another_contract, 1, "delivery: the manifest is for contract `large`, not for `tiny`",
    ),
    "nothing is delivered": (
        without_files, 1, "delivery: manifest.json lists no file: nothing is delivered; put the shards there",
    ),
    "manifest is none": (
        lambda deal: (deal / "delivery/manifest.json").write_text("[]"), 1, "delivery: manifest.json: ",
    ),
    "manifest is deep": (
        lambda deal: (deal / "delivery/manifest.json").write_text("[" * 100_000), 1, "delivery: manifest.json: ",
    ),
    "manifest is a link": (
        lambda deal: ((deal / "delivery/manifest.json").unlink(),
                      (deal / "delivery/manifest.json").symlink_to(deal / "keys.json")), 1,
        "delivery: manifest.json cannot be read: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_DELIVERIES)
@pytest.mark.parametrize("words", [VALIDATE, pytest.param(CERTIFY, marks=can_train)], ids=["validate", "certify"])
def test_bad_deliveries(words: Sequence[object], kind: str, deal: Path) -> None:
    prepare, code, message = BAD_DELIVERIES[kind]
    prepare(deal)
    before = contents(deal)
    refused(sftspec(*words), code, message)
    assert contents(deal) == before


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[" * 200_000, b"\xff\x00" * 9, b'{"payload":1}'])
def test_documents_that_are_none_do_not_verify(data: bytes, deal: Path) -> None:
    (deal / "certificate.json").write_bytes(data)
    answer = done(sftspec("verify", "certificate.json", "--contract", "tiny.sftspec"), 1)
    failed, rest, last = answer.out.splitlines()
    assert failed.startswith("  FAILS  envelope: ")
    assert rest == f"  {len(CHECKS) - 1} further checks were not reached"
    assert last == "certificate.json: NOT VALID"
    whole = sftspec("verify", "certificate.json", "--contract", "tiny.sftspec", "--format", "json")
    assert [check["name"] for check in json.loads(whole.out)["checks"]] == [name for name, _ in CHECKS]


# ------------------------------------------------------------------------------------------------ a full disk

WRITING: dict[str, tuple[Sequence[object], str]] = {
    "keygen": (["keygen", "auditor", "--key", "auditor.pem", "--keys", "keys.json"], "keys.json"),
    "seal": (["seal", "tiny.sftspec"], "exposures.jsonl"),
    "lock": (["lock", "tiny.sftspec"], "contract.lock"),
    "pack": (["pack", "tiny.sftspec"], "tiny-1.0.0.tar.gz"),
    "manifest": (["manifest", "tiny.sftspec", "delivery"], "delivery/manifest.json"),
    "validate": (VALIDATE, "receipt.json"),
    "html": (["validate", "tiny.sftspec", "delivery", "--html", "report.html"], "report.html"),
    "fmt": (["fmt", "loose.sftspec"], "loose.sftspec"),
}


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Nothing that is written reaches the disk."""

    def no_space(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        yield


@pytest.mark.parametrize("verb", WRITING)
def test_a_full_disk_leaves_nothing(verb: str, deal: Path) -> None:
    words, named = WRITING[verb]
    (deal / "loose.sftspec").write_text((deal / "tiny.sftspec").read_text() + "\n\n\n")
    before = contents(deal)
    with full_disk():
        answer = sftspec(*words)
    assert "No space left on device" in answer.err
    assert named in answer.err or verb == "keygen"
    assert answer.code == (2 if verb == "keygen" else 3)
    assert contents(deal) == before


def test_a_disk_that_fills_up_leaves_nothing(deal: Path) -> None:
    """The kernel's own refusal, in a process that may write 100 bytes per file."""
    before = contents(deal)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    run = process(*VALIDATE, preexec_fn=small)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 3, out
    assert err == "sftspec: receipt.json: cannot be written (File too large)\n"
    assert contents(deal) == before


def test_a_real_full_disk(deal: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        html = ["validate", "tiny.sftspec", "delivery", "--html", small / "report.html"]
        (small / "filler").write_bytes(b"\0" * 12_000)
        refused(sftspec(*html), 3, "report.html: cannot be written (No space left on device)")
        assert [path.name for path in small.iterdir()] == ["filler"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


# ------------------------------------------------------------------------------------------------ terminals and pipes


def test_a_reader_that_leaves_is_no_error_message(deal: Path) -> None:
    for line in ("sftspec check --expand tiny.sftspec | head -1", "sftspec explain measures | head -1"):
        answer = shell(line, cwd=deal)
        assert (answer.returncode, len(answer.stdout.splitlines())) == (0, 1), line
        assert not {"sftspec:", "Traceback", "BrokenPipeError"} & set(answer.stderr.split())


def test_what_was_not_shown_is_not_claimed(deal: Path) -> None:
    answer = shell("sftspec check --expand tiny.sftspec | true; echo ${PIPESTATUS[0]}", cwd=deal)
    assert answer.stdout in ("3\n", "0\n")  # 0 where all was written before the reader left
    reader, writer = os.pipe()
    os.close(reader)
    run = process("check", "--expand", "tiny.sftspec", stdout=writer, cwd=deal)
    os.close(writer)
    assert not any(line.startswith("sftspec:") for line in run.communicate(timeout=60)[1].splitlines())
    assert run.returncode == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_a_closed_terminal_is_no_traceback(closed: str, deal: Path) -> None:
    for line in (f"sftspec check tiny.sftspec {closed}", f"sftspec validate tiny.sftspec delivery {closed}"):
        answer = shell(f"{line}; echo $? >code", cwd=deal)
        assert (deal / "code").read_text() == "0\n"
        assert "Traceback" not in answer.stderr + answer.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_to_a_full_disk_is_told(deal: Path) -> None:
    answer = shell("sftspec check tiny.sftspec >/dev/full; echo $?", cwd=deal)
    assert answer.stdout == "3\n"
    assert answer.stderr.splitlines()[-1] == "sftspec: No space left on device"
    assert "Traceback" not in answer.stderr


def test_a_terminal_without_unicode_is_served(deal: Path) -> None:
    (deal / "bad.sftspec").write_text('sftspec 1\n\nuse "£.sftspec"\n')
    run = process("check", "bad.sftspec", env={"PYTHONIOENCODING": "ascii"}, cwd=deal)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Traceback" not in out + err
    assert "\\xa3.sftspec" in err


# ------------------------------------------------------------------------------------------------ Ctrl-C


def long_contract(deal: Path) -> None:
    """The same deal with a training that does not end by itself."""
    path = deal / "tiny.sftspec"
    path.write_text(path.read_text().replace("steps: 2\n", "steps: 90000\n"))
    done(sftspec("lock", path))


def in_training(run: subprocess.Popen[str], store: Path) -> None:
    """Waits for the first checkpoint."""
    while not list(store.glob("*.safetensors")):
        assert run.poll() is None
        time.sleep(0.1)


def family(pid: int) -> list[int]:
    """The processes below one, as Linux lists them."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *family(int(child))]
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def heard() -> None:
    """Whoever runs the tests in the background has Ctrl-C ignored, and so have its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@can_train
@on_linux
def test_ctrl_c_during_training_stops_everything(deal: Path) -> None:
    """As a terminal does it: the signal goes to the whole group, in the middle of the workers' steps."""
    long_contract(deal)
    words = [*CERTIFY, "--workers", 2, "--reuse", "store"]
    run = process(*words, cwd=deal, start_new_session=True, preexec_fn=heard)
    try:
        in_training(run, deal / "store")
        below = family(run.pid)
        assert len(below) >= 2
        os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 3
    assert err.endswith("sftspec: stopped; nothing half-done was kept\n")
    assert "Traceback" not in out + err
    deadline = time.monotonic() + 10
    while any(map(alive, below)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in below if alive(pid)]
    assert not (deal / "trial").exists()
    stored = [path.name for path in (deal / "store").iterdir()] if (deal / "store").exists() else []
    assert all(re.fullmatch(r"[0-9a-f]{64}\.(json|safetensors)", name) for name in stored)  # nothing half-written


@can_train
@on_linux
def test_a_killed_command_leaves_no_worker(deal: Path) -> None:
    """Nothing can be caught; the workers end by themselves."""
    long_contract(deal)
    run = process(*CERTIFY, "--workers", 2, "--reuse", "store", cwd=deal, start_new_session=True)
    try:
        in_training(run, deal / "store")
        below = [pid for pid in family(run.pid) if pid != run.pid]
        os.kill(run.pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while any(map(alive, below)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert below and not [pid for pid in below if alive(pid)]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=60)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_any_command_ends_it_cleanly(
    ending: signal.Signals, deal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ending == signal.SIGINT:
        heard()
    before = signal.getsignal(ending)
    monkeypatch.setattr("acceptance.commands.validate.decide", lambda *_, **__: os.kill(os.getpid(), ending))
    refused(sftspec(*VALIDATE), 3, "sftspec: stopped; nothing half-done was kept")
    assert signal.getsignal(ending) == before
    assert not (deal / "receipt.json").exists()


# ------------------------------------------------------------------------------------------------ what is loaded

HEAVY = {"torch", "transformers", "accelerate", "lm_eval", "datasets", "pandas", "scipy", "pyarrow", "sklearn"}

LOADS = """
import json, sys
from acceptance.cli import main
code = main(json.loads(sys.argv[1]))
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def loaded(*words: object) -> set[str]:
    """The top modules that a command imports, in a fresh process."""
    command = [sys.executable, "-c", LOADS, json.dumps([str(word) for word in words])]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=True)
    code, modules = json.loads(run.stderr.splitlines()[-1])
    assert code in (0, 1), run.stderr
    return set(modules)


def test_help_loads_next_to_nothing() -> None:
    modules = loaded("--help")
    assert not modules & (HEAVY | {"numpy", "pydantic", "lark", "tokenizers", "cryptography", "jinja2"})


def test_validate_and_verify_load_no_trial(deal: Path) -> None:
    assert not loaded("check", "tiny.sftspec") & (HEAVY | {"numpy", "license_expression", "tokenizers"})
    assert not loaded(*VALIDATE) & HEAVY
    assert not loaded("verify", "receipt.json", "--contract", "tiny.sftspec", "--delivery", "delivery") & HEAVY
    (deal / "certificate.json").write_text("{}")
    unread = HEAVY | {"numpy", "license_expression", "tokenizers", "jinja2", "orjson", "zstandard"}
    assert not loaded("verify", "certificate.json", "--contract", "tiny.sftspec") & unread


def test_pack_holds_what_a_vendor_needs_and_nothing_secret(deal: Path, tmp_path: Path) -> None:
    done(sftspec("pack", "tiny.sftspec", "--out", "bundle.tar.gz"))
    shutil.unpack_archive("bundle.tar.gz", tmp_path / "vendor", filter="data")
    names = sorted(contents(tmp_path / "vendor"))
    assert names == ["base/tokenizer.json", "contract.lock", "keys.json", "request.jinja", "tiny.sftspec"]
    done(sftspec("validate", tmp_path / "vendor/tiny.sftspec", "delivery"))


def test_the_lock_of_a_bundle_holds_without_what_the_buyer_keeps(deal: Path, tmp_path: Path) -> None:
    assert "not checked" not in done(sftspec("lock", "--check", "tiny.sftspec")).out
    done(sftspec("pack", "tiny.sftspec", "--out", "bundle.tar.gz"))
    shutil.unpack_archive("bundle.tar.gz", tmp_path / "vendor", filter="data")
    left = len([path for path in contents(deal / "base") if path != "tokenizer.json"]) + 1  # and the reference
    lock = ["lock", "--check", tmp_path / "vendor/tiny.sftspec"]
    first, second = done(sftspec(*lock)).out.splitlines()
    assert first.endswith("contract.lock: holds")
    assert second == f"  not here and not checked: {left} files that the buyer keeps"

    (tmp_path / "vendor/request.jinja").unlink()
    (tmp_path / "vendor/reference").mkdir()
    (tmp_path / "vendor/reference/house.jsonl").write_text("{}\n")
    answer = done(sftspec(*lock), 1)
    assert "template `request.jinja`: is not there; put the file beside the contract" in answer.out
    assert "reference `reference/house.jsonl`: 3 bytes, " in answer.out
    assert "contract.lock: does not hold" in answer.out


def test_signing_options_are_those_of_the_procurement(deal: Path) -> None:
    assert [Path(word).name for word in signing(deal)[1::2]] == list(CERTIFY[6::2])


def test_pack_follows_what_used_files_use(deal: Path, tmp_path: Path) -> None:
    (deal / "terms").mkdir()
    (deal / "terms/house.sftspec").write_text('sftspec 1\n\nuse "more.sftspec"\n')
    (deal / "terms/more.sftspec").write_text("sftspec 1\n\ntype Money { amount: Text }\n")
    path = deal / "tiny.sftspec"
    path.write_text(path.read_text().replace("sftspec 1\n", 'sftspec 1\n\nuse "terms/house.sftspec"\n', 1))
    done(sftspec("lock", path))
    done(sftspec("pack", path, "--out", "bundle.tar.gz"))
    shutil.unpack_archive("bundle.tar.gz", tmp_path / "vendor", filter="data")
    assert {"terms/house.sftspec", "terms/more.sftspec"} <= contents(tmp_path / "vendor").keys()
    done(sftspec("validate", tmp_path / "vendor/tiny.sftspec", "delivery"))


def test_a_template_that_asks_for_what_no_record_has_is_blamed_itself(deal: Path) -> None:
    (deal / "request.jinja").write_text(
        "{{ input.history }}{% generation %}{{ target.reply }}<|end|>{% endgeneration %}"
    )
    (deal / "contract.lock").unlink()
    told = json.loads(sftspec("validate", "tiny.sftspec", "delivery", "--format", "json").out)["ledger"]
    reasons = {entry["clause"]: entry["reason"] for entry in told["entries"]}
    blamed = "could not be judged: request.jinja, line 1: `history` is not there, though the record has all its fields"
    assert reasons["training.mask"].endswith(blamed)


def test_only_what_is_bought_is_counted_as_delivered(tmp_path: Path) -> None:
    """Not the shapes of held-out items, nor a record of the library."""
    (tmp_path / "small.sftspec").write_text("""sftspec 1
use std.agent
contract c { version: "1" buyer: "b" vendor: "v" }
record Question key id { id: Text }
record Row key id { id: Text }
table Expert from "experts.jsonl" key id { id: Text }
heldout asked of Question { items: "q.jsonl" score: exact_match(answer, id) size: 5 records }
terms rules on Row { require few: count() <= 5 records }
""")
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "part-1.jsonl").write_text('{"id": "a"}\n')
    with contextlib.chdir(tmp_path):
        done(sftspec("manifest", "small.sftspec", "delivery"))
        answer = sftspec("validate", "small.sftspec", "delivery", "--format", "json")
    assert [count["table"] for count in json.loads(answer.out)["ledger"]["counts"]] == ["Row", "Expert"]
