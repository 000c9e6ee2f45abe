"""Where a result goes is tried before the work: one message of wrong usage, and nothing is left."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import plugged
import pytest

from acceptance import files
from acceptance.errors import Refused
from acceptance.files import can_hold, write_whole
from tests.procurement import CONTRACT, agreed_on, build, done, sftspec

REVIEW = """
terms reading on Request {
  require by_eye: defective(rubric: "rubric.md") <= 20% at 90% confidence accepting 2% at 80%
}
"""

RESULTS: dict[str, tuple[str, str]] = {
    "keygen": ("keygen auditor --key {}/a.pem --keys keys.json", "a.pem"),
    "keygen, public half": ("keygen auditor --key a.pem --keys {}/other.json", "other.json"),
    "seal": ("seal tiny.sftspec --out {}/promises.json", "promises.json"),
    "seal, ledger": ("seal tiny.sftspec --secrets {}/secrets.json", "exposures.jsonl"),
    "an appeal": ("seal tiny.sftspec --secrets {}/secrets.json --answered calls", "exposures.jsonl"),
    "prints": ("prints delivery/part-01.jsonl --fields id --name x --license MIT --out {}/x.prints", "x.prints"),
    "pack": ("pack tiny.sftspec --out {}/bundle.tar.gz", "bundle.tar.gz"),
    "plugin": ("plugin loud --out {}", "loud.sftspec"),
    "validate": ("validate tiny.sftspec delivery --html {}/report.html", "report.html"),
    "sample": ("sample tiny.sftspec delivery --out {}", "rubric.csv"),
}
"""The words of a command that writes to the folder `{}`, and what it writes there."""

FIXED: dict[str, tuple[str, str]] = {
    "lock": ("lock tiny.sftspec", "contract.lock"),
    "manifest": ("manifest tiny.sftspec delivery", "delivery/manifest.json"),
}
"""The same where the name is not the user's to choose."""

BESIDE = {"sample, records": ("sample tiny.sftspec delivery --out {} --records", "rubric.jsonl")}
"""A second file beside the first."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    contract = build(tmp_path_factory.mktemp("deals") / "deal")
    contract.write_text(CONTRACT + REVIEW)
    (contract.parent / "rubric.md").write_text("Is it right?\n")
    return agreed_on(contract).parent


@pytest.fixture
def deal(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plugged.install(tmp_path, monkeypatch)
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "deal"))
    return Path.cwd()


def everything(folder: Path) -> dict[str, bytes]:
    """Files and folders, too."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def refuses(deal: Path, words: Sequence[str], message: str) -> None:
    before = everything(deal)
    answer = done(sftspec(*words), 2)
    assert (answer.out, answer.err) == ("", f"sftspec: {message}\n")
    assert everything(deal) == before


@pytest.mark.parametrize("verb", RESULTS)
def test_a_folder_that_is_not_there_is_made(verb: str, deal: Path) -> None:
    words, name = RESULTS[verb]
    if verb != "an appeal":  # which opens secrets, and draws none
        done(sftspec(*words.replace("{}", "new/folder").split()))
        assert (deal / "new/folder" / name).is_file()


@pytest.mark.parametrize("verb", RESULTS)
def test_a_path_through_a_file(verb: str, deal: Path) -> None:
    words, name = RESULTS[verb]
    place = f"rubric.md/deeper/{name}"
    told = f"{place}: cannot be written (rubric.md is no folder); name another place"
    refuses(deal, words.replace("{}", "rubric.md/deeper").split(), told)


@pytest.mark.parametrize("verb", [*RESULTS, *FIXED, *BESIDE])
def test_a_folder_in_its_place(verb: str, deal: Path) -> None:
    words, name = (RESULTS | FIXED | BESIDE)[verb]
    place = deal / (name if verb in FIXED else f"there/{name}")
    place.unlink(missing_ok=True)
    place.mkdir(parents=True)
    told = f"{place.relative_to(deal)}: is a folder; name a file to be written, or move it away"
    refuses(deal, words.replace("{}", "there").split(), told)


@pytest.mark.parametrize("verb", [*RESULTS, *FIXED])
def test_a_folder_that_may_only_be_read(verb: str, deal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, name = (RESULTS | FIXED)[verb]
    place = name if verb in FIXED else f"there/{name}"
    (deal / "there").mkdir()
    monkeypatch.setattr(files, "TemporaryFile", read_only((deal / place).parent))
    told = f"{place}: cannot be written (Read-only file system); name another place"
    refuses(deal, words.replace("{}", "there").split(), told)


def read_only(folder: Path) -> Callable[..., Any]:
    """What the kernel answers there; a test may run as root, to whom no folder is read-only."""

    def open_(dir: Path) -> Any:
        if dir.resolve() == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return TemporaryFile(dir=dir)

    return open_


def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match="pipe: is no plain file; name a file to be written"):
        can_hold(tmp_path / "pipe")


def test_no_link_is_followed_where_the_unfinished_file_goes(tmp_path: Path) -> None:
    (tmp_path / f".manifest.json.{os.getpid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="cannot be written"):
        write_whole(tmp_path / "manifest.json", b"{}")
    assert not (tmp_path / "elsewhere").exists()
