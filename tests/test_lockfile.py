"""contract.lock: what it pins, that no byte changes unnoticed, and that nothing outside the folder is read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec_lang import lockfile
from spec_lang.lockfile import Lock, LockError, Sealed, Seals
from spec_lang.paths import PathError, inside
from tests import synthetic

CONTRACT = synthetic.contract()
SEALED = (
    Sealed(heldout="general", commitment="b" * 64, items=40),
    Sealed(heldout="exam", commitment="a" * 64, items=40),
)
SEALS = Seals(seal="d" * 32, sealed=SEALED, seeds=("c" * 64,))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return synthetic.folder(tmp_path / "deal")


def made(here: Path) -> Lock:
    return lockfile.build(CONTRACT, synthetic.SOURCE, here, SEALS)


def test_every_named_file_is_pinned_under_its_role(here: Path) -> None:
    """The tokenizer lies in the base's folder, so it is pinned twice: a vendor without the base checks it too."""
    assert [(file.path, file.role) for file in made(here).files] == [
        ("data/house.jsonl", "reference"),
        ("keys.json", "keys"),
        ("model/model.safetensors", "base"),
        ("model/tokenizer.json", "base"),
        ("model/tokenizer.json", "tokenizer"),
        ("request.jinja", "template"),
        ("rubric.md", "rubric"),
    ]
    assert made(here).seals == SEALS
    assert [one.heldout for one in SEALS.sealed] == ["exam", "general"]


def test_pilots_are_pinned_on_request(here: Path) -> None:
    (here / "pilot.jsonl").write_text("{}\n")
    lock = lockfile.build(CONTRACT, synthetic.SOURCE, here, pilot=("pilot.jsonl", ()))
    assert lock.pinned("pilot", "pilot.jsonl")
    (here / "pilot.jsonl").write_text("[]\n")
    assert "pilot `pilot.jsonl`: 3 bytes" in lockfile.check(lock, CONTRACT, here)[0]


def test_what_is_written_is_read(here: Path) -> None:
    lock = made(here)
    lockfile.write(lock, here / "contract.lock")
    assert lockfile.read(here / "contract.lock") == lock
    assert lockfile.check(lock, CONTRACT, here, source=synthetic.SOURCE) == []
    assert lockfile.unsealed(lock, CONTRACT) == []


@settings(deadline=None)
@given(data=st.data())
def test_no_other_bytes_are_that_lock(data: st.DataObject) -> None:
    """A changed, added or removed byte is refused, or is another lock with another digest."""
    lock = Lock(contract="a" * 64, source="b" * 64, files=(), seals=SEALS)
    text = bytearray(lock.dumps())
    at = data.draw(st.integers(0, len(text) - 1))
    match data.draw(st.sampled_from(["change", "add", "remove"])):
        case "change":
            text[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
        case "add":
            text.insert(at, data.draw(st.integers(0, 255)))
        case _:
            del text[at]
    try:
        other = lockfile.parse(bytes(text))
    except LockError:
        return
    assert other.dumps() == bytes(text) != lock.dumps()
    assert other.digest() != lock.digest()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "contract.lock: the file: Invalid JSON"),
        (b"[" * 100_000, "contract.lock: the file: Invalid JSON"),
        (b"\xff\xfe", "contract.lock: the file: Invalid JSON"),
        (b'{"sftspec_lock":1}', "contract.lock: contract: Field required"),
    ],
)
def test_other_bytes_are_refused_in_words(text: bytes, says: str) -> None:
    with pytest.raises(LockError, match="^" + says):
        lockfile.parse(text)


def test_a_file_once_under_one_role(here: Path) -> None:
    value = json.loads(made(here).dumps())
    value["files"].append(value["files"][0])
    with pytest.raises(LockError, match="a file is listed twice under one role"):
        lockfile.parse(json.dumps(value, sort_keys=True, indent=2).encode() + b"\n")


def test_unsorted_files_are_refused(here: Path) -> None:
    value = json.loads(made(here).dumps())
    value["files"].reverse()
    with pytest.raises(LockError, match="not as `sftspec lock` writes it"):
        lockfile.parse(json.dumps(value, sort_keys=True, indent=2).encode() + b"\n")


def test_an_edited_file_is_named(here: Path) -> None:
    lock = made(here)
    (here / "request.jinja").write_text("{{ other }}")
    (problem,) = lockfile.check(lock, CONTRACT, here)
    assert problem.startswith("template `request.jinja`: 11 bytes, sha256 ")
    assert problem.endswith("restore the file, or agree on the change and run `sftspec lock` again")


def test_a_file_added_to_or_removed_from_the_base_is_named(here: Path) -> None:
    lock = made(here)
    (here / "model/extra.bin").write_text("more")
    (here / "model/model.safetensors").unlink()
    assert lockfile.check(lock, CONTRACT, here) == [
        "contract.lock: base `model/extra.bin` is not pinned; remove the file, or run `sftspec lock` again",
        "contract.lock: base `model/model.safetensors` is pinned but is not here; "
        "restore it, or run `sftspec lock` again",
    ]


def test_all_that_is_missing_is_named_at_once(here: Path) -> None:
    (here / "request.jinja").unlink()
    (here / "data/house.jsonl").unlink()
    with pytest.raises(LockError) as raised:
        made(here)
    advice = "is not there; put the file beside the contract or correct its name"
    assert str(raised.value) == f"`data/house.jsonl`: {advice}\n  `request.jinja`: {advice}"


def test_the_vendor_needs_only_the_bundle(here: Path) -> None:
    lock = made(here)
    (here / "data/house.jsonl").unlink()
    (here / "model/model.safetensors").unlink()
    assert lockfile.check(lock, CONTRACT, here, lockfile.VENDOR_ROLES) == []
    assert lockfile.check(lock, CONTRACT, here, ["reference"]) == [
        "reference `data/house.jsonl`: is not there; put the file beside the contract or correct its name"
    ]


def test_another_contract_and_another_text_are_told_apart(here: Path) -> None:
    lock = made(here)
    other = CONTRACT.model_copy(update={"version": "1.0.1"})
    assert lockfile.check(lock, other, here)[0].startswith("contract.lock: pins contract ")
    assert lockfile.check(lock, CONTRACT, here, source=b"other")[0].startswith(
        "contract.lock: the contract means the same but its text was edited since"
    )


@pytest.mark.parametrize(("locked", "ends", "now"), [(b"\n", "LF", b"\r\n"), (b"\r\n", "CRLF", b"\n")])
def test_line_ends_that_differ_are_told_from_an_edit(locked: bytes, ends: str, now: bytes, here: Path) -> None:
    lines = synthetic.SOURCE.splitlines()
    lock = lockfile.build(CONTRACT, locked.join(lines), here)
    (problem,) = lockfile.check(lock, CONTRACT, here, source=now.join(lines))
    assert f"only its line ends differ: it was locked with {ends}; restore the text" in problem
    assert "edited" in lockfile.check(lock, CONTRACT, here, source=now.join([*lines, b"# more"]))[0]


def test_what_is_not_sealed_is_listed(here: Path) -> None:
    short = SEALED[1].model_copy(update={"items": 39})
    seals = Seals(seal="d" * 32, sealed=(short, short.model_copy(update={"heldout": "quiz"})), seeds=("c" * 64,) * 2)
    assert [problem.split(";")[0] for problem in lockfile.unsealed_by(seals, CONTRACT)] == [
        "held-out set `exam` is sealed with 39 items, the contract says 40",
        "held-out set `general` is not sealed",
        "`quiz` is sealed, which the contract does not declare",
        "seeds are promised for 2 attempts, the contract allows 1",
    ]
    lock = lockfile.build(CONTRACT, synthetic.SOURCE, here)
    assert lockfile.unsealed(lock, CONTRACT) == [
        "contract.lock: held-out sets and seeds are not sealed; run `sftspec seal`, then `sftspec lock`"
    ]


def test_seals_have_one_written_form(here: Path) -> None:
    (here / "seals.json").write_bytes(SEALS.dumps())
    assert lockfile.read_seals(here / "seals.json") == SEALS
    (here / "seals.json").write_bytes(SEALS.dumps() + b"\n")
    with pytest.raises(LockError, match="not as `sftspec seal` writes it"):
        lockfile.read_seals(here / "seals.json")


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../other", "a/../../other", "a/./b", "./a", "a//b", "a/", "C:x", "a\\b", "a\0b", ".", "a\nb"],
)
def test_a_path_outside_or_odd_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(PathError, match="name a file inside the contract's folder"):
        inside(tmp_path, name)


def test_links_do_not_lead_out(here: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (here / "request.jinja").unlink()
    (here / "request.jinja").symlink_to(tmp_path / "secret")
    with pytest.raises(LockError, match=r"`request.jinja`: leads out of the contract's folder"):
        made(here)


def test_a_link_in_the_base_does_not_lead_out(here: Path, tmp_path: Path) -> None:
    (here / "model/outside").symlink_to(tmp_path)
    with pytest.raises(LockError, match=r"`model/outside`: a link to a folder"):
        made(here)


def test_a_pipe_does_not_hang(here: Path) -> None:
    (here / "rubric.md").unlink()
    os.mkfifo(here / "rubric.md")
    with pytest.raises(LockError, match=r"`rubric.md`: is not a regular file"):
        made(here)
