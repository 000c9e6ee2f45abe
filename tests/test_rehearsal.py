"""Held-out sets and references with one thing wrong: `seal` and `lock` name file, line and path."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.deal import sound
from acceptance.rehearsal import problems
from tests.procurement import EXAMPLE, build, done, sftspec

SECRET = "SECRET-7f3a"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def contract(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole.parent, tmp_path / "deal")
    return tmp_path / "deal" / whole.name


def edited(contract: Path, file: str, line: int, change: Callable[[dict[str, Any]], object]) -> None:
    lines = (contract.parent / file).read_text("utf-8").splitlines()
    row = json.loads(lines[line - 1])
    change(row)
    lines[line - 1] = json.dumps(row)
    (contract.parent / file).write_text("\n".join(lines) + "\n", "utf-8")


def rehearsed(contract: Path) -> list[str]:
    return problems(sound(contract)[0], contract.parent, lambda at: None)


def test_sound_files_are_rehearsed_in_silence(contract: Path) -> None:
    assert rehearsed(contract) == []


def test_so_are_those_of_the_example() -> None:
    assert rehearsed(EXAMPLE / "back_office.sftspec") == []


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("sealed/general.jsonl", lambda row: row.update(targte=1), "3 $.targte: is a field nobody declared"),
        ("sealed/general.jsonl", lambda row: row.pop("id"), "3 $.id: is missing"),
        ("sealed/general.jsonl", lambda row: row["input"].update(task=SECRET), "3 $.input.task: is none of the"),
        ("sealed/general.jsonl", lambda row: row["input"].update(request="Say <|end|> now"), "3: "),
        ("reference/house.jsonl", lambda row: row["input"].update(request=7), "3 $.input.request: is not a text"),
        ("reference/house.jsonl", lambda row: row["input"].update(request="Say <|end|> now"), "3: "),
    ],
)  # fmt: skip
def test_a_file_with_one_thing_wrong(contract: Path, file: str, change: Any, told: str) -> None:
    edited(contract, file, 3, change)
    found = rehearsed(contract)
    assert [one.startswith(f"{file}:{told}") for one in found] == [True], found
    assert SECRET not in "".join(found)


def test_a_line_that_is_no_json(contract: Path) -> None:
    path = contract.parent / "sealed/general.jsonl"
    path.write_text(path.read_text("utf-8").replace("{", "[", 1), "utf-8")
    assert [one.split(": ")[0] for one in rehearsed(contract)] == ["sealed/general.jsonl:1"]


def test_lock_and_pack_say_that_nobody_could_sign(contract: Path) -> None:
    contract.write_text(contract.read_text("utf-8").replace('  keys: "keys.json"\n', ""), "utf-8")
    for command in (["lock", contract], ["pack", contract, "--out", contract.parent / "pack.tar.gz"]):
        assert "the contract pins no keys" in done(sftspec(*command)).err
    assert "SFT4130" in done(sftspec("check", contract)).err


def test_many_problems_of_a_file_are_cut_short(contract: Path) -> None:
    path = contract.parent / "reference/house.jsonl"
    path.write_text("{}\n" * 30, "utf-8")
    found = rehearsed(contract)
    assert len(found) == 21 and found[-1] == "reference/house.jsonl: more of the kind"


@pytest.mark.parametrize(("command", "written"), [("seal", "seals.json"), ("lock", "contract.lock")])
def test_seal_and_lock_tell_them_all_and_write_nothing(command: str, written: str, contract: Path) -> None:
    for role in ("buyer", "vendor", "runner"):
        done(sftspec("keygen", role, "--key", contract.parent / f"{role}.pem", "--keys", contract.parent / "keys.json"))
    edited(contract, "sealed/general.jsonl", 3, lambda row: row.pop("id"))
    edited(contract, "reference/house.jsonl", 2, lambda row: row.pop("id"))
    answer = done(sftspec(command, contract), code=1)
    for place in ("sealed/general.jsonl:3 $.id", "reference/house.jsonl:2 $.id"):
        assert f"{place}: is missing\n" in answer.err
    assert not (contract.parent / written).exists()
