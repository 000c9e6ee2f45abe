"""Prints of published sets: made by a command, locked, packed and checked by the vendor; damaged files are refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import tarfile
from pathlib import Path
from typing import Any

import pytest

from acceptance.cli import main
from acceptance.prints import Header, Prints, PrintsError, parse, read

CONTRACT = """
sftspec 1

contract small "Questions and answers" {
  version: "1"
  buyer: "B"
  vendor: "V"
  volume: 1..1_000 records
}

record Item key id {
  id: Text
  input { ask: Text }
  target { answer: Text }
  source { origin: human | licensed }
}

terms quality on Item {
  let resold: taken_from("prints/set.prints", fields: all_text, run: 5 words, cover: 50%)
  require not_resold "Nobody sells what is free": no(resold and source.origin == human)
  report published: share(resold)
}
"""
WORDS = ("river", "lantern", "basket", "harbour", "violin", "garden", "window", "market", "ticket", "bridge", "weighs")


def story(rng: random.Random) -> str:
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(9)}" for _ in range(30))


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def published(tmp_path: Path) -> list[dict[str, Any]]:
    rng = random.Random(5)
    return [{"q": story(rng), "chat": [{"role": "user", "content": story(rng)}]} for _ in range(40)]


@pytest.fixture
def deal(tmp_path: Path, published: list[dict[str, Any]]) -> Path:
    (tmp_path / "small.sftspec").write_text(CONTRACT.lstrip())
    made("set.jsonl", published, tmp_path)
    return tmp_path


def made(name: str, rows: list[dict[str, Any]], folder: Path, *more: str) -> int:
    lines(folder / name, rows)
    words = ["--fields", "q,chat.content", "--name", "The Set", "--license", "MIT", *more]
    return main(["prints", str(folder / name), *words, "--out", str(folder / "prints" / "set.prints")])


def test_prints_hold_no_text_and_say_what_they_are_of(deal: Path, published: list[dict[str, Any]]) -> None:
    data = (deal / "prints" / "set.prints").read_bytes()
    header = json.loads(data.split(b"\n")[0])
    assert header == {
        "sftspec_prints": 1, "algorithm": "runs_1", "run": 5, "keep": 32, "common": 20, "name": "The Set",
        "license": "MIT", "source": "not stated", "version": "not stated", "fields": ["q", "chat.content"],
        "sha256": hashlib.sha256((deal / "set.jsonl").read_bytes()).hexdigest(), "records": 40, "runs": 40 * 32,
    }  # fmt: skip
    assert not any(word.encode() in data.partition(b"\n")[2] for word in WORDS)
    assert read(deal, "prints/set.prints", 5).dumps() == data


def test_the_algorithm_has_not_changed(deal: Path) -> None:
    """Prints are made once and read for years: whoever changes these bytes gives the algorithm another name."""
    rows = [{"q": "Ünïcode ﬁrst, 12 Äpfel &amp; раураl 日本語 in a row of words"}, {"q": "7", "chat": {"content": "x"}}]
    assert made("pinned.jsonl", rows, deal) == 0
    body = (deal / "prints" / "set.prints").read_bytes().partition(b"\n")[2]
    assert hashlib.sha256(body).hexdigest()[:16] == "6bfb5be7366271a9"


def test_relabelled_records_are_found_and_the_licence_is_named(
    deal: Path, published: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(6)
    human = {"source": {"origin": "human"}}
    rows = [
        {"id": f"{at}", "input": {"ask": story(rng)}, "target": {"answer": story(rng)}, **human} for at in range(20)
    ]
    contract, delivery = str(deal / "small.sftspec"), str(deal / "delivery")
    lines(deal / "delivery" / "part.jsonl", rows)
    assert main(["manifest", contract, delivery]) == 0 and main(["validate", contract, delivery]) == 0
    taken = published[16]
    rows[3] |= {
        "input": {"ask": taken["chat"][0]["content"].upper()},
        "target": {"answer": taken["q"].replace(" ", ", ")},
    }
    rows[4] |= {"input": {"ask": "Please answer."}, "target": {"answer": published[2]["q"][:60]}}  # some of it
    lines(deal / "delivery" / "part.jsonl", rows)
    assert main(["lock", contract]) == 0 and main(["manifest", contract, delivery]) == 0
    capsys.readouterr()
    assert main(["validate", contract, delivery, "--format", "json"]) == 1
    ledger = json.loads(capsys.readouterr().out)["ledger"]
    resold, published_share = ledger["entries"][-2:]
    assert resold["basis"] == "declared" and published_share["basis"] == "recomputed"
    assert [(one["line"], one["message"]) for one in resold["findings"]] == [(4, "is record 17 of The Set (MIT)")]
    assert published_share["observed"].startswith("5 %")


def test_prints_are_locked_and_packed(deal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract, out = str(deal / "small.sftspec"), deal / "pack.tar.gz"
    assert main(["lock", contract]) == 0 and main(["pack", contract, "--out", str(out)]) == 0
    with tarfile.open(out) as pack:
        assert "prints/set.prints" in pack.getnames()
    prints = deal / "prints" / "set.prints"
    prints.write_bytes(prints.read_bytes()[:-1] + b"\0")
    assert main(["validate", contract, str(deal)]) == 1
    assert "prints `prints/set.prints`:" in capsys.readouterr().err


def test_a_lock_refuses_prints_with_other_runs(
    deal: Path, published: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert made("set.jsonl", published, deal, "--run", "6") == 0
    assert main(["lock", str(deal / "small.sftspec")]) == 1
    assert "`prints/set.prints` holds runs of 6 words, the clause asks for 5" in capsys.readouterr().err


def test_without_a_lock_an_absent_file_leaves_the_clause_undecided(
    deal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (deal / "prints" / "set.prints").unlink()
    contract, delivery = str(deal / "small.sftspec"), str(deal / "delivery")
    row = {"id": "1", "input": {"ask": "a"}, "target": {"answer": "b"}, "source": {"origin": "human"}}
    lines(deal / "delivery" / "part.jsonl", [row])
    assert main(["manifest", contract, delivery]) == 0 and main(["validate", contract, delivery]) == 4
    assert "`prints/set.prints`: is not there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("a.jsonl", '{"q": "a b", "q": "c"}\n', [], "a.jsonl:1: "),
        ("a.jsonl", '{"q": "a b"}\n', [], "no record has a text in `chat.content`; its fields of text: `q`\n"),
        (
            "a.jsonl",
            '{"n": 1, "chat": [{"content": "c"}, {"content": "d", "tool": "t"}]}\n',
            [],
            "no record has a text in `q`; its fields of text: `chat.content`, `chat.tool`\n",
        ),
        ("a.jsonl", '{"n": 1}\n', [], "no record has a text in `q`; its fields of text: none\n"),
        ("a.csv", "q\na\n", [], "save the set as JSON Lines"),
        ("a.jsonl", '{"q": "a", "chat": {"content": "c"}}\n', ["--name", "a\nb"], "--name: "),
        ("a.jsonl", '{"q": "a", "chat": {"content": "c"}}\n', ["--license", ""], "--license : names no licence"),
        (
            "a.jsonl",
            '{"q": "a", "chat": {"content": "c"}}\n',
            ["--license", "foo"],
            '--license foo: names a licence that SPDX does not list; use an SPDX identifier, or "LicenseRef-..."',
        ),
        (
            "a.jsonl",
            "",
            ["--license", "mit"],
            '--license mit: does not spell its licences as SPDX lists them; write "MIT"',
        ),
    ],
)
def test_a_set_that_cannot_be_read_whole_is_refused(
    name: str, content: str, more: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content)
    out = tmp_path / "out.prints"
    words = ["--fields", "q,chat.content", "--name", "N", "--license", "MIT", "--out", str(out), *more]
    assert main(["prints", str(tmp_path / name), *words]) in (1, 2)
    assert message in capsys.readouterr().err and not out.exists()


def test_a_compressed_set_gives_the_same_hashes(deal: Path, published: list[dict[str, Any]]) -> None:
    plain = read(deal, "prints/set.prints", 5)
    (deal / "set.jsonl.gz").write_bytes(gzip.compress((deal / "set.jsonl").read_bytes()))
    words = ["--fields", "q,chat.content", "--name", "N", "--license", "MIT", "--out", str(deal / "b.prints")]
    assert main(["prints", str(deal / "set.jsonl.gz"), *words]) == 0
    assert (read(deal, "b.prints", 5).runs == plain.runs).all()


# ------------------------------------------------------------------------------------------------ hostile files


def good(deal: Path) -> tuple[dict[str, Any], bytes]:
    head, _, body = (deal / "prints" / "set.prints").read_bytes().partition(b"\n")
    return json.loads(head), body


CHANGES: dict[str, dict[str, Any]] = {
    "another version": {"sftspec_prints": 2},
    "another algorithm": {"algorithm": "runs_2"},
    "more records than bytes": {"records": 9_999_999},
    "a huge number": {"records": 10**30},
    "negative": {"records": -1},
    "terminal codes in the name": {"name": "\x1b[2J"},
    "a name of many lines": {"name": "a\nb"},
    "right-to-left override": {"license": "MIT\u202e"},
    "no fields": {"fields": []},
    "an unknown key": {"text": "x"},
    "fewer runs kept than there are": {"keep": 8},
    "a run of one word": {"run": 1},
    "a true number": {"run": True},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_header_that_lies_is_refused(change: str, deal: Path) -> None:
    head, body = good(deal)
    with pytest.raises(PrintsError, match=r"^x\.prints: "):
        parse(json.dumps(head | CHANGES[change]).encode() + b"\n" + body, "x.prints")


def test_hashes_that_are_out_of_order_or_too_common_are_refused(deal: Path) -> None:
    """A run that every record has would make rows times records pairs of every row."""
    head, body = good(deal)
    for start in (40 * 9, 40 * 9 + 4 * 31):
        swapped = bytearray(body)
        swapped[start : start + 4] = b"\xff" * 4 if start == 40 * 9 else b"\0" * 4
        with pytest.raises(PrintsError, match="not as its header says"):
            parse(json.dumps(head).encode() + b"\n" + bytes(swapped), "x")
    everywhere = bytearray(body)
    for record in range(40):
        at = 40 * 9 + 4 * 32 * record
        everywhere[at : at + 4] = b"\0" * 4
    with pytest.raises(PrintsError, match="not as its header says"):
        parse(json.dumps(head).encode() + b"\n" + bytes(everywhere), "x")


def test_any_bytes_are_prints_or_refused(deal: Path) -> None:
    rng, (head, body) = random.Random(3), good(deal)
    data = json.dumps(head).encode() + b"\n" + body
    for junk in (b"", b"\n", b"{}\n", b"\0" * 100_000, os.urandom(2_000), data[:-1], data + b"\0"):
        with pytest.raises(PrintsError):
            parse(junk, "x")
    for _ in range(300):
        damaged = bytearray(data)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        try:
            found = parse(bytes(damaged), "x")
        except PrintsError:
            continue
        assert len(found.runs) == found.header.runs == int(found.counts.sum(dtype=int))


def test_a_set_of_nothing_has_prints(tmp_path: Path) -> None:
    import numpy as np

    header = Header(run=5, keep=8, common=1, name="n", license="l", source="s", version="v", fields=("f",),
                    sha256="0" * 64, records=0, runs=0)  # fmt: skip
    empty = Prints(header, np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(0, np.uint32))
    assert parse(empty.dumps(), "x").header == header
